import Glibc
package import SystemPackage

/// What is left on a file system, and where it is mounted: for whoever has to make room.
package struct DiskRoom: Sendable, Hashable {
  /// Bytes that this user may still write.
  package var bytes: UInt64
  /// Bytes that only root may still write.
  package var reserved: UInt64
  /// Files that may still be made; `nil` where the file system does not count them.
  package var inodes: UInt64?
  package var kind: String
  package var point: FilePath

  /// The nearest folder that exists tells; `nil` where nothing can be asked.
  package static func at(_ path: FilePath) -> DiskRoom? {
    var place = path
    while FileIdentity(path: place) == nil, let parent = place.parent { place = parent }
    var info = statvfs()
    guard place.withPlatformString({ statvfs($0, &info) }) == 0 else { return nil }
    let unit = UInt64(info.f_frsize)
    func bytes(_ blocks: UInt64) -> UInt64 { Saturating.product(blocks, unit) }
    let (free, usable) = (UInt64(info.f_bfree), UInt64(info.f_bavail))
    return DiskRoom(
      bytes: bytes(usable), reserved: bytes(free - min(free, usable)),
      inodes: info.f_files == 0 ? nil : UInt64(info.f_favail),
      kind: FileSystemKind.of(place).name, point: MountTable.mount(of: place)?.point ?? place)
  }

  package var isOutOfInodes: Bool { inodes == 0 }

  /// `4096 bytes are free on tmpfs at /srv/cache`.
  package var words: String {
    if isOutOfInodes { return "no inodes are free on \(kind) at \(point)" }
    let kept = reserved > 0 && bytes == 0 ? ", \(reserved) more are reserved for root" : ""
    return "\(bytes) bytes are free on \(kind) at \(point)\(kept)"
  }

  package var hint: String {
    isOutOfInodes
      ? "Remove files on that file system, of any size, and try again"
      : "Free space on that file system and try again"
  }
}
