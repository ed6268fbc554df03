package import Glibc
package import SystemPackage

/// Which file it is, whatever its path.
package struct FileIdentity: Sendable, Hashable {
  package let device: UInt64
  package let inode: UInt64

  package init(_ info: stat) {
    device = UInt64(info.st_dev)
    inode = UInt64(info.st_ino)
  }

  /// Looks at the path without opening the file: closing it would drop SQLite's locks on it.
  package init?(path: FilePath) {
    var info = stat()
    guard path.withPlatformString({ statPath($0, &info) }) == 0 else { return nil }
    self.init(info)
  }
}
