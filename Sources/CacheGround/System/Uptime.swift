import Glibc

/// A clock that nobody sets.
public enum Uptime {
  /// Seconds since some moment of this boot.
  public static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
