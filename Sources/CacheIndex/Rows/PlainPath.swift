/// Whether a stored path is one of the many that need no closer look: below the root, at least three
/// names deep, in ASCII, no name beginning with a dot.
enum PlainPath {
  static func isPlain(_ bytes: some RandomAccessCollection<UInt8>, root: [UInt8]) -> Bool {
    guard bytes.count <= EntryRows.listTextLimit else { return false }
    guard bytes.first == slash else { return isPlainBelow(bytes[...]) }
    guard bytes.starts(with: root) else { return false }
    let rest = bytes.dropFirst(root.count)
    return rest.first == slash && isPlainBelow(rest.dropFirst())
  }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  private static func isPlainBelow(_ bytes: some Sequence<UInt8>) -> Bool {
    var slashes = 0
    var previous = slash
    for byte in bytes {
      if byte == slash {
        if previous == slash { return false }
        slashes += 1
      } else if byte == 0 || byte >= 0x80 || byte == dot && previous == slash {
        return false
      }
      previous = byte
    }
    return slashes >= 2 && previous != slash
  }
}
