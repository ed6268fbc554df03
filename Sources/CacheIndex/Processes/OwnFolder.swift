import CPlatform
import Glibc
import SystemPackage

/// A folder for files of an index that only we can read, locked as long as we live: one whose lock is free
/// has lost its process, and the next one removes it.
final class OwnFolder: Sendable {
  let path: FilePath
  private let lock: CInt
  private let leftovers: [Leftover]

  private static let prefix = "cachescope-copy-"
  private static let files = ["index.sqlite", ".cachescope.lock"]
  /// Made with an index where none was.
  private static let folders = ["archives", "installed"]
  private static let suffixes = ["", "-wal", "-shm", "-journal"]

  /// The errno where it cannot be made.
  struct Refused: Error {
    let code: CInt
  }

  init(in base: FilePath) throws(Refused) {
    Self.sweep(base)
    while true {
      let random = UInt64.random(in: .min ... .max)
      let path = base.appending(Self.prefix + String(random, radix: 16))
      let inner = Self.contents(of: path) + Self.folders.map { path.appending($0) }
      let leftovers = ([path] + inner).map(Leftovers.note)
      let isMade = path.withPlatformString { mkdir($0, 0o700) } == 0
      let code = errno
      if isMade, let lock = Self.lock(path, mayBeUnlocked: true) {
        (self.path, self.lock, self.leftovers) = (path, lock, leftovers)
        return
      }
      for leftover in leftovers { leftover.forget() }
      // Swept by another process before it was locked, or the name is taken.
      guard isMade || code == EEXIST else { throw Refused(code: code) }
    }
  }

  deinit { close(lock) }

  /// Removes the folder with the files of an index in it.
  func remove() {
    Self.remove(path)
    for leftover in leftovers { leftover.forget() }
  }

  private static func contents(of path: FilePath) -> [FilePath] {
    suffixes.map { path.appending(files[0] + $0) } + [path.appending(files[1])]
  }

  private static func remove(_ path: FilePath) {
    for file in contents(of: path) { _ = file.withPlatformString { unlink($0) } }
    for name in folders { _ = path.appending(name).withPlatformString { rmdir($0) } }
    _ = path.withPlatformString { rmdir($0) }
  }

  /// The lock of a folder of ours; `nil` where its process lives, or where it has lost its name.
  private static func lock(_ path: FilePath, mayBeUnlocked: Bool) -> CInt? {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let found = path.withPlatformString { openPath($0, flags) }
    guard found >= 0 else { return nil }
    let isOurs = FileStatus(descriptor: found).map { $0.owner == cplatform_acting_user() } ?? false
    let result = FileLock.attempt(found)
    guard isOurs, result == .taken || (mayBeUnlocked && result == .unsupported),
      FileStatus(unfollowed: path)?.identity == FileStatus(descriptor: found)?.identity
    else {
      close(found)
      return nil
    }
    return found
  }

  /// Removes the folders of processes that are gone.
  private static func sweep(_ base: FilePath) {
    for name in FolderNames.read(base) where name.hasPrefix(prefix) {
      let path = base.appending(name)
      guard let status = FileStatus(unfollowed: path), status.isFolder,
        status.owner == cplatform_acting_user(), let lock = lock(path, mayBeUnlocked: false)
      else { continue }
      remove(path)
      close(lock)
    }
  }
}
