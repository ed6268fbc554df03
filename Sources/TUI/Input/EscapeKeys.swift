/// What whole escape sequences mean: the forms that terminals are known to send, whatever TERM says,
/// and those of the terminal's own description.
package struct EscapeKeys: Sendable {
  private let own: [[UInt8]: Key]

  /// `own`: the sequences of the terminal's description.
  package init(own: [[UInt8]: Key] = [:]) {
    self.own = own.filter { $0.key.first == 0x1B && $0.key.count > 1 }
  }

  /// `nil` for what is no key: the answers of terminals, and whatever else.
  func input(_ sequence: [UInt8], isAlt: Bool) -> Input? {
    let isControl = sequence.dropFirst().first == UInt8(ascii: "[")
    if isControl, let input = Self.report(sequence) { return isAlt ? nil : input }
    guard let key = own[sequence] ?? Self.known(sequence) else { return nil }
    return .key(isAlt ? .unknown : key)
  }

  private static func known(_ sequence: [UInt8]) -> Key? {
    guard sequence.count > 1, let last = sequence.last else { return nil }
    switch sequence[1] {
    case UInt8(ascii: "["): return control(Array(sequence.dropFirst(2)))
    case UInt8(ascii: "O"): return single(sequence.dropFirst(2).dropLast(), last)
    default: return sequence.count == 2 ? .alt(Character(Unicode.Scalar(last))) : nil
    }
  }

  // MARK: ESC [

  private static func control(_ body: [UInt8]) -> Key? {
    guard let last = body.last else { return nil }
    if body.count == 2, body[0] == UInt8(ascii: "[") { return linuxFunctions[last] }
    guard let numbers = Numbers(body.dropLast()) else { return nil }
    switch last {
    case UInt8(ascii: "~"): return tilde(numbers)
    case UInt8(ascii: "$"), UInt8(ascii: "^"), UInt8(ascii: "@"):
      guard numbers.count == 1, let key = numbered[numbers[0]] else { return nil }
      return modified(key, last == UInt8(ascii: "$") ? 2 : last == UInt8(ascii: "^") ? 5 : 6)
    case UInt8(ascii: "Z"): return numbers.count <= 2 ? .backTab : nil
    // With two numbers this is where the cursor is.
    case UInt8(ascii: "R"): return numbers.count == 0 ? .function(3) : nil
    default: break
    }
    if numbers.count == 0, let key = shifted[last] { return key }
    guard let key = letters[last], numbers.count <= 2, numbers.count < 2 || numbers[0] == 1
    else { return nil }
    return modified(key, numbers.count == 2 ? numbers[1] : 1)
  }

  private static func tilde(_ numbers: Numbers) -> Key? {
    guard (1...2).contains(numbers.count), let key = numbered[numbers[0]] else { return nil }
    return modified(key, numbers.count == 2 ? numbers[1] : 1)
  }

  // MARK: ESC O

  private static func single(_ digits: ArraySlice<UInt8>, _ last: UInt8) -> Key? {
    if digits.isEmpty {
      if let character = keypad[last] { return .character(character) }
      if let key = keypadKeys[last] ?? controlled[last] { return key }
    }
    guard let numbers = Numbers(digits), let key = letters[last] else { return nil }
    return modified(key, numbers.count == 0 ? 1 : numbers[numbers.count - 1])
  }

  /// Shift means the key itself but for pages, as in most programs; Ctrl moves by words; Alt is another key.
  private static func modified(_ key: Key, _ modifier: Int) -> Key {
    switch (modifier, key) {
    case (0...1, _): key
    case (2, .function(let number)): .function(number + 12)
    case (2, .pageUp): .shiftPageUp
    case (2, .pageDown): .shiftPageDown
    case (2, _): key
    case (5, .left): .controlLeft
    case (5, .right): .controlRight
    default: .unknown
    }
  }

  // MARK: Reports

  /// The focus, and the mouse in its three forms.
  private static func report(_ sequence: [UInt8]) -> Input? {
    let body = Array(sequence.dropFirst(2))
    if body == [UInt8(ascii: "I")] { return .focus(true) }
    if body == [UInt8(ascii: "O")] { return .focus(false) }
    if body.first == UInt8(ascii: "M"), body.count == 4, body[1...].allSatisfy({ $0 >= 32 }) {
      return mouse(Int(body[1]) - 32, Int(body[2]) - 32, Int(body[3]) - 32)
    }
    let isSGR = body.first == UInt8(ascii: "<")
    guard body.last == UInt8(ascii: "M"),
      let numbers = Numbers(body.dropFirst(isSGR ? 1 : 0).dropLast()), numbers.count == 3
    else { return nil }
    return mouse(isSGR ? numbers[0] : numbers[0] - 32, numbers[1], numbers[2])
  }

  /// Columns and rows count from 1; moves and releases mean nothing here.
  private static func mouse(_ code: Int, _ column: Int, _ row: Int) -> Input? {
    let modifiers = 4 | 8 | 16
    guard code >= 0, column > 0, row > 0 else { return nil }
    let button: Mouse.Button? =
      switch code & ~modifiers {
      case 0: .left
      case 1: .middle
      case 2: .right
      case 64: .wheelUp
      case 65: .wheelDown
      default: nil
      }
    return button.map { .mouse(Mouse($0, at: Point(x: column - 1, y: row - 1))) }
  }
}

/// The numbers of a sequence: `1;5`.
private struct Numbers {
  private var values: [Int] = []

  var count: Int { values.count }
  subscript(index: Int) -> Int { values[index] }

  /// `nil` where anything else stands there.
  init?(_ bytes: some Sequence<UInt8>) {
    var isEmpty = true
    var value = 0
    for byte in bytes {
      isEmpty = false
      switch byte {
      case UInt8(ascii: ";"):
        values.append(value)
        value = 0
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = min(100_000, value * 10 + Int(byte - UInt8(ascii: "0")))
      default: return nil
      }
    }
    if !isEmpty { values.append(value) }
  }
}
