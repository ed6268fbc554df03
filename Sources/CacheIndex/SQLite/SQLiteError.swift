import CSQLite
import Glibc
package import SystemPackage

extension CacheError {
  private static let rebuildHint =
    "Stop fbuild, then `cachescope rebuild` makes it again from what can be read, and keeps the old one"

  /// Pages that cannot be read, or contradict each other.
  static func damagedIndex(_ place: FilePath, _ finding: String) -> CacheError {
    CacheError(
      .damaged, "\(place) is damaged: \(finding)",
      hint: rebuildHint)
  }

  /// An error from below as CacheKit's own; `place` names the file that was worked on.
  package static func wrapping(_ error: any Error, at place: FilePath) -> CacheError {
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
        hint: CacheError.rebuildHint, cause: error)
    case SQLITE_READONLY where isOpenToUs(place):
      // Whatever the system refused an open for writing with, SQLite opens the file for reading then.
      return CacheError(
        .inputOutput, "\(place) could not be opened for writing, although its rights allow it",
        hint: "Look at the disk and at the kernel's log, then try again", cause: error)
    case SQLITE_READONLY:
      return CacheError(
        .readOnly, "\(place) cannot be written: \(text)",
        hint: "Run as the owner of the cache", cause: error)
    case SQLITE_CANTOPEN where DiskRoom.at(place)?.isOutOfInodes == true:
      // The files beside the index could not be made.
      return .diskFull("\(place) cannot be opened", at: place, cause: error)
    case SQLITE_CANTOPEN where refusals.contains(error.systemErrno):
      return system("cannot open", error, at: place)
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

  private static func isOpenToUs(_ place: FilePath) -> Bool {
    Writability.isWritable(place) && Writability.isWritable(place.removingLastComponent())
  }

  /// What the system refuses a file with. SQLite may have got another number from a file that need not be there.
  private static let refusals: Set<CInt> = [
    EACCES, EPERM, EROFS, EIO, ESTALE, ELOOP, ENOTDIR, ENAMETOOLONG, EMFILE, ENFILE, ENOMEM, ENXIO,
    ENOSPC, EDQUOT,
  ]

  private static func system(
    _ what: String, _ error: DatabaseError, at place: FilePath
  ) -> CacheError {
    var failure = CacheError.system("\(what) \(place)", error.systemErrno, at: place)
    // Whose rights it needs goes before.
    if failure.cause == nil { failure.cause = error }
    return failure
  }

  /// In a WAL and its shared memory SQLite calls a full disk an I/O error; the system's own error
  /// number tells, or else what is left.
  private static func failedTransfer(
    _ error: DatabaseError, at place: FilePath
  ) -> CacheError {
    guard error.systemErrno == 0 else {
      return system("cannot \(error.work)", error, at: place)
    }
    let message = "cannot \(error.work) \(place): \(error.message)"
    if DiskSpace.of(place).free < 256 << 10 {
      return .diskFull(message, at: place, cause: error)
    }
    return CacheError(
      .inputOutput, message, hint: "Look at the disk and at the kernel's log, then try again",
      cause: error)
  }
}
