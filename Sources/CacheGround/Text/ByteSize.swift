/// Sizes as fbuild reads them from its environment: a number and a unit, all units 1024-based.
public enum ByteSize {
  /// `nil` where fbuild would fall back to its default: `1e3`, `-5`, `abc`, an empty text.
  public static func parse(_ text: String) -> UInt64? {
    let trimmed = text.trimmed
    let digits = trimmed.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard !digits.isEmpty, let number = Double(digits) else { return nil }
    let unit = trimmed.dropFirst(digits.count).trimmed.uppercased()
    guard let power = powers[unit] else { return nil }
    let bytes = number * power
    return bytes >= 0x1p64 ? .max : UInt64(bytes)
  }

  private static let powers: [String: Double] = [
    "": 1, "B": 1, "K": 0x1p10, "KB": 0x1p10, "KIB": 0x1p10, "M": 0x1p20, "MB": 0x1p20,
    "MIB": 0x1p20, "G": 0x1p30, "GB": 0x1p30, "GIB": 0x1p30, "T": 0x1p40, "TB": 0x1p40,
    "TIB": 0x1p40,
  ]
}

extension StringProtocol {
  fileprivate var trimmed: SubSequence {
    let start = drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
    return start[...last]
  }
}
