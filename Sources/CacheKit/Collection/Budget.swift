import Glibc
public import SystemPackage

/// Sizes as fbuild reads them from its environment: a number and a unit, all units 1024-based.
public enum ByteSize {
  /// `nil` where fbuild would fall back to its default: `1e3`, `-5`, `abc`, an empty text.
  public static func parse(_ text: String) -> UInt64? {
    let trimmed = trim(text.unicodeScalars[...])
    let digits = trimmed.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard !digits.isEmpty, let number = Double(String(digits)), number.isFinite else { return nil }
    let unit = String(trim(trimmed.dropFirst(digits.count))).uppercased()
    guard let power = powers[unit] else { return nil }
    let bytes = number * power
    return bytes >= 0x1p64 ? .max : UInt64(bytes)
  }

  // Scalars: a letter with an accent is no white space to the one, nor a digit to the other.
  private static func trim(
    _ text: Substring.UnicodeScalarView
  ) -> Substring.UnicodeScalarView {
    let start = text.drop { $0.properties.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.properties.isWhitespace }) else {
      return start.prefix(0)
    }
    return start[...last]
  }

  private static let powers: [String: Double] = [
    "": 1, "B": 1, "K": 0x1p10, "KB": 0x1p10, "KIB": 0x1p10, "M": 0x1p20, "MB": 0x1p20,
    "MIB": 0x1p20, "G": 0x1p30, "GB": 0x1p30, "GIB": 0x1p30, "T": 0x1p40, "TB": 0x1p40,
    "TIB": 0x1p40,
  ]
}

/// The four limits of fbuild's GC, each with where it comes from. Pure: `read` takes the facts.
public struct Budget: Sendable, Hashable {
  public struct Limit: Sendable, Hashable {
    /// Bytes.
    public var bytes: UInt64
    /// The environment variable, or the rule: "5 % of the disk"; "daemon (pid 4121)" for one in force there.
    public var source: String
    /// What this process's own environment would set, where a daemon's limit is another one.
    public var shell: Shell?

    public struct Shell: Sendable, Hashable {
      public var bytes: UInt64
      public var source: String
    }

    public init(bytes: UInt64, source: String, shell: Shell? = nil) {
      self.bytes = bytes
      self.source = source
      self.shell = shell
    }
  }

  public var archive: Limit
  public var installed: Limit
  public var highWatermark: Limit
  public var lowWatermark: Limit

  /// The rules of fbuild: 5 % of the disk but at most 15 GiB for each phase, 10 % but at most 30 GiB
  /// for both, and four fifths of that as the low watermark.
  public static func of(
    totalDisk: UInt64, environment: (String) -> String? = CacheLocation.environmentText
  ) -> Budget {
    func limit(_ name: String, percent: Int, cap: UInt64) -> Limit {
      if let text = environment(name), let bytes = ByteSize.parse(text) {
        return Limit(bytes: bytes, source: name)
      }
      let share = UInt64(Double(totalDisk) * (Double(percent) / 100))
      return share < cap
        ? Limit(bytes: share, source: "\(percent) % of the disk")
        : Limit(bytes: cap, source: "default")
    }
    let high = limit("FBUILD_CACHE_HIGH_WATERMARK", percent: 10, cap: 30 << 30)
    return Budget(
      archive: limit("FBUILD_CACHE_ARCHIVE_BUDGET", percent: 5, cap: 15 << 30),
      installed: limit("FBUILD_CACHE_INSTALLED_BUDGET", percent: 5, cap: 15 << 30),
      highWatermark: high,
      lowWatermark: Limit(
        bytes: lowWatermark(ofHigh: high.bytes), source: "80 % of the high watermark"))
  }

  /// In floating point, as fbuild multiplies.
  static func lowWatermark(ofHigh bytes: UInt64) -> UInt64 { UInt64(Double(bytes) * 0.80) }
}

/// The file system of the cache: its size and what is free, in bytes.
public struct DiskSpace: Sendable, Hashable {
  public var total: UInt64
  public var free: UInt64
  /// Free too, but for root alone; `df` counts it neither as used nor as available.
  public var reserved: UInt64 = 0

  public init(total: UInt64, free: UInt64, reserved: UInt64 = 0) {
    self.total = total
    self.free = free
    self.reserved = reserved
  }

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
