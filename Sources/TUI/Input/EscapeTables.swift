extension EscapeKeys {
  private static func table<Value>(_ pairs: [(Character, Value)]) -> [UInt8: Value] {
    Dictionary(
      pairs.compactMap { pair in pair.0.asciiValue.map { ($0, pair.1) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The letters that stand for a key behind `ESC [` and behind `ESC O`, in every mode.
  static let letters: [UInt8: Key] = table([
    ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end),
    ("P", .function(1)), ("Q", .function(2)), ("R", .function(3)), ("S", .function(4)),
    ("E", .unknown),
  ])

  /// rxvt: Shift and an arrow.
  static let shifted: [UInt8: Key] = table([
    ("a", .up), ("b", .down), ("c", .right), ("d", .left),
  ])

  /// rxvt: Ctrl and an arrow, behind `ESC O`.
  static let controlled: [UInt8: Key] = table([
    ("a", .unknown), ("b", .unknown), ("c", .controlRight), ("d", .controlLeft),
  ])

  /// The keypad in application mode: what is printed on it.
  static let keypad: [UInt8: Character] = table(
    [
      ("j", "*"), ("k", "+"), ("l", ","), ("m", "-"), ("n", "."), ("o", "/"), ("X", "="),
      (" ", " "),
    ] + zip("pqrstuvwxy", "0123456789").map { ($0, $1) })

  static let keypadKeys: [UInt8: Key] = table([("M", .enter), ("I", .tab)])

  static let linuxFunctions: [UInt8: Key] = table(
    zip("ABCDE", 1...5).map { ($0, Key.function($1)) })

  /// `ESC [ number ~`.
  static let numbered: [Int: Key] = {
    var keys: [Int: Key] = [
      1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    ]
    let functions = [
      11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
    ]
    for (index, number) in functions.enumerated() { keys[number] = .function(index + 1) }
    return keys
  }()
}
