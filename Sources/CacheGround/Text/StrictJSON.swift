/// A JSON reader that hides nothing: keys in order with their repeats, numbers as written, and the
/// place of every value. It takes and refuses what fbuild's reader does.
package struct StrictJSON {
  package struct Failure: Error {
    package var offset: Int
    package var message: String
  }

  private let bytes: [UInt8]
  private var position = 0
  private let depthLimit: Int
  private let readsOver: Bool

  /// Reads one value and nothing after it. Where `readsOver` is true, what nests deeper than the limit is
  /// `null`; else it is a failure.
  package static func read(
    _ bytes: [UInt8], depthLimit: Int, readsOver: Bool = false
  ) throws(Failure) -> Item {
    var reader = StrictJSON(bytes: bytes, depthLimit: depthLimit, readsOver: readsOver)
    let item = try reader.item(depth: 0)
    reader.skipBlanks()
    guard reader.peek == nil else { throw reader.failure("text follows the closing brace") }
    return item
  }

  private init(bytes: [UInt8], depthLimit: Int, readsOver: Bool) {
    self.bytes = bytes
    self.depthLimit = depthLimit
    self.readsOver = readsOver
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ message: String) -> Failure {
    Failure(offset: position, message: peek == nil ? "the file ends too early" : message)
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    skipBlanks()
    guard take(character) else { throw failure("`\(character)` is missing here") }
  }
}

// MARK: - Values

extension StrictJSON {
  private mutating func item(depth: Int) throws(Failure) -> Item {
    skipBlanks()
    let start = position
    return Item(value: try value(depth: depth), offset: start)
  }

  private mutating func value(depth: Int) throws(Failure) -> Value {
    guard depth <= depthLimit else {
      guard readsOver else { throw failure("values nest deeper than \(depthLimit) levels") }
      try readOver()
      return .null
    }
    switch peek {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try items(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"): return .number(try number())
    case .some(let byte) where isDigit(byte): return .number(try number())
    default: return try word()
    }
  }

  /// One value of any depth, which a call for each level could not read.
  private mutating func readOver() throws(Failure) {
    var ends: [Unicode.Scalar] = []
    repeat {
      if try begin(&ends) { continue }
      try finish(&ends)
    } while !ends.isEmpty
  }

  /// Reads to the first value of a list or an object, or over a value that is none; true where another value
  /// has to follow.
  private mutating func begin(_ ends: inout [Unicode.Scalar]) throws(Failure) -> Bool {
    skipBlanks()
    guard peek == UInt8(ascii: "{") || peek == UInt8(ascii: "[") else {
      _ = try value(depth: depthLimit)
      return false
    }
    let end: Unicode.Scalar = take("{") ? "}" : "]"
    if end == "]" { position += 1 }
    skipBlanks()
    if take(end) { return false }
    ends.append(end)
    if end == "}" { try key() }
    return true
  }

  /// Reads from the end of a value to the next one, or to the end of all.
  private mutating func finish(_ ends: inout [Unicode.Scalar]) throws(Failure) {
    while let end = ends.last {
      skipBlanks()
      guard take(end) else {
        try expect(",")
        return end == "}" ? try key() : ()
      }
      ends.removeLast()
    }
  }

  private mutating func key() throws(Failure) {
    skipBlanks()
    guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing here") }
    _ = try string()
    try expect(":")
  }

  private mutating func word() throws(Failure) -> Value {
    let words: [(String, Value)] = [
      ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
    ]
    for (text, value) in words where bytes[position...].starts(with: text.utf8) {
      position += text.utf8.count
      return value
    }
    if peek == UInt8(ascii: "/") || peek == UInt8(ascii: "#") {
      throw failure("JSON has no comments")
    }
    throw failure("a value is missing here")
  }

  private mutating func members(depth: Int) throws(Failure) -> [Member] {
    position += 1
    var found: [Member] = []
    skipBlanks()
    if take("}") { return found }
    while true {
      found.append(try member(depth: depth))
      skipBlanks()
      if take("}") { return found }
      try expect(",")
      skipBlanks()
      if peek == UInt8(ascii: "}") { throw failure("a comma stands before the closing brace") }
    }
  }

  private mutating func member(depth: Int) throws(Failure) -> Member {
    skipBlanks()
    let start = position
    guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing here") }
    guard let key = try string() else {
      throw Failure(offset: start, message: "the key holds half of a surrogate pair")
    }
    try expect(":")
    return Member(key: key, keyOffset: start, item: try item(depth: depth + 1))
  }

  private mutating func items(depth: Int) throws(Failure) -> [Item] {
    position += 1
    var found: [Item] = []
    skipBlanks()
    if take("]") { return found }
    while true {
      found.append(try item(depth: depth + 1))
      skipBlanks()
      if take("]") { return found }
      try expect(",")
    }
  }

  private mutating func digits() throws(Failure) {
    guard let byte = peek, isDigit(byte) else { throw failure("a digit is missing here") }
    while let byte = peek, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private mutating func number() throws(Failure) -> String {
    let start = position
    _ = take("-")
    if take("0") {
      if let byte = peek, isDigit(byte) { throw failure("a number starts with 0") }
    } else {
      try digits()
    }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}

// MARK: - Strings

extension StrictJSON {
  private mutating func string() throws(Failure) -> String? {
    position += 1
    var text: [UInt8] = []
    var isWhole = true
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return isWhole ? String(validating: text, as: UTF8.self) : nil
      case UInt8(ascii: "\\"):
        if let scalar = try escape() {
          text.append(contentsOf: Array(String(scalar).utf8))
        } else {
          isWhole = false
        }
      case 0..<0x20: throw failure("a control character stands inside a string")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw failure("")
  }

  /// One escape; `nil` for half of a surrogate pair.
  private mutating func escape() throws(Failure) -> Unicode.Scalar? {
    position += 1
    let plain: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
      UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
      UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    if let byte = peek, let scalar = plain[byte] {
      position += 1
      return scalar
    }
    guard take("u") else { throw failure("no such escape") }
    let unit = try hexUnit()
    guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(UInt32(unit)) }
    guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
      return nil
    }
    let mark = position
    position += 2
    let second = try hexUnit()
    guard second & 0xFC00 == 0xDC00 else {
      position = mark
      return nil
    }
    return Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(second & 0x3FF)))
  }

  private mutating func hexUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw failure("four hex digits are missing here")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
