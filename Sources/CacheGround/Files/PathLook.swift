import Glibc
package import SystemPackage

/// What one look at a path tells. Never throws and builds no error, so that whatever makes an error may
/// look for what helps.
package enum PathLook: Sendable {
  case found(FileStatus)
  case nothing
  /// The system's number.
  case refused(CInt)

  package init(_ path: FilePath, follows: Bool = true) {
    var info = stat()
    let result = path.withPlatformString { statPath($0, &info, follows: follows) }
    guard result != 0 else {
      self = .found(FileStatus(info))
      return
    }
    let code = errno
    // Below a file there is nothing.
    self = code == ENOENT || code == ENOTDIR ? .nothing : .refused(code)
  }

  /// True only where nothing is known to be there, not even a link.
  package static func isNothing(_ path: FilePath) -> Bool {
    if case .nothing = PathLook(path, follows: false) { true } else { false }
  }

  /// The system's number; `nil` for what was found.
  package var code: CInt? {
    switch self {
    case .found: nil
    case .nothing: ENOENT
    case .refused(let code): code
    }
  }

  /// What stands at the path where a file belongs; `nil` for a file, and for nothing. A link is judged by
  /// what it leads to.
  package static func oddity(_ path: FilePath) -> FileStatus? {
    guard case .found(let status) = PathLook(path), !status.isRegular else { return nil }
    return status
  }

  /// The path, or the nearest folder above it that can be looked at.
  package static func nearest(_ path: FilePath) -> (path: FilePath, status: FileStatus)? {
    var place = path
    while true {
      if case .found(let status) = PathLook(place) { return (place, status) }
      guard let parent = place.parent else { return nil }
      place = parent
    }
  }
}

extension FileStatus {
  /// Throws `notAFile` for a folder, FIFO, socket or device.
  package func requireFile(_ path: FilePath) throws(CacheError) {
    guard !isRegular else { return }
    let isIndex = path.lastComponent?.string == "index.sqlite"
    throw CacheError(
      .notAFile, "\(path) is \(typeName), not a file",
      hint: isIndex ? "Move it away; fbuild makes a new index on its next run" : "Move it away")
  }
}
