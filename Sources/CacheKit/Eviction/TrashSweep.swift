import CPlatform
import Glibc
import SystemPackage

/// What earlier runs left in the trash: removed once nobody keeps it, finished where a run ended early.
struct TrashSweep {
  let root: JailedRoot
  /// Seconds since the epoch.
  let now: Int64

  /// A folder of one run.
  struct Run: Sendable, Hashable {
    var plan: String
    /// 0 for not kept.
    var until: Int64
    var madeAt: UInt64
    var name: [UInt8]

    init?(_ name: [UInt8]) {
      let parts = String(decoding: name, as: UTF8.self).split(separator: ".")
      guard parts.count == 3, let until = Int64(parts[1]), let madeAt = UInt64(parts[2]) else {
        return nil
      }
      (plan, self.until, self.madeAt, self.name) = (String(parts[0]), until, madeAt, name)
    }
  }

  /// The trash of the root, held; `nil` where there is none, which is one call of the system.
  private func trash(_ mount: [UInt8]) -> SimulatedFolder? {
    var base = root.descriptor
    if !mount.isEmpty {
      base = mount.withCString { cplatform_hold_jailed(root.descriptor, $0, 1) }
      guard base >= 0 else { return nil }
    }
    defer { if !mount.isEmpty { close(base) } }
    let held = TrashFolder.folderName.withCString { cplatform_hold_jailed(base, $0, 0) }
    guard held >= 0, case .success(let folder) = SimulatedFolder.take(held) else { return nil }
    // What somebody else put there is nothing of ours.
    return folder.entry.owner == cplatform_acting_user() ? folder : nil
  }

  /// Where files were moved on their own file systems.
  private static let mounts: [[UInt8]] = [
    [], Array("archives".utf8), Array("installed".utf8), Array("toolchains".utf8),
    Array("platforms".utf8),
  ]

  func runs() -> [Run] {
    guard let trash = trash([]), case .success(let names) = trash.names() else { return [] }
    return names.compactMap(Run.init).sorted { $0.madeAt < $1.madeAt }
  }

  /// The same with every change of ours; where there is no trash it costs one call of the system.
  static func sweep(_ cache: DiskCache, now: Int64) {
    let location = cache.location
    guard FileStatus(unfollowed: location.root.appending(".cachescope-trash")) != nil,
      let root = JailedRoot(location)
    else { return }
    TrashSweep(root: root, now: now).sweep(cache)
  }

  /// Removes every run that nobody works on and nobody keeps. Rows are not asked: what lies there has none.
  func sweep(_ cache: DiskCache) {
    for run in runs() {
      if run.until <= now { finish(run, cache) } else { forgetReturned(run, cache) }
    }
    for mount in Self.mounts {
      guard let trash = trash(mount), case .success(let names) = trash.names() else { continue }
      for run in names.compactMap(Run.init) where run.until <= now { remove(run, trash) }
      removeTrash(mount)
    }
  }

  /// Forgets what a run keeps no longer: an undo that was killed had put it back already.
  private func forgetReturned(_ run: Run, _ cache: DiskCache) {
    guard let trash = trash([]), let lock = Lock(run, trash) else { return }
    for (number, record) in records(run) where !holdsFiles(run, number) {
      if (try? cache.writer.read { try record.isBack($0) }) == true { forget(run, number) }
    }
    finish(run)
    _ = consume lock
  }

  private func holdsFiles(_ run: Run, _ number: Int) -> Bool {
    Self.mounts.contains { mount in
      guard let trash = trash(mount),
        case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name),
        case .success = folder.look(Array("\(number)".utf8))
      else { return false }
      return true
    }
  }

  private func removeTrash(_ mount: [UInt8]) {
    let base =
      mount.isEmpty
      ? dup(root.descriptor)
      : mount.withCString {
        cplatform_hold_jailed(root.descriptor, $0, 1)
      }
    guard base >= 0 else { return }
    _ = TrashFolder.folderName.withCString { unlinkPath(in: base, $0, AT_REMOVEDIR) }
    close(base)
  }

  /// A run that ended between clearing a row and moving its files: they go now, if no row has come to need
  /// them.
  private func finish(_ run: Run, _ cache: DiskCache) {
    guard let trash = trash([]), let lock = Lock(run, trash),
      case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name)
    else { return }
    let root = bytes(of: root.location.root)
    for (number, record) in records(run) {
      guard case .failure = folder.look(Array("\(number)".utf8)),
        case .success(let place) = PathJail(self.root.location).place(of: record.place)
      else { continue }
      // Any row counts, also one that has the entry's id again.
      let key = CollectionRun.Key(id: .min, phase: record.phase)
      let victim = PathOverlaps.Victim(key: key, components: place.components)
      try? cache.writer.write { db in
        guard try PathOverlaps([victim], root: root).read(db).isEmpty else { return }
        moveAway(place, record.stamp, number, folder)
      }
    }
    _ = consume lock
  }

  /// Only what stood there when the row was cleared: somebody may have installed it anew since, and not
  /// have told the index yet.
  private func moveAway(
    _ place: PathJail.Place, _ stamp: String, _ number: Int, _ target: SimulatedFolder
  ) {
    guard root.obstacle(place) == nil, case .success(let folder) = root.folder(of: place),
      case .success(let entry) = folder.look(place.name),
      CollectionPlan.FilesStamp(entry).text == stamp
    else { return }
    let result = place.name.withCString { old in
      "\(number)".withCString {
        cplatform_rename_new(folder.descriptor, old, target.descriptor, $0)
      }
    }
    guard result != 0, errno == EXDEV else { return }
    var remover = TrashRemover(trash: folder.descriptor)
    _ = remover.remove(place.name, in: folder.descriptor)
  }

  /// The lock of a run, where nobody else has it.
  private struct Lock: ~Copyable {
    private let descriptor: CInt

    init?(_ run: Run, _ trash: SimulatedFolder) {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      descriptor = run.name.withCString { openPath(in: trash.descriptor, $0, flags) }
      guard descriptor >= 0 else { return nil }
      guard lockDescriptor(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        return nil
      }
    }

    deinit { close(descriptor) }
  }

  private func remove(_ run: Run, _ trash: SimulatedFolder) {
    guard let lock = Lock(run, trash) else { return }
    var remover = TrashRemover(trash: trash.descriptor)
    _ = remover.remove(run.name, in: trash.descriptor)
    _ = consume lock
  }

  /// The records of a run, by their numbers.
  func records(_ run: Run) -> [(number: Int, record: TrashRecord)] {
    let path = root.location.root.appending(".cachescope-trash")
      .appending(FilePath(bytes: run.name).components)
    guard let trash = trash([]),
      case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name),
      case .success(let names) = folder.names()
    else { return [] }
    return names.compactMap { name -> (Int, TrashRecord)? in
      let text = String(decoding: name, as: UTF8.self)
      guard text.hasSuffix(".row"), let number = Int(text.dropLast(4)),
        let bytes = try? SmallFile.read(path.appending(text), limit: 64 << 20),
        let record = TrashRecord(bytes)
      else { return nil }
      return (number, record)
    }.sorted { $0.0 < $1.0 }
  }

  /// Puts the files of a record back where they were; `nil` where they are there, or in a dry run could be.
  func putBack(
    _ run: Run, _ number: Int, _ place: PathJail.Place, isDryRun: Bool = false
  ) -> RemovalError? {
    let name = Array("\(number)".utf8)
    var last = RemovalError(ENOENT)
    for mount in [[], place.components[0]] {
      guard let trash = trash(mount),
        case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name)
      else { continue }
      // Folders are made for what is there alone.
      if case .failure(let error) = folder.look(name) {
        last = error
        continue
      }
      if isDryRun { return obstacle(place) }
      guard case .success(let parent) = root.madeFolder(of: place) else {
        return RemovalError(EACCES)
      }
      let result = name.withCString { old in
        place.name.withCString {
          cplatform_rename_new(folder.descriptor, old, parent.descriptor, $0)
        }
      }
      if result == 0 { return nil }
      last = RemovalError(errno)
    }
    return last
  }

  /// False where somebody has removed a part of what lies there: real GC may have been at it when it was moved.
  func isWhole(_ run: Run, _ number: Int, _ record: TrashRecord, _ place: PathJail.Place) -> Bool {
    let slash = [UInt8(ascii: "/")]
    for mount in [[], place.components[0]] {
      guard let trash = trash(mount),
        case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name),
        case .success(let entry) = folder.look(Array("\(number)".utf8))
      else { continue }
      let way = [mount, TrashFolder.folderName, run.name, Array("\(number)".utf8)]
      let path = bytes(of: root.location.root) + way.filter { !$0.isEmpty }.flatMap { slash + $0 }
      var disk = SimulatedDisk()
      disk.mayChangeOwn = true
      let error = entry.isFolder ? disk.removeTree(path) : disk.removeFile(path)
      return error != nil || disk.counted.bytes.inodes >= record.inodes
    }
    return true
  }

  /// What stands where the files of a step were, of which nothing lies in the trash.
  enum Remains { case same, other, none }

  func remains(of record: TrashRecord, _ place: PathJail.Place) -> Remains {
    guard case .success(let folder) = root.folder(of: place),
      case .success(let entry) = folder.look(place.name)
    else { return .none }
    let stamp = CollectionPlan.FilesStamp(entry)
    return record.stamp.isEmpty || stamp.isSameCopied(as: record.stamp) ? .same : .other
  }

  /// What stands where the files would go, or in the way there.
  private func obstacle(_ place: PathJail.Place) -> RemovalError? {
    if root.obstacle(place) != nil { return RemovalError(EACCES) }
    guard case .success(let parent) = root.folder(of: place),
      case .success = parent.look(place.name)
    else { return nil }
    return RemovalError(EEXIST)
  }

  /// Forgets a record whose row is back.
  func forget(_ run: Run, _ number: Int) {
    guard let trash = trash([]),
      case .success(let folder) = SimulatedFolder.open(trash.descriptor, run.name)
    else { return }
    _ = "\(number).row".withCString { unlinkPath(in: folder.descriptor, $0, 0) }
  }

  /// Removes the folders of a run where nothing is left in them.
  func finish(_ run: Run) {
    for mount in Self.mounts {
      guard let trash = trash(mount) else { continue }
      _ = run.name.withCString { unlinkPath(in: trash.descriptor, $0, AT_REMOVEDIR) }
      removeTrash(mount)
    }
  }
}

extension JailedRoot {
  /// The folder of a place, with those above it made anew where they are gone.
  func madeFolder(of place: PathJail.Place) -> Result<SimulatedFolder, PathJail.Refusal> {
    for count in 1...max(1, place.parent.count) {
      let part = Array(place.parent.prefix(count).joined(separator: [UInt8(ascii: "/")]))
      let above = PathJail.Place(components: Array(place.components.prefix(count)))
      if count == 1 {
        _ = part.withCString { makeDirectory(in: descriptor, $0, 0o755) }
      } else if case .success(let outer) = folder(of: above) {
        _ = above.name.withCString { makeDirectory(in: outer.descriptor, $0, 0o755) }
      }
    }
    return folder(of: place)
  }
}
