import Glibc
import SystemPackage

/// Puts a new index in the place of the old one, which is kept beside it with its companions.
///
/// Called under the cache's own lock, while nobody has the index open.
struct IndexSwap {
  let location: CacheLocation
  /// `index.sqlite.damaged-20261122T140231`, the first such name that nothing has.
  let kept: FilePath

  private static let companions = ["-journal", "-wal", "-shm"]

  /// What the kept files of a rebuild, and of a backup that was put back, are called.
  static let damaged = "index.sqlite.damaged"
  static let replaced = "index.sqlite.replaced"

  init(_ location: CacheLocation, now: Int64, stem: String = damaged) {
    self.location = location
    let stem = "\(stem)-\(BackupName.stamp(now))"
    let names = [stem] + (2...1000).map { "\(stem)-\($0)" }
    if let known = Self.unfinished(location, names[0]) {
      kept = known
      return
    }
    let free = names.first { name in
      ([""] + Self.companions).allSatisfy {
        PathLook.isNothing(location.root.appending(name + $0))
      }
    }
    kept = location.root.appending(free ?? stem)
  }

  /// Where a run that was killed had kept the index that is in use still: it is kept once. With a new log
  /// beside it, it is no longer what was kept.
  private static func unfinished(_ location: CacheLocation, _ name: String) -> FilePath? {
    guard let current = FileStatus(unfollowed: location.index)?.identity,
      companions.allSatisfy({
        PathLook.isNothing(location.root.appending("index.sqlite" + $0))
      })
    else { return nil }
    let stem = name.prefix { $0 != "-" }
    return FolderNames.read(location.root).filter { $0.hasPrefix(stem + "-") }
      .filter { old in !companions.contains { old.hasSuffix($0) } }
      .map { location.root.appending($0) }
      .first { FileStatus(unfollowed: $0)?.identity == current }
  }

  /// The companions go first: a new file beside an old WAL would be damaged by it. From then on there
  /// is an index at any moment, and after a kill the next rebuild begins with what is there.
  func run(new: FilePath) throws(CacheError) {
    for suffix in Self.companions {
      try move(location.root.appending("index.sqlite" + suffix), to: FilePath(kept.string + suffix))
    }
    try keepMain()
    try SmallFile.syncFolder(location.root)
    try SmallFile.rename(new, to: location.index)
    try SmallFile.syncFolder(location.root)
  }

  /// The same as a change that the journal knows; gives where the old index is kept, `nil` where there was none.
  ///
  /// `seen`: the index as it was when the new one was made from it. What came meanwhile would be lost.
  func run(
    new: FilePath, as command: [String], undo obstacle: String, birth: IndexBirth?,
    unlessChangedSince seen: IndexFingerprint?, _ context: ActionContext
  ) throws(CacheError) -> FilePath? {
    try context.refuseOpenIndex()
    guard try IndexFingerprint.take(location) == seen else {
      throw CacheError(
        .busy, "\(location.index) was changed meanwhile", hint: "Try again in a moment")
    }
    let old = try FileStatus(location.index, follows: false) == nil ? nil : kept
    let line = try context.begin(
      command, IndexChange(undoObstacle: obstacle), birth: birth, kept: old)
    do throws(CacheError) {
      try run(new: new)
    } catch {
      context.strike(line)
      throw error
    }
    try context.finish(line)
    return PathLook.isNothing(kept) ? nil : kept
  }

  private func keepMain() throws(CacheError) {
    guard try FileStatus(location.index, follows: false) != nil else { return }
    let isLinked = location.index.withPlatformString { old in
      kept.withPlatformString { linkPath(old, $0) == 0 }
    }
    guard !isLinked else { return }
    if errno == EEXIST, FileIdentity(path: kept) == FileIdentity(path: location.index) { return }
    // A file system without hard links: for a moment there is no index.
    if errno == EEXIST { throw CacheError.system("cannot keep \(location.index)", errno, at: kept) }
    try move(location.index, to: kept)
  }

  private func move(_ old: FilePath, to new: FilePath) throws(CacheError) {
    guard try FileStatus(old, follows: false) != nil else { return }
    try SmallFile.rename(old, to: new)
  }
}

/// A folder in the root, in which a new index is made; removed with the value.
struct RebuildFolder: ~Copyable {
  let location: CacheLocation
  private let root: FilePath
  private let name: String

  private static let prefix = ".cachescope-rebuild-"

  /// Removes what killed processes have left; under the cache's lock, which keeps living ones out.
  static func sweep(_ location: CacheLocation) {
    for old in FolderNames.read(location.root) where old.hasPrefix(prefix) {
      remove(old, location.root)
    }
  }

  init(_ location: CacheLocation) throws(CacheError) {
    root = location.root
    name = "\(Self.prefix)\(getpid())"
    let folder = location.root.appending(name)
    guard folder.withPlatformString({ makeDirectory($0, 0o700) }) == 0 else {
      throw CacheError.system("cannot make \(folder)", errno, at: folder)
    }
    self.location = CacheLocation(root: folder)
  }

  deinit { Self.remove(name, root) }

  private static func remove(_ name: String, _ root: FilePath) {
    let folder = root.withPlatformString { openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard folder >= 0 else { return }
    defer { close(folder) }
    _ = TreeRemover().remove(name.utf8CString.map { $0 }, in: folder)
  }
}
