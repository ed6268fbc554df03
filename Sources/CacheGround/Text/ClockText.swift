import Glibc
import Synchronization

/// The clock that times are shown in.
public enum ClockZone: String, Sendable, Hashable {
  /// As `TZ` and the host say.
  case local
  case utc
}

extension ClockZone {
  private static let isUTC = Atomic<Bool>(false)

  /// How sentences about this host write times: as `TZ` says, until a person wants UTC.
  package static var chosen: ClockZone {
    get { isUTC.load(ordering: .relaxed) ? .utc : .local }
    set { isUTC.store(newValue == .utc, ordering: .relaxed) }
  }
}

/// Times and ages as people read them.
package struct ClockText {
  package var zone: ClockZone

  package init(zone: ClockZone) {
    self.zone = zone
  }

  /// `2026-11-19 12:03:11`, or words for a time that no calendar holds.
  package func time(_ seconds: Double?) -> String {
    guard let parts = seconds.flatMap(calendar) else { return "at an unknown time" }
    return day(parts) + " " + clock(parts)
  }

  /// The same, without the day where `other` falls on that day.
  package func time(_ seconds: Double?, besides other: Double?) -> String {
    guard let parts = seconds.flatMap(calendar), let other = other.flatMap(calendar),
      day(parts) == day(other)
    else { return time(seconds) }
    return clock(parts)
  }

  /// `45s`, `48m`, `11h02`, `3d4h`, `90d`.
  package static func age(_ seconds: Double) -> String {
    guard let total = wholeSeconds(max(0, seconds)) else { return "ages" }
    let (minutes, hours, days) = (total / 60, total / 3600, total / 86400)
    switch total {
    case ..<60: return "\(total)s"
    case ..<3600: return "\(minutes)m"
    case ..<86_400: return "\(hours)h\(two(minutes % 60))"
    case ..<864_000: return "\(days)d\(hours % 24)h"
    case ..<864_000_000: return "\(days)d"
    default: return "ages"
    }
  }

  private func calendar(_ seconds: Double) -> tm? {
    guard var moment = Self.wholeSeconds(seconds) else { return nil }
    var parts = tm()
    let found = zone == .utc ? gmtime_r(&moment, &parts) : localtime_r(&moment, &parts)
    return found == nil ? nil : parts
  }

  private func day(_ parts: tm) -> String {
    "\(parts.tm_year + 1900)-\(Self.two(Int(parts.tm_mon) + 1))-\(Self.two(Int(parts.tm_mday)))"
  }

  private func clock(_ parts: tm) -> String {
    [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.two(Int($0)) }.joined(separator: ":")
  }

  private static func two(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// Whole seconds within the years that a calendar can hold.
  private static func wholeSeconds(_ seconds: Double) -> Int? {
    abs(seconds) < 253_402_300_800 ? Int(seconds.rounded(.down)) : nil
  }
}
