import Glibc
public import SystemPackage

/// The file system of the cache: its size and what is free, in bytes.
public struct DiskSpace: Sendable, Hashable {
  /// All bytes of the file system.
  public var total: UInt64
  /// Bytes that this user may still write.
  public var free: UInt64
  /// Free too, but for root alone; `df` counts it neither as used nor as available.
  public var reserved: UInt64 = 0

  public init(total: UInt64, free: UInt64, reserved: UInt64 = 0) {
    self.total = total
    self.free = free
    self.reserved = reserved
  }

  /// Bytes in use, never below 0.
  public var used: UInt64 {
    let (rest, isOver) = free.addingReportingOverflow(reserved)
    return isOver ? 0 : total - min(total, rest)
  }

  /// 500 GiB, all free, where the system does not tell: fbuild counts with the same.
  public static func of(_ path: FilePath) -> DiskSpace {
    var info = statvfs()
    guard path.withPlatformString({ statvfs($0, &info) }) == 0 else {
      return DiskSpace(total: 500 << 30, free: 500 << 30)
    }
    let unit = UInt64(info.f_frsize)
    let (all, usable) = (UInt64(info.f_bfree), UInt64(info.f_bavail))
    return DiskSpace(
      total: UInt64(info.f_blocks) &* unit, free: usable &* unit,
      reserved: (all - min(all, usable)) &* unit)
  }
}
