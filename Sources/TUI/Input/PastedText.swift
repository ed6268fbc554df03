/// What comes between the brackets of a paste: text, whatever is in it.
struct PastedText: Sendable {
  static let begin = Array("\u{1B}[200~".utf8)
  static let end = Array("\u{1B}[201~".utf8)
  private static let limit = 10_000

  private var bytes: [UInt8] = []
  /// The newest bytes, which may be a bracket.
  private var tail: [UInt8] = []
  private var depth = 1

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The text where this byte ends the paste. `rest` came together with it: what is pasted may hold
  /// an end of its own, but then the true one follows.
  mutating func take(_ byte: UInt8, before rest: ArraySlice<UInt8>) -> String? {
    bytes.append(byte)
    tail.append(byte)
    if tail.count > Self.end.count { tail.removeFirst() }
    if tail == Self.begin { depth += 1 }
    if tail == Self.end {
      if depth > 1 {
        depth -= 1
      } else if !Self.endsAgain(rest) {
        bytes.removeLast(min(bytes.count, Self.end.count))
        return text
      }
    }
    // The last bytes stay apart until they are known to be no bracket.
    if bytes.count > Self.limit { bytes.remove(at: Self.limit - Self.end.count) }
    return nil
  }

  /// True where one more end comes before a begin.
  private static func endsAgain(_ rest: ArraySlice<UInt8>) -> Bool {
    var index = rest.startIndex
    while let found = rest[index...].firstIndex(of: 0x1B) {
      let part = rest[found...].prefix(end.count)
      if part.elementsEqual(end) { return true }
      if part.elementsEqual(begin) { return false }
      index = found + 1
    }
    return false
  }
}
