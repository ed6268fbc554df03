import Glibc

/// The name of a backup: `index.sqlite.bak-20261122T140231-migrate`, with `-2` behind it where the
/// same second already had one.
///
/// Only names of exactly this form are ours: a copy that a person made beside the index is never
/// taken for one.
package struct BackupName: Hashable, Comparable {
  /// What a backup was made for.
  package enum Label: String, CaseIterable {
    case migrate
    case manual
  }

  /// UTC as `20261122T140231`, which sorts by time.
  package let stamp: String
  package let label: Label
  /// Counts those of the same second, from 1.
  let number: Int

  private static let prefix = "index.sqlite.bak-"

  init(_ time: Int64, _ label: Label) {
    self.init(stamp: Self.stamp(time), label: label, number: 1)
  }

  init(stamp: String, label: Label, number: Int) {
    self.stamp = stamp
    self.label = label
    self.number = number
  }

  /// `nil` for a name that no version of ours writes.
  package init?(_ text: String) {
    guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
    let parts = text.utf8.dropFirst(Self.prefix.utf8.count).split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false
    ).map { String(Substring($0)) }
    guard parts.count == 2 || parts.count == 3, Self.isStamp(parts[0]),
      let label = Label(rawValue: parts[1]),
      let number = parts.count == 3 ? Int(parts[2]) : 1
    else { return nil }
    (stamp, self.label, self.number) = (parts[0], label, number)
    // `-02` or `+2` would read as a number, and is none of ours.
    guard description == text, parts.count == 2 || number > 1 else { return nil }
  }

  package static func < (left: BackupName, right: BackupName) -> Bool {
    (left.stamp, left.number, left.label.rawValue) < (
      right.stamp, right.number, right.label.rawValue
    )
  }

  private static func isStamp(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 15, bytes[8] == UInt8(ascii: "T") else { return false }
    let digits = bytes.prefix(8) + bytes.suffix(6)
    return digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// The seconds since the epoch of a stamp; `nil` for other text.
  package static func time(ofStamp text: String) -> Int64? {
    guard isStamp(text) else { return nil }
    let digits = Array(text.utf8).filter { $0 != UInt8(ascii: "T") }.map { CInt($0 - 0x30) }
    func number(_ places: Range<Int>) -> CInt { digits[places].reduce(0) { $0 * 10 + $1 } }
    var parts = tm()
    parts.tm_year = number(0..<4) - 1900
    parts.tm_mon = number(4..<6) - 1
    parts.tm_mday = number(6..<8)
    parts.tm_hour = number(8..<10)
    parts.tm_min = number(10..<12)
    parts.tm_sec = number(12..<14)
    let time = Int64(timegm(&parts))
    // What is no date would come out as another one.
    return stamp(time) == text ? time : nil
  }

  package static func stamp(_ time: Int64) -> String {
    var seconds = time_t(max(0, min(time, lastTime)))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers = [
      Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour),
      Int(parts.tm_min), Int(parts.tm_sec),
    ]
    let digits = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
    return digits[0..<3].joined() + "T" + digits[3..<6].joined()
  }

  /// The end of the year 9999: later ones would not sort as text.
  private static let lastTime: Int64 = 253_402_300_799
}

extension BackupName: CustomStringConvertible {
  package var description: String {
    "\(Self.prefix)\(stamp)-\(label.rawValue)" + (number == 1 ? "" : "-\(number)")
  }
}
