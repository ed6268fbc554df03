/// The control sequence that puts text on the terminal's clipboard (OSC 52).
package enum Clipboard {
  /// Terminals drop longer sequences; this many bytes of base64 pass everywhere.
  package static let limit = 74_994
  /// The bytes of a text that fit into it.
  package static let byteLimit = limit / 4 * 3

  package static func sequence(for text: String) -> [UInt8] {
    let encoded = Base64.encode(Array(text.utf8.prefix(byteLimit)))
    return Array("\u{1b}]52;c;".utf8) + encoded + Array("\u{1b}\\".utf8)
  }

  /// The same inside GNU screen, which hands on only what comes in pieces of its own sequence.
  package static func wrappedForScreen(_ sequence: [UInt8]) -> [UInt8] {
    let isEnded = sequence.suffix(2) == [0x1b, UInt8(ascii: "\\")]
    // The end of the piece must not be taken for the end of what is in it.
    var rest = (isEnded ? sequence.dropLast(2) + [7] : sequence[...])[...]
    var result: [UInt8] = []
    while !rest.isEmpty {
      result += Array("\u{1b}P".utf8) + rest.prefix(200) + Array("\u{1b}\\".utf8)
      rest = rest.dropFirst(200)
    }
    return result
  }
}
