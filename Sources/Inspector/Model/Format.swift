package import CacheKit
internal import Glibc
internal import TUI

/// Numbers and times as people read them, and texts as a terminal may see them.
package enum Format {
  /// At most 5 cells: `812M`, `1.1G`, `96K`, `0`; `-` where there is none.
  package static func bytes(_ value: Int64?) -> String {
    guard let value else { return "-" }
    return value < 0 ? "neg" : bytes(unsigned: UInt64(value))
  }

  /// What a stranger claims may be more than the index can hold.
  package static func bytes(unsigned value: UInt64) -> String {
    guard value >= 1024 else { return String(value) }
    let units = ["K", "M", "G", "T", "P", "E"]
    var number = Double(value) / 1024
    var unit = 0
    while number >= 999.5, unit < units.count - 1 {
      number /= 1024
      unit += 1
    }
    return number < 9.95
      ? decimal(number) + units[unit] : String(Int(number.rounded())) + units[unit]
  }

  /// With the unit's full name: `1.3 GiB`.
  package static func size(_ value: Int64?) -> String {
    guard let value, value >= 0 else { return bytes(value) }
    return ByteSize.text(UInt64(value))
  }

  package static func size(unsigned value: UInt64) -> String { ByteSize.text(value) }

  /// Where a limit comes from, and what this shell would set where that is another one.
  package static func source(_ limit: Budget.Limit) -> String {
    guard let shell = limit.shell else { return text(limit.source) }
    return text("\(limit.source); here \(size(Int64(clamping: shell.bytes))): \(shell.source)")
  }

  /// `11.2 / 15.0 GiB`; both units where they differ.
  package static func share(_ value: Int64, of limit: Int64) -> String {
    let parts = size(value).split(separator: " ")
    let whole = size(limit)
    guard parts.count == 2, whole.hasSuffix(" \(parts[1])") else {
      return "\(size(value)) / \(whole)"
    }
    return "\(parts[0]) / \(whole)"
  }

  private static func decimal(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// An age in at most 5 cells, by the minute, so that it changes no more often: `<1m`, `48m`, `11h02`,
  /// `3d4h`, `90d`.
  package static func age(_ seconds: Int64?) -> String {
    guard let seconds else { return "-" }
    guard seconds >= 0 else { return "future" }
    return seconds < 60 ? "<1m" : ClockText.age(Double(seconds))
  }

  /// How long something takes, where a person waits for it: `45s`, `2m14s`, then as an age.
  package static func span(_ seconds: Int64) -> String {
    guard (60..<600).contains(seconds) else { return ClockText.age(Double(seconds)) }
    return "\(seconds / 60)m" + padded(seconds % 60) + "s"
  }

  /// `3d4h ago`, or `in the future`.
  static func ago(_ time: Int64?, now: Int64) -> String {
    let age = age(of: time, now: now)
    return age == "future" ? "in the future" : "\(age) ago"
  }

  package static func age(of time: Int64?, now: Int64) -> String {
    guard let time else { return "-" }
    let span = now.subtractingReportingOverflow(time)
    return span.overflow ? "-" : age(span.partialValue)
  }

  static func padded(_ value: Int64, _ digits: Int = 2) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// `2026-11-19 10:01:33`; the number itself where it is no time of this calendar.
  package static func time(_ seconds: Int64?, utc: Bool) -> String {
    guard let seconds else { return "-" }
    guard (-62_000_000_000...250_000_000_000).contains(seconds) else { return String(seconds) }
    var value = time_t(seconds)
    var parts = tm()
    let done = utc ? gmtime_r(&value, &parts) : localtime_r(&value, &parts)
    guard done != nil else { return String(seconds) }
    let date = [Int64(parts.tm_year) + 1900, Int64(parts.tm_mon) + 1, Int64(parts.tm_mday)]
    let clock = [Int64(parts.tm_hour), Int64(parts.tm_min), Int64(parts.tm_sec)]
    return padded(date[0], 4) + "-" + padded(date[1]) + "-" + padded(date[2]) + " "
      + clock.map { padded($0) }.joined(separator: ":")
  }

  /// The same in little room: `14:01:07` today, else `11-19 10:01`.
  static func recent(_ seconds: Int64?, now: Int64, utc: Bool) -> String {
    let text = time(seconds, utc: utc)
    guard text.count == 19 else { return text }
    if text.prefix(10) == time(now, utc: utc).prefix(10) { return String(text.suffix(8)) + "   " }
    return String(text.dropFirst(5).dropLast(3))
  }

  /// A version as it is told apart: of a whole sha256 the first eight digits.
  static func version(_ raw: RawText?) -> String {
    let text = text(raw)
    let isHash = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
    return isHash ? String(text.prefix(8)) : text
  }

  package static func text(_ raw: RawText?) -> String {
    guard let raw else { return "-" }
    let text = SafeText.escape(bytes: raw.bytes)
    return raw.isCut ? text + "..." : text
  }

  package static func text(_ string: String) -> String { SafeText.escape(string) }

  /// `3 leases`, `1 lease`.
  package static func count(_ number: Int, _ word: String, plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? word : plural ?? word + "s")"
  }

  /// 1234567 as `1,234,567`.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// A name for a row: `lnk-blobs/site@9f3a51`.
  package static func name(kind: RawText?, stem: RawText?, version: RawText?) -> String {
    "\(text(kind))/\(text(stem))@\(text(version))"
  }
}
