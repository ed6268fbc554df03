/// What a terminal answers when it is asked for its background: `ESC ] 11 ; rgb:ffff/ffff/ffff`.
enum BackgroundAnswer {
  /// Without what ends the string; `nil` for everything else.
  static func read(_ sequence: some Sequence<UInt8>) -> Background? {
    let parts = String(decoding: Array(sequence), as: UTF8.self)
      .split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "\u{1B}]11" else { return nil }
    for (prefix, count) in [("rgb:", 3), ("rgba:", 4)] where parts[1].hasPrefix(prefix) {
      let colors = parts[1].dropFirst(prefix.utf8.count)
        .split(separator: "/", omittingEmptySubsequences: false).map(part)
      guard colors.count == count, let red = colors[0], let green = colors[1], let blue = colors[2]
      else { return nil }
      return Background(red: red, green: green, blue: blue)
    }
    return nil
  }

  /// One to four hexadecimal digits, of as many.
  private static func part(_ text: Substring) -> Double? {
    guard 1...4 ~= text.utf8.count, text.utf8.allSatisfy(isHex), let value = Int(text, radix: 16)
    else { return nil }
    return Double(value) / Double(1 << (4 * text.utf8.count) - 1)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
