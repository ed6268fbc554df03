import CPlatform
import Glibc
package import SystemPackage

/// Copies of the index made before a migration, beside it: `index.sqlite.bak-<time>-<label>`.
///
/// Called under the cache's own lock.
package enum IndexBackup {
  /// How many stay; the oldest go first.
  private static let kept = 5

  /// Writes a backup through SQLite's backup API, synced before it gets its name.
  ///
  /// Only those who may read the index may read the copy. Returns its path. Throws `diskFull`,
  /// `permission`, `busy`; nothing is left behind then.
  package static func write(
    _ location: CacheLocation, from writer: IndexWriter, label: BackupName.Label, now: Int64
  ) throws(CacheError) -> FilePath {
    let names = FolderNames.read(location.root)
    removeStaged(location, names)
    let staged = location.sibling(stagedPrefix + "\(BackupName(now, label)).\(getpid())")
    let leftovers = ["", "-journal"].map { Leftovers.note(FilePath(staged.string + $0)) }
    defer { for leftover in leftovers { leftover.forget() } }
    let name: BackupName
    do throws(CacheError) {
      let file = try StagedFile(staged)
      try copy(writer, to: staged)
      try file.finish(like: location.index)
      name = try publish(staged, in: location, BackupName(now, label))
    } catch {
      removeStaged(location, FolderNames.read(location.root))
      throw error
    }
    try? sync(location.root)
    // SQLite says nothing where a log of its own does not go.
    removeStaged(location, FolderNames.read(location.root))
    for old in surplus(names, fresh: name) { removeOwn(location.sibling(old.description)) }
    return location.sibling(name.description)
  }

  /// The backups that go once `fresh` is there; pure.
  ///
  /// The fresh one stays even where the clock was set back and it looks like the oldest.
  static func surplus(_ names: [String], fresh: BackupName) -> [BackupName] {
    let others = names.compactMap { BackupName($0) }.filter { $0 != fresh }.sorted()
    return Array(others.dropLast(kept - 1))
  }

  private static func copy(_ writer: IndexWriter, to path: FilePath) throws(CacheError) {
    do {
      try writer.withConnection { source in
        var setup = Connection.Setup()
        setup.checksForeignKeys = false
        let target = try Connection(path, .readWrite, setup)
        defer { target.close() }
        try source.backup(to: target)
        // The header says WAL.
        try target.use { try closeLog($0) }
      }
    } catch {
      var failure = error
      failure.message = "cannot write a backup: \(error.message)"
      throw failure
    }
  }

  /// Makes one plain file of an index that nobody else has open. Throws where a log stays, which its answer tells.
  package static func closeLog(_ db: Database) throws {
    guard try db.answer("PRAGMA journal_mode = DELETE") == "delete" else {
      throw CacheError(.busy, "its write-ahead log cannot be closed")
    }
  }

  private static func sync(_ path: FilePath) throws(CacheError) {
    let descriptor = path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw CacheError.system("cannot sync \(path)", errno, at: path) }
    defer { close(descriptor) }
    guard syncDescriptor(descriptor) == 0 else {
      throw CacheError.system("cannot sync \(path)", errno, at: path)
    }
  }

  /// Gives the copy the first name that nothing has, a link that leads nowhere included.
  private static func publish(
    _ staged: FilePath, in location: CacheLocation, _ wanted: BackupName
  ) throws(CacheError) -> BackupName {
    var name = wanted
    while true {
      let target = location.sibling(name.description)
      if renameNew(staged, target) { return name }
      guard errno == EEXIST else {
        throw CacheError.system("cannot write \(target)", errno, at: target)
      }
      name = name.next
    }
  }

  private static func renameNew(_ old: FilePath, _ new: FilePath) -> Bool {
    old.withPlatformString { old in
      new.withPlatformString { new in
        if cplatform_rename_new(AT_FDCWD, old, AT_FDCWD, new) == 0 { return true }
        // A file system that cannot say "only where the name is free": we hold the lock.
        guard errno == EINVAL || errno == ENOSYS else { return false }
        guard checkAccess(new, F_OK) != 0, errno == ENOENT else {
          errno = EEXIST
          return false
        }
        return renamePath(old, new) == 0
      }
    }
  }

  /// Removes what a killed process left half-written; the cache's lock keeps living ones out.
  private static func removeStaged(_ location: CacheLocation, _ names: [String]) {
    for name in names where isStaged(name) { removeOwn(location.sibling(name)) }
  }

  private static let stagedPrefix = "."

  /// `.index.sqlite.bak-<time>-<label>.<pid>`, and SQLite's journal beside it.
  static func isStaged(_ name: String) -> Bool {
    guard name.hasPrefix(stagedPrefix), let dot = name.lastIndex(of: ".") else { return false }
    let inner = name.dropFirst(stagedPrefix.count)
    guard dot > inner.startIndex, BackupName(String(name[inner.startIndex..<dot])) != nil else {
      return false
    }
    var pid = name[name.index(after: dot)...]
    for suffix in ["-journal", "-wal", "-shm"] where pid.hasSuffix(suffix) {
      pid = pid.dropLast(suffix.count)
      break
    }
    return !pid.isEmpty && pid.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// Only a plain file can be one that we wrote.
  private static func removeOwn(_ path: FilePath) {
    guard FileStatus(unfollowed: path)?.isRegular == true else { return }
    _ = path.withPlatformString { unlinkPath($0) }
  }
}

extension BackupName {
  /// The name after this one, where this one is taken.
  fileprivate var next: BackupName { BackupName(stamp: stamp, label: label, number: number + 1) }
}

/// A file that is ours alone until it is finished.
private struct StagedFile: ~Copyable {
  private let path: FilePath
  private let descriptor: CInt

  init(_ path: FilePath) throws(CacheError) {
    self.path = path
    descriptor = path.withPlatformString {
      openPath($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
    guard descriptor >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
  }

  /// Gives it owner and rights of `model`, and syncs it.
  func finish(like model: FilePath) throws(CacheError) {
    if let model = try FileStatus(model) { model.lend(to: descriptor) }
    guard syncDescriptor(descriptor) == 0 else {
      throw CacheError.system("cannot sync \(path)", errno, at: path)
    }
  }

  // SQLite is closed by then: what it holds on the file is no longer needed.
  deinit { close(descriptor) }
}
