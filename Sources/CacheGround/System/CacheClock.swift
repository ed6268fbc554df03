import Glibc

/// Where "now" comes from: the system, or a fixed time for tests and screenshots.
public struct CacheClock: Sendable {
  /// Nanoseconds since the epoch.
  public let nanoseconds: @Sendable () -> UInt64

  package init(nanoseconds: @escaping @Sendable () -> UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The wall clock.
  public static let system = CacheClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Stands still at `seconds` since the epoch.
  public static func fixed(_ seconds: Int64) -> CacheClock {
    let value = Saturating.product(UInt64(clamping: seconds), 1_000_000_000)
    return CacheClock { value }
  }

  /// Seconds since the epoch.
  public func now() -> Int64 { Int64(nanoseconds() / 1_000_000_000) }
}
