import CPlatform
import Glibc

extension SimulatedDisk {
  /// As GC removes the files of a phase; `nil` for success.
  mutating func remove(_ path: [UInt8], _ phase: CachePhase) -> RemovalError? {
    if isMissing(path) { return .missing }
    if phase == .installed { return removeTree(path) }
    if case .success = folder(at: path) { return removeTree(path) }
    return removeFile(path)
  }

  /// What stands at the path, a link for itself; `nil` for nothing.
  func stamp(_ path: [UInt8]) -> CollectionPlan.FilesStamp? {
    if isMissing(path) { return nil }
    guard case .success(let place) = parent(of: path), place.isPlain,
      case .success(let entry) = look(place.folder, place.name)
    else { return nil }
    return CollectionPlan.FilesStamp(entry)
  }

  /// What is missing now was missing before any step: one call of the system, for most rows of an index
  /// whose files are gone.
  private func isMissing(_ path: [UInt8]) -> Bool {
    // Behind a slash a link is followed here, and not where it is unlinked.
    guard path.count < PATH_MAX, !path.contains(0), path.last != UInt8(ascii: "/") else {
      return false
    }
    var info = stat()
    return path.withCString { statPath($0, &info, follows: false) } != 0 && errno == ENOENT
  }

  /// Rust's `remove_dir_all`: of a link the link, of a folder all that is in it, then the folder. `nil`
  /// for success.
  mutating func removeTree(_ path: [UInt8]) -> RemovalError? {
    let place: Place
    switch parent(of: path) {
    case .success(let found): place = found
    case .failure(let error): return error
    }
    if place.isPlain && !place.hasSlash {
      switch look(place.folder, place.name) {
      case .failure(let error): return error
      case .success(let entry) where entry.isLink: return unlink(place, entry)
      case .success(let entry) where !entry.isFolder: return RemovalError(ENOTDIR)
      case .success: break
      }
    }
    switch folder(at: place) {
    case .failure(let error): return error
    case .success(let top):
      top.mayChangeOwn = mayChangeOwn
      if let error = empty(top) { return error }
    }
    return removeFolder(path)
  }

  /// `unlink`; `nil` for success.
  mutating func removeFile(_ path: [UInt8]) -> RemovalError? {
    switch parent(of: path) {
    case .failure(let error): return error
    case .success(let place):
      guard place.isPlain else { return RemovalError(EISDIR) }
      switch look(place.folder, place.name) {
      case .failure(let error): return error
      case .success(let entry):
        if entry.isFolder { return RemovalError(EISDIR) }
        return place.hasSlash ? RemovalError(ENOTDIR) : unlink(place, entry)
      }
    }
  }

  private mutating func unlink(_ place: Place, _ entry: cplatform_entry) -> RemovalError? {
    if let error = place.folder.obstacle(entry) { return error }
    if entry.isMounted(in: place.folder.entry) { return RemovalError(EBUSY) }
    counted.add(entry)
    gone[place.folder.id, default: []].insert(place.name)
    return nil
  }

  /// `rmdir` of what is empty by now.
  private mutating func removeFolder(_ path: [UInt8]) -> RemovalError? {
    switch parent(of: path) {
    case .failure(let error): return error
    case .success(let place):
      if place.name.isEmpty { return RemovalError(EBUSY) }
      if place.name == [46] { return RemovalError(EINVAL) }
      if place.name == [46, 46] { return RemovalError(ENOTEMPTY) }
      switch look(place.folder, place.name) {
      case .failure(let error): return error
      case .success(let entry):
        if let error = place.folder.obstacle(entry) { return error }
        guard entry.isFolder else { return RemovalError(ENOTDIR) }
        if entry.isMounted(in: place.folder.entry) { return RemovalError(EBUSY) }
        counted.add(entry)
        gone[place.folder.id, default: []].insert(place.name)
        return nil
      }
    }
  }

  /// All that is in a folder, in the order in which it is read; `nil` where nothing stays.
  private mutating func empty(_ top: SimulatedFolder) -> RemovalError? {
    var walk = TreeWalk()
    if let error = walk.enter(top, without: gone[top.id] ?? []) { return error }
    while let level = walk.current, let folder = level.folder {
      guard let name = level.next else {
        if let error = walk.leave(&counted) { return fail(walk, error) }
        continue
      }
      switch folder.look(name) {
      case .failure(let error) where error.code == ENOENT: walk.pass()
      case .failure(let error): return fail(walk, error)
      case .success(let entry):
        if let error = step(&walk, folder, name, entry) { return fail(walk, error) }
      }
    }
    gone[top.id, default: []].formUnion(walk.removedAtTop)
    return nil
  }

  private mutating func step(
    _ walk: inout TreeWalk, _ folder: SimulatedFolder, _ name: [UInt8], _ entry: cplatform_entry
  ) -> RemovalError? {
    guard entry.isFolder else {
      if let error = folder.obstacle(entry) { return error }
      if entry.isMounted(in: folder.entry) { return RemovalError(EBUSY) }
      counted.add(entry)
      walk.pass()
      return nil
    }
    switch SimulatedFolder.open(folder.descriptor, name) {
    case .failure(let error): return error
    case .success(let inner):
      inner.mayChangeOwn = mayChangeOwn
      return walk.enter(inner, without: gone[inner.id] ?? [])
    }
  }

  /// What was removed before the failure is gone all the same.
  private mutating func fail(_ walk: TreeWalk, _ error: RemovalError) -> RemovalError {
    for (folder, names) in walk.removed { gone[folder, default: []].formUnion(names) }
    return error
  }
}

extension CollectionPlan.FilesStamp {
  init(_ entry: cplatform_entry) {
    device = entry.device
    inode = entry.inode
    modified = entry.modified.seconds &* 1_000_000_000 &+ entry.modified.nanoseconds
  }
}
