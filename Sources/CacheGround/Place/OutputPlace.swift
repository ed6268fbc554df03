import CPlatform
import Glibc
package import SystemPackage

/// Where a file that a person names is written: its bytes replace those of a plain file as a whole, or go
/// into what is no plain file, as a shell's `>` does.
package enum OutputPlace: Sendable, Hashable {
  /// A plain file, a link that somebody else may have laid, or nothing yet: it is replaced.
  case file(FilePath)
  /// A device, a pipe, or what a process has open: it is written to, and never replaced.
  case stream(FilePath)

  /// Throws for a folder, for a name that is none, and for a pipe that somebody else has laid there.
  package init(_ path: FilePath) throws(CacheError) {
    guard path.lastComponent != nil else {
      throw CacheError(.invalidInput, "\(path) names no file")
    }
    if path.isOfSystem, let found = FileStatus(followed: path), !found.isFolder {
      self = .stream(path)
      return
    }
    if geteuid() == 0 { try Self.refuseForeignFolders(above: path) }
    let found = FileStatus(unfollowed: path)
    if found?.isFolder == true || (found?.isLink == true && path.isFolder) {
      throw CacheError(.notAFile, "\(path) is a folder", hint: "Name a file in it")
    }
    // A link in a folder where others write could lead a root's bytes to any file.
    guard let found, !found.isRegular, !found.isLink else {
      self = .file(path)
      return
    }
    guard found.owner == 0 || found.owner == cplatform_acting_user() else {
      throw CacheError(
        .refused, "\(path) is a pipe or a device of somebody else's", hint: "Name another file")
    }
    self = .stream(path)
  }

  /// What leads root to another folder than the one that is named would let its owner choose what is replaced.
  package static func refuseForeignFolders(above path: FilePath) throws(CacheError) {
    var folder = path.removingLastComponent()
    while folder.lastComponent != nil {
      try CacheLocation.refuseForeignLink(folder)
      folder = folder.removingLastComponent()
    }
  }

  /// Opens a stream to write to, after what is there; waits for a reader where a pipe has none.
  package static func open(stream path: FilePath) throws(CacheError) -> CInt {
    let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY
    let opened = path.withPlatformString { openPath($0, flags) }
    guard opened >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
    return opened
  }
}

extension FilePath {
  fileprivate var isFolder: Bool { FileStatus(followed: self)?.isFolder == true }

  /// In `/dev` or `/proc`, where only the system lays links: `/dev/stdout`, `/proc/self/fd/1`.
  fileprivate var isOfSystem: Bool {
    guard let folder = (removingLastComponent().isEmpty ? "." : removingLastComponent()).real else {
      return false
    }
    return folder == "/dev" || folder.starts(with: "/proc") || folder.starts(with: "/dev/fd")
  }
}
