internal import CacheKit
internal import Glibc
internal import SystemPackage

enum FileSize {
  /// In bytes, or `nil` where there is no such file.
  static func of(_ path: FilePath) -> Int64? {
    var status = stat()
    guard path.withPlatformString({ statPath($0, &status) }) == 0 else { return nil }
    return Int64(status.st_size)
  }

  static func isFolder(_ path: FilePath) -> Bool {
    var status = stat()
    return path.withPlatformString { statPath($0, &status) } == 0
      && status.st_mode & S_IFMT == S_IFDIR
  }

  /// `nil` where it cannot be told.
  static func exists(_ path: FilePath) -> Bool? {
    var status = stat()
    if path.withPlatformString({ statPath($0, &status, follows: false) }) == 0 { return true }
    return errno == ENOENT || errno == ENOTDIR ? false : nil
  }
}
