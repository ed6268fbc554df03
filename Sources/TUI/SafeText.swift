/// Makes text from disk, network or database harmless for a terminal; the one function for every sink.
///
/// Control characters become `\x1b`, invalid bytes `\xff`, invisible and direction-changing scalars
/// `\u{202e}`. A backslash is doubled, so the result always says what the text was.
package enum SafeText {
  package static func escape(_ text: some StringProtocol) -> String {
    escape(text, doublingBackslash: true, asciiOnly: false)
  }

  /// The same for bytes that should be UTF-8; what is not becomes `\xNN`.
  package static func escape(bytes: some Sequence<UInt8>) -> String {
    let all = Array(bytes)
    if all.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) {
      return String(decoding: all, as: UTF8.self)
    }
    var result = ""
    var run = CombiningRun()
    var rest = all[...]
    while let first = rest.first {
      guard let scalar = decode(rest) else {
        result += hex(UInt32(first))
        run.reset()
        rest.removeFirst()
        continue
      }
      append(scalar, to: &result, run: &run, doublingBackslash: true, asciiOnly: false)
      rest = rest.dropFirst(UTF8.width(scalar))
    }
    return result
  }

  /// The last line of defence: like `escape`, but leaves the backslashes of finished text alone.
  package static func finish(_ text: some StringProtocol, asciiOnly: Bool) -> String {
    escape(text, doublingBackslash: false, asciiOnly: asciiOnly)
  }

  /// True where every byte is printable ASCII: nothing to escape but backslashes.
  package static func isPlain(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  private static func escape(
    _ text: some StringProtocol, doublingBackslash: Bool, asciiOnly: Bool
  ) -> String {
    if isPlain(text), !doublingBackslash || !text.utf8.contains(UInt8(ascii: "\\")) {
      return String(text)
    }
    var result = ""
    var run = CombiningRun()
    for scalar in text.unicodeScalars {
      append(
        scalar, to: &result, run: &run, doublingBackslash: doublingBackslash, asciiOnly: asciiOnly)
    }
    return result
  }

  private static func append(
    _ scalar: Unicode.Scalar, to result: inout String, run: inout CombiningRun,
    doublingBackslash: Bool, asciiOnly: Bool
  ) {
    let width = isHostile(scalar) || (asciiOnly && !scalar.isASCII) ? nil : Width.of(scalar)
    guard let width, run.allows(width) else {
      result += escaped(scalar)
      run.reset()
      return
    }
    if scalar == "\\", doublingBackslash { result.unicodeScalars.append(scalar) }
    result.unicodeScalars.append(scalar)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    scalar.value < 0x80 ? hex(scalar.value) : "\\u{" + String(scalar.value, radix: 16) + "}"
  }

  private static func hex(_ value: UInt32) -> String {
    (value < 16 ? "\\x0" : "\\x") + String(value, radix: 16)
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    var decoder = UTF8()
    var iterator = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return scalar
  }

  /// Controls, direction marks, separators, and everything that is there but cannot be seen.
  package static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x7F { return value < 0x20 }
    if value < 0xA0 { return true }
    if invisible.contains(value) { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
      return true
    default:
      return false
    }
  }

  // What the general category does not tell: fillers, joiners, variation selectors, blank Braille.
  private static let invisible: Set<UInt32> = {
    let single: Set<UInt32> = [
      0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164,
      0xFFA0, 0xFFFC,
    ]
    return single.union(0xFE00...0xFE0F).union(0xE0100...0xE01EF)
  }()
}

/// A cell holds a base and a few marks: more than that would pile up over its neighbours.
private struct CombiningRun {
  private var hasBase = false
  private var marks = 0

  mutating func allows(_ width: Int) -> Bool {
    guard width == 0 else {
      hasBase = true
      marks = 0
      return true
    }
    marks += 1
    return hasBase && marks <= 3
  }

  mutating func reset() {
    // An escape ends in an ordinary character; a mark must not land on it.
    hasBase = false
    marks = 0
  }
}
