import CSQLite
import Glibc
public import SystemPackage

extension CacheError {
  /// An error of the operating system, with what helps where that is known.
  ///
  /// `place` is the file that was worked on: where its file system is full, that one is named.
  static func system(_ what: String, _ code: CInt, at place: FilePath? = nil) -> CacheError {
    let text = String(cString: strerror(code))
    let message = "\(what): \(text)"
    switch code {
    case EACCES, EPERM:
      return CacheError(
        .permission, message, hint: "Run it as the owner of the cache, or ask the owner for access",
        cause: place.flatMap { OwnerNeeded(of: $0) })
    case EROFS:
      return CacheError(.readOnly, message, hint: "The file system is mounted read-only")
    case ENOSPC, EDQUOT: return .diskFull(message, at: place)
    case ENOENT: return CacheError(.notFound, message)
    case ELOOP: return CacheError(.refused, message, hint: hint(code))
    default: return CacheError(.inputOutput, message, hint: hint(code))
    }
  }

  /// What helps against an error of the system that says nothing about rights or room.
  private static func hint(_ code: CInt) -> String? {
    switch code {
    case EIO: "Look at the disk and at the kernel's log, then try again"
    case ESTALE: "The share has changed on its server: mount it anew"
    case ELOOP: "Look at the symbolic links of that path"
    case EMFILE: "Raise the limit of open files (ulimit -n) and try again"
    case ENFILE, ENOMEM: "The host is short of it: end other programs and try again"
    case ENAMETOOLONG: "Use a shorter path"
    default: nil
    }
  }

  /// A write that found no room; the message ends with the file system and what is free on it.
  static func diskFull(
    _ message: String, at place: FilePath?, cause: (any Error)? = nil
  ) -> CacheError {
    let room = place.flatMap { DiskRoom.at($0) }
    return CacheError(
      .diskFull, message + (room.map { " (\($0.words))" } ?? ""),
      hint: room?.hint ?? "Free space on that file system and try again", cause: cause)
  }

  /// Pages that cannot be read, or contradict each other.
  static func damagedIndex(_ place: FilePath, _ finding: String) -> CacheError {
    CacheError(
      .damaged, "\(place) is damaged: \(finding)",
      hint: "Stop fbuild and move the index away; fbuild then starts a new one")
  }

  /// An error from below as CacheKit's own; `place` names the file that was worked on.
  static func wrapping(_ error: any Error, at place: FilePath) -> CacheError {
    switch error {
    case let error as CacheError: return error
    case let error as DatabaseError: return wrapping(error, at: place)
    case is CancellationError: return CacheError(.cancelled, "cancelled", cause: error)
    default: return CacheError(.inputOutput, "\(place): \(error)", cause: error)
    }
  }

  private static func wrapping(_ error: DatabaseError, at place: FilePath) -> CacheError {
    let text = error.message
    switch error.code {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return CacheError(
        .busy, "\(place) is locked by another program",
        hint: "Wait until it has finished, then try again", cause: error)
    case SQLITE_CORRUPT:
      var damage = CacheError.damagedIndex(place, text)
      damage.cause = error
      return damage
    case SQLITE_NOTADB:
      return CacheError(
        .damaged, "\(place) is not an SQLite database",
        hint: "Stop fbuild and move the index away; fbuild then starts a new one", cause: error)
    case SQLITE_READONLY:
      return CacheError(
        .readOnly, "\(place) cannot be written: \(text)",
        hint: "Run as the owner of the cache", cause: error)
    case SQLITE_CANTOPEN where DiskRoom.at(place)?.isOutOfInodes == true:
      // The files beside the index could not be made.
      return .diskFull("\(place) cannot be opened", at: place, cause: error)
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
      return CacheError(
        .permission, "\(place) cannot be opened: \(text)",
        hint: "Run as the owner of the cache", cause: error)
    case SQLITE_FULL:
      return .diskFull("\(place): the file system is full", at: place, cause: error)
    case SQLITE_IOERR: return failedTransfer(error, at: place)
    case SQLITE_INTERRUPT:
      return CacheError(.cancelled, "cancelled", cause: error)
    default:
      return CacheError(.inputOutput, "\(place): \(text)", cause: error)
    }
  }

  /// In a WAL and its shared memory SQLite calls a full disk an I/O error; the system's own error
  /// number tells, or else what is left.
  private static func failedTransfer(
    _ error: DatabaseError, at place: FilePath
  ) -> CacheError {
    let code = error.systemErrno
    let reason = code == 0 ? error.message : String(cString: strerror(code))
    let message = "cannot \(error.work) \(place): \(reason)"
    let isFull = code == ENOSPC || code == EDQUOT
    if isFull || code == 0 && DiskSpace.of(place).free < 256 << 10 {
      return .diskFull(message, at: place, cause: error)
    }
    return CacheError(
      .inputOutput, message, hint: "Look at the disk and at the kernel's log, then try again",
      cause: error)
  }
}

/// Whose rights a refused access needs: the `cause` of a `permission` error, where it can be told.
public struct OwnerNeeded: Error, Sendable, Hashable {
  /// The name, or `#` and the number: what `sudo -u` takes.
  public let owner: String

  init(owner: String) { self.owner = owner }

  /// The owner of a path, or of the nearest folder above it that can be looked at; `nil` where that
  /// is this process.
  public init?(of path: FilePath) {
    guard let found = PathLook.nearest(path)?.status, found.owner != geteuid() else { return nil }
    owner = found.ownerName
  }
}

extension CacheError {
  /// A busy index with the processes that hold its lock now, as far as they can be seen.
  func naming(lockHolders location: CacheLocation) -> CacheError {
    guard code == .busy else { return self }
    var processes = ProcessTable(cacheRoot: location.root)
    let holders = processes.indexLocks(root: location.root).phrases
    guard !holders.isEmpty else { return self }
    var error = self
    error.message += ": " + holders.joined(separator: ", ")
    return error
  }
}
