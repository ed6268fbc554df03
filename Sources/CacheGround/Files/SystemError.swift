import Glibc
public import SystemPackage

extension CacheError {
  /// An error of the operating system, with what helps where that is known.
  ///
  /// `place` is the file that was worked on: where its file system is full, that one is named.
  package static func system(_ what: String, _ code: CInt, at place: FilePath? = nil) -> CacheError
  {
    let text = String(cString: strerror(code))
    let message = "\(what): \(text)"
    switch code {
    case EACCES, EPERM:
      let owner = place.flatMap { OwnerNeeded(of: $0) }
      let own = owner == nil && code == EACCES ? place.flatMap(ownPlace) : nil
      return CacheError(
        .permission, message,
        hint: own.map { "You own \($0): `chmod u+rwX` on it gives you the right back" }
          ?? "Run it as the owner of the cache, or ask the owner for access",
        cause: owner)
    case EROFS:
      return CacheError(.readOnly, message, hint: "The file system is mounted read-only")
    case ENOSPC, EDQUOT: return .diskFull(message, at: place)
    case ENOENT: return CacheError(.notFound, message)
    case ELOOP: return CacheError(.refused, message, hint: hint(code))
    default: return CacheError(.inputOutput, message, hint: hint(code))
    }
  }

  /// What this user owns of a path, or of the way to it, and took the rights to from itself.
  private static func ownPlace(_ path: FilePath) -> FilePath? {
    guard geteuid() != 0, let (place, status) = PathLook.nearest(path), status.owner == geteuid()
    else { return nil }
    return place
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
  package static func diskFull(
    _ message: String, at place: FilePath?, cause: (any Error)? = nil
  ) -> CacheError {
    let room = place.flatMap { DiskRoom.at($0) }
    return CacheError(
      .diskFull, message + (room.map { " (\($0.words))" } ?? ""),
      hint: room?.hint ?? "Free space on that file system and try again", cause: cause)
  }
}

/// Whose rights a refused access needs: the `cause` of a `permission` error, where it can be told.
public struct OwnerNeeded: Error, Sendable, Hashable {
  /// The name, or `#` and the number: what `sudo -u` takes.
  public let owner: String

  package init(owner: String) { self.owner = owner }

  /// The owner of a path, or of the nearest folder above it that can be looked at; `nil` where that
  /// is this process.
  public init?(of path: FilePath) {
    guard let found = PathLook.nearest(path)?.status, found.owner != geteuid() else { return nil }
    owner = found.sudoName
  }
}
