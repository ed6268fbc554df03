/// Sizes as fbuild reads them from its environment: a number and a unit, all units 1024-based.
public enum ByteSize {
  /// `nil` where fbuild would fall back to its default: `1e3`, `-5`, `abc`, an empty text.
  public static func parse(_ text: String) -> UInt64? {
    let trimmed = trim(text.unicodeScalars[...])
    let digits = trimmed.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard !digits.isEmpty, let number = Double(String(digits)), number.isFinite else { return nil }
    let unit = String(trim(trimmed.dropFirst(digits.count))).uppercased()
    guard let power = powers[Array(unit.utf8)] else { return nil }
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

  // By their bytes: for a String the Kelvin sign is the letter K.
  private static let powers: [[UInt8]: Double] = Dictionary(
    uniqueKeysWithValues: units.map { (Array($0.key.utf8), $0.value) })

  private static let units: KeyValuePairs<String, Double> = [
    "": 1, "B": 1, "K": 0x1p10, "KB": 0x1p10, "KIB": 0x1p10, "M": 0x1p20, "MB": 0x1p20,
    "MIB": 0x1p20, "G": 0x1p30, "GB": 0x1p30, "GIB": 0x1p30, "T": 0x1p40, "TB": 0x1p40,
    "TIB": 0x1p40,
  ]

  /// With the unit's full name, and one digit behind the point where there is room: `1.3 GiB`.
  public static func text(_ bytes: UInt64) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var number = Double(bytes) / 1024
    var unit = 0
    while number >= 1023.5, unit < units.count - 1 {
      number /= 1024
      unit += 1
    }
    let tenths = Int((number * 10).rounded())
    let digits = number < 99.95 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(number.rounded()))"
    return "\(digits) \(units[unit])"
  }
}
