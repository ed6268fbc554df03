import Glibc

/// The end of a pin as people write it.
public enum PinEnd {
  /// What is understood, for messages.
  public static let forms =
    "a date such as 2027-01-31, with a time if wanted, or a span such as 14d"

  /// Reads `2027-01-31` (that day is still kept), `2027-01-31 18:00`, both by the host's clock, and
  /// spans from now such as `12h`, `14d`, `2w`; `nil` for anything else.
  public static func parse(_ text: String, now: Int64) -> Int64? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "T" })
    guard let first = words.first, words.count <= 2 else { return nil }
    if words.count == 1, !first.contains("-") {
      guard first.last?.isLetter == true, let span = Age.parse(String(first)), span > 0 else {
        return nil
      }
      let (end, overflow) = now.addingReportingOverflow(span)
      return overflow ? nil : end
    }
    guard let day = numbers(first, "-", lengths: [4, 2, 2]) else { return nil }
    guard words.count == 2 else { return seconds(day, [0, 0], daysLater: 1) }
    return numbers(words[1], ":", lengths: [2, 2]).flatMap { seconds(day, $0, daysLater: 0) }
  }

  /// The end as `parse` reads it back.
  public static func text(_ end: Int64) -> String {
    let text = ClockText(zone: .local).time(Double(end))
    // Whole minutes: a second more or less keeps nothing.
    return text.utf8.count == 19 ? String(text.dropLast(3)) : text
  }

  private static func numbers(
    _ text: Substring, _ separator: Character, lengths: [Int]
  ) -> [Int32]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == lengths,
      parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } })
    else { return nil }
    return parts.compactMap { Int32($0) }
  }

  /// `nil` for a day that the calendar lacks.
  private static func seconds(_ day: [Int32], _ clock: [Int32], daysLater: Int32) -> Int64? {
    guard clock[0] < 24, clock[1] < 60, calendarHas(day) else { return nil }
    var parts = tm()
    parts.tm_year = day[0] - 1900
    parts.tm_mon = day[1] - 1
    parts.tm_mday = day[2] + daysLater
    parts.tm_hour = clock[0]
    parts.tm_min = clock[1]
    parts.tm_isdst = -1
    let found = mktime(&parts)
    return found == -1 ? nil : Int64(found)
  }

  private static func calendarHas(_ day: [Int32]) -> Bool {
    var parts = tm()
    parts.tm_year = day[0] - 1900
    parts.tm_mon = day[1] - 1
    parts.tm_mday = day[2]
    parts.tm_hour = 12
    guard timegm(&parts) != -1 else { return false }
    return parts.tm_year == day[0] - 1900 && parts.tm_mon == day[1] - 1 && parts.tm_mday == day[2]
  }
}
