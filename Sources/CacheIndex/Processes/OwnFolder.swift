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
    for _ in 0..<Self.attempts {
      let random = UInt64.random(in: .min ... .max)
      let path = base.appending(Self.prefix + String(random, radix: 16))
      let inner = Self.contents(of: path) + Self.folders.map { path.appending($0) }
      let leftovers = ([path] + inner).map(Leftovers.note)
      switch Self.make(path) {
      case .held(let lock):
        (self.path, self.lock, self.leftovers) = (path, lock, leftovers)
        return
      case .lost: for leftover in leftovers { leftover.forget() }
      case .refused(let code):
        for leftover in leftovers { leftover.forget() }
        throw Refused(code: code)
      }
    }
    throw Refused(code: EEXIST)
  }

  private static let attempts = 100

  private enum Hold {
    case held(CInt)
    /// Another process holds it, has swept it, or has its name.
    case lost
    /// The system's number.
    case refused(CInt)
  }

  /// A new folder; none is left where it cannot be held.
  private static func make(_ path: FilePath) -> Hold {
    guard path.withPlatformString({ makeDirectory($0, 0o700) }) == 0 else {
      return errno == EEXIST ? .lost : .refused(errno)
    }
    let hold = lock(path, mayBeUnlocked: true)
    if case .refused = hold { _ = path.withPlatformString { removeDirectory($0) } }
    return hold
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
    for file in contents(of: path) { _ = file.withPlatformString { unlinkPath($0) } }
    for name in folders { _ = path.appending(name).withPlatformString { removeDirectory($0) } }
    _ = path.withPlatformString { removeDirectory($0) }
  }

  /// The lock of a folder of ours; `lost` where its process lives, or where it has lost its name.
  private static func lock(_ path: FilePath, mayBeUnlocked: Bool) -> Hold {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let found = path.withPlatformString { openPath($0, flags) }
    guard found >= 0 else { return errno == ENOENT ? .lost : .refused(errno) }
    guard let status = FileStatus(descriptor: found) else {
      let code = errno
      close(found)
      return .refused(code)
    }
    let result = FileLock.attempt(found)
    guard status.owner == cplatform_acting_user(),
      result == .taken || (mayBeUnlocked && result == .unsupported),
      FileStatus(unfollowed: path)?.identity == status.identity
    else {
      close(found)
      return .lost
    }
    return .held(found)
  }

  /// Removes the folders of processes that are gone.
  private static func sweep(_ base: FilePath) {
    for name in FolderNames.read(base) where name.hasPrefix(prefix) {
      let path = base.appending(name)
      guard let status = FileStatus(unfollowed: path), status.isFolder,
        status.owner == cplatform_acting_user(),
        case .held(let lock) = lock(path, mayBeUnlocked: false)
      else { continue }
      remove(path)
      close(lock)
    }
  }
}
