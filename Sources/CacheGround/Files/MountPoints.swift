package import SystemPackage

/// What the kernel says of mounts, which no look at a folder tells: one of the same file system has the
/// same device.
package enum MountPoints {
  /// The first mount point at or below the path, which need not exist; its folder must.
  package static func first(atOrBelow path: FilePath) -> FilePath? {
    guard let name = path.lastComponent else { return nil }
    let folder = path.removingLastComponent()
    guard let real = (folder.isEmpty ? "." : folder).real else { return nil }
    return first(atOrBelow: real.appending(name), in: MountTable.read())
  }

  /// The same in the text of `/proc/self/mountinfo`. Pure.
  package static func first(atOrBelow path: FilePath, in table: [UInt8]) -> FilePath? {
    first(atOrBelow: path, in: MountTable.parse(table))
  }

  private static func first(atOrBelow path: FilePath, in mounts: [MountedPlace]) -> FilePath? {
    mounts.first { $0.point.starts(with: path) }?.point
  }
}
