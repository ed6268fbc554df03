internal import CacheKit
internal import Glibc
internal import SystemPackage

/// Whether the index can be written at all, asked without writing.
enum Writability {
  /// "index not writable by uid 1001", or `nil` where it can.
  static func obstacle(_ location: CacheLocation) -> String? {
    if let owner = location.openForeignOwner {
      return "cache folder belongs to \(owner) and is open to all"
    }
    for (path, what) in [(location.index, "index"), (location.root, "cache folder")] {
      let result = path.withPlatformString { faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }
      guard result != 0 else { continue }
      switch errno {
      case EROFS: return "\(what) is on a read-only file system"
      case EACCES, EPERM: return "\(what) not writable by uid \(geteuid())"
      default: continue
      }
    }
    return nil
  }

  /// Who could write what this user cannot: the owner of the index, else that of the folder.
  static func owner(_ location: CacheLocation) -> String? {
    for path in [location.index, location.root] {
      let result = path.withPlatformString { faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }
      if result != 0, errno == EACCES || errno == EPERM { return OwnerNeeded(of: path)?.owner }
    }
    return nil
  }
}

enum FileSize {
  /// In bytes, or `nil` where there is no such file.
  static func of(_ path: FilePath) -> Int64? {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
    return Int64(status.st_size)
  }

  static func isFolder(_ path: FilePath) -> Bool {
    var status = stat()
    return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// `nil` where it cannot be told.
  static func exists(_ path: FilePath) -> Bool? {
    var status = stat()
    if path.withPlatformString({ lstat($0, &status) }) == 0 { return true }
    return errno == ENOENT || errno == ENOTDIR ? false : nil
  }
}
