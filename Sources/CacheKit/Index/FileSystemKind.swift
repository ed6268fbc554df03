import CPlatform
import Glibc
public import SystemPackage

/// The file system that holds the cache, as far as it matters for locks and shared memory.
public struct FileSystemKind: Sendable, Hashable {
  /// The usual name, or the magic number in hex where it is not known here.
  public let name: String
  /// Other hosts may use the same files, so a process table proves nothing about a holder.
  public let isShared: Bool
  /// WAL's shared memory cannot be trusted there: read a copy.
  public var needsCopy: Bool { isShared || name == "overlay" }

  /// Known by the magic numbers of `statfs(2)`.
  public static func of(_ path: FilePath) -> FileSystemKind {
    let magic = path.withPlatformString { cplatform_filesystem_magic($0) }
    if let name = sharedKinds[magic] { return FileSystemKind(name: name, isShared: true) }
    let name = localKinds[magic] ?? (magic < 0 ? "unknown" : "0x" + String(magic, radix: 16))
    return FileSystemKind(name: name, isShared: false)
  }

  private static let sharedKinds: [Int64: String] = [
    0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x517B: "smb",
    0x0102_1997: "9p", 0x6573_5546: "fuse", 0x0BD0_0BD0: "lustre", 0x00C3_6400: "ceph",
    0x0116_1970: "gfs2", 0x7461_636F: "ocfs2",
  ]

  private static let localKinds: [Int64: String] = [
    0xEF53: "ext4", 0x0102_1994: "tmpfs", 0x5846_5342: "xfs", 0x9123_683E: "btrfs",
    0x794C_7630: "overlay", 0xF2F5_2010: "f2fs", 0x2FC1_2FC1: "zfs", 0x4D44: "vfat",
    0x8584_58F6: "ramfs", 0xCA45_1A4E: "bcachefs",
  ]
}

extension FileSystemKind {
  /// What is free, and where: `4096 bytes are free on tmpfs at /srv/cache`.
  static func room(at path: FilePath) -> String {
    let place = mountPoint(of: path)
    return "\(DiskSpace.of(place).free) bytes are free on \(of(place).name) at \(place)"
  }

  /// The topmost folder above `path` on the same file system.
  private static func mountPoint(of path: FilePath) -> FilePath {
    guard let found = PathLook.nearest(path) else { return path }
    var place = found.path
    let device = found.status.identity.device
    while let parent = place.parent, FileStatus(followed: parent)?.identity.device == device {
      place = parent
    }
    return place
  }
}
