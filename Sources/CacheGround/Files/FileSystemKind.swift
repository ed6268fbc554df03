import CPlatform
import Glibc
public import SystemPackage

/// The file system that holds the cache, as far as it matters for locks and shared memory.
public struct FileSystemKind: Sendable, Hashable {
  /// The usual name, or the magic number in hex where it is not known here.
  public let name: String
  /// Other hosts may use the same files, so a process table proves nothing about a holder.
  public let isShared: Bool
  /// Mounted so that nothing can be changed.
  public var isReadOnly = false

  /// WAL's shared memory cannot be trusted there: read a copy. Behind FUSE another view of the same files
  /// may be in use.
  public var needsCopy: Bool { isShared || name == "overlay" || name.hasPrefix("fuse") }

  public init(name: String, isShared: Bool, isReadOnly: Bool = false) {
    self.name = name
    self.isShared = isShared
    self.isReadOnly = isReadOnly
  }

  /// Known by the magic numbers of `statfs(2)`; what FUSE stands for by the kernel's table of mounts.
  public static func of(_ path: FilePath) -> FileSystemKind { of(path, depth: 0) }

  private static func of(_ path: FilePath, depth: Int) -> FileSystemKind {
    let magic = path.withPlatformString { cplatform_filesystem_magic($0) }
    let isReadOnly = isReadOnly(path)
    func kind(_ name: String, isShared: Bool) -> FileSystemKind {
      FileSystemKind(name: name, isShared: isShared, isReadOnly: isReadOnly)
    }
    if magic == fuse {
      let mount = MountTable.mount(of: path)
      return kind(mount?.type ?? "fuse", isShared: isShared(mount, depth: depth))
    }
    if let name = sharedKinds[magic] { return kind(name, isShared: true) }
    if let name = localKinds[magic] { return kind(name, isShared: false) }
    let number = magic < 0 ? "unknown" : "0x" + String(magic, radix: 16)
    return kind(
      magic < 0 ? number : MountTable.mount(of: path)?.type ?? number, isShared: false)
  }

  private static func isReadOnly(_ path: FilePath) -> Bool {
    var info = statvfs()
    return path.withPlatformString { statvfs($0, &info) } == 0
      && info.f_flag & UInt(ST_RDONLY) != 0
  }

  private static let fuse: Int64 = 0x6573_5546

  private static let sharedKinds: [Int64: String] = [
    0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x517B: "smb",
    0x0102_1997: "9p", 0x0BD0_0BD0: "lustre", 0x00C3_6400: "ceph", 0x0116_1970: "gfs2",
    0x7461_636F: "ocfs2", 0x5346_414F: "afs", 0x6B41_4653: "afs", 0x7375_7245: "coda",
    0x4750_4653: "gpfs", 0x1983_0326: "beegfs", 0x786F_4256: "vboxsf", 0xBACB_ACBC: "vmhgfs",
    0x2003_0528: "orangefs",
  ]

  private static let localKinds: [Int64: String] = [
    0xEF53: "ext4", 0x0102_1994: "tmpfs", 0x5846_5342: "xfs", 0x9123_683E: "btrfs",
    0x794C_7630: "overlay", 0xF2F5_2010: "f2fs", 0x2FC1_2FC1: "zfs", 0x4D44: "vfat",
    0x8584_58F6: "ramfs", 0xCA45_1A4E: "bcachefs", 0x7371_7368: "squashfs",
    0xE0F5_E1E2: "erofs", 0x2011_BAB0: "exfat", 0x7366_746E: "ntfs3", 0x5346_544E: "ntfs",
    0x9660: "iso9660", 0x1501_3346: "udf", 0x28CD_3D45: "cramfs", 0x4244: "hfs",
    0x482B: "hfsplus", 0x3153_464A: "jfs", 0x5265_4973: "reiserfs", 0x3434: "nilfs2",
  ]
}

// MARK: - FUSE

extension FileSystemKind {
  /// Programs that serve files of this host, by the subtype of their mounts; all others may be fed by another
  /// host.
  private static let localPrograms: Set<String> = [
    "apfs-fuse", "archivemount", "bindfs", "cryfs", "dwarfs", "encfs", "erofsfuse", "exfat",
    "exfat-fuse", "ext2", "ext4", "fuse-archive", "fuse-ext2", "fuse-overlayfs", "fuse-zip",
    "fuse2fs", "fuseext2", "fuseiso", "gocryptfs", "lxcfs", "mergerfs",
    "mhddfs", "ntfs", "ntfs-3g", "overlayfs", "securefs", "snapfuse", "squashfuse",
    "squashfuse_ll", "unionfs", "unionfs-fuse", "xfs-fuse", "zfs-fuse",
  ]

  private static let deepest = 4

  /// Whether other hosts may see what a FUSE mount shows. Pure, but for a program that shows a folder
  /// of this host: then that folder's own file system tells.
  static func isShared(_ mount: MountedPlace?, depth: Int = 0) -> Bool {
    guard let mount, depth < deepest else { return true }
    // Served from a block device.
    if mount.type == "fuseblk" { return false }
    let program = mount.type.hasPrefix("fuse.") ? String(mount.type.dropFirst(5)) : nil
    guard program.map(localPrograms.contains) ?? true else { return true }
    let source = mount.source
    let isShown = source.isAbsolute && !source.starts(with: mount.point) && isContent(source)
    // A program without a name is known by what it shows alone.
    return isShown ? of(source, depth: depth + 1).isShared : program == nil
  }

  /// A folder or an image, and not the device that stands where a program names nothing.
  private static func isContent(_ path: FilePath) -> Bool {
    guard let status = FileStatus(unfollowed: path) else { return false }
    return status.isFolder || status.isRegular
  }
}
