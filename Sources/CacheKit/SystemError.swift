import GRDB
import Glibc
import SystemPackage

extension CacheError {
  /// An error of the operating system, with what helps where that is known.
  static func system(_ what: String, _ code: CInt) -> CacheError {
    let text = String(cString: strerror(code))
    let message = "\(what): \(text)"
    switch code {
    case EACCES, EPERM:
      return CacheError(
        .permission, message, hint: "Run as the owner of the cache, or ask for the right to read it"
      )
    case EROFS:
      return CacheError(.readOnly, message, hint: "The file system is mounted read-only")
    case ENOSPC, EDQUOT:
      return CacheError(.diskFull, message, hint: "Free space on that file system and try again")
    case ENOENT: return CacheError(.notFound, message)
    case ELOOP: return CacheError(.refused, message)
    default: return CacheError(.inputOutput, message)
    }
  }

  /// Pages that cannot be read, or contradict each other.
  static func damagedIndex(_ place: String, _ finding: String) -> CacheError {
    CacheError(
      .damaged, "\(place) is damaged: \(finding)",
      hint: "Stop fbuild and move the index away; fbuild then starts a new one")
  }

  /// An error from below as CacheKit's own; `place` names the file that was worked on.
  static func wrapping(_ error: any Error, at place: String) -> CacheError {
    if let error = error as? CacheError { return error }
    guard let database = error as? DatabaseError else {
      if error is CancellationError { return CacheError(.cancelled, "cancelled", cause: error) }
      return CacheError(.inputOutput, "\(place): \(error)", cause: error)
    }
    return wrapping(database, at: place)
  }

  private static func wrapping(_ error: DatabaseError, at place: String) -> CacheError {
    let text = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return CacheError(
        .busy, "\(place) is locked by another program",
        hint: "Wait until it has finished, then try again", cause: error)
    case .SQLITE_CORRUPT:
      var damage = CacheError.damagedIndex(place, text)
      damage.cause = error
      return damage
    case .SQLITE_NOTADB:
      return CacheError(
        .damaged, "\(place) is not an SQLite database",
        hint: "Stop fbuild and move the index away; fbuild then starts a new one", cause: error)
    case .SQLITE_READONLY:
      return CacheError(
        .readOnly, "\(place) cannot be written: \(text)",
        hint: "Run as the owner of the cache", cause: error)
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      return CacheError(
        .permission, "\(place) cannot be opened: \(text)",
        hint: "Run as the owner of the cache", cause: error)
    case .SQLITE_FULL:
      return CacheError(
        .diskFull, "\(place): the file system is full",
        hint: "Free space on that file system and try again", cause: error)
    case .SQLITE_IOERR where DiskSpace.of(FilePath(place)).free < 256 << 10:
      // In a WAL and its shared memory SQLite calls a full disk an I/O error.
      return CacheError(
        .diskFull, "\(place): the file system is full (\(text))",
        hint: "Free space on that file system and try again", cause: error)
    case .SQLITE_INTERRUPT:
      return CacheError(.cancelled, "cancelled", cause: error)
    default:
      return CacheError(.inputOutput, "\(place): \(text)", cause: error)
    }
  }
}

extension CacheError {
  /// A busy index with the processes that hold its lock now, as far as they can be seen.
  func naming(lockHolders location: CacheLocation) -> CacheError {
    guard code == .busy else { return self }
    var processes = ProcessTable(cacheRoot: location.root)
    let holders = processes.indexLocks(root: location.root).map(\.phrase)
    guard !holders.isEmpty else { return self }
    var error = self
    error.message += ": " + holders.joined(separator: ", ")
    return error
  }
}
