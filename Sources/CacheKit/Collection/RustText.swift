/// The words with which fbuild's libraries refuse a value of the index. Pure.
enum RustText {
  static let overflow = "integer overflow"

  /// `Invalid column type Blob at index: 6, name: archive_path`.
  static func invalidType(_ className: String, _ index: Int, _ name: String) -> String {
    "Invalid column type \(className) at index: \(index), name: \(name)"
  }

  static func invalidText(_ words: String, _ index: Int) -> String {
    "Conversion error from type Text at index: \(index), \(words)"
  }

  static func unknownKind(_ kind: [UInt8]) -> String {
    invalidText("unknown cache kind: \(RawText(bytes: kind).readable)", 1)
  }

  /// What is wrong with bytes that are not UTF-8, in the words of Rust's library; `nil` for sound ones.
  static func utf8Fault(_ bytes: some RandomAccessCollection<UInt8>) -> String? {
    var place = bytes.startIndex
    var offset = 0
    while place < bytes.endIndex {
      if bytes[place] < 0x80 {
        place = bytes.index(after: place)
        offset += 1
        continue
      }
      switch sequence(bytes[place...]) {
      case .whole(let count):
        place = bytes.index(place, offsetBy: count)
        offset += count
      case .broken(let count):
        return "invalid utf-8 sequence of \(count) bytes from index \(offset)"
      case .cut: return "incomplete utf-8 byte sequence from index \(offset)"
      }
    }
    return nil
  }

  private enum Sequence {
    case whole(Int)
    /// So many bytes cannot be the start of anything.
    case broken(Int)
    case cut
  }

  private static func sequence(_ rest: some RandomAccessCollection<UInt8>) -> Sequence {
    let bytes = Array(rest.prefix(4))
    let ranges = ranges(after: bytes[0])
    guard !ranges.isEmpty else { return .broken(1) }
    for (place, range) in zip(1..., ranges) {
      guard place < bytes.count else { return .cut }
      guard range.contains(bytes[place]) else { return .broken(place) }
    }
    return .whole(ranges.count + 1)
  }

  /// What may follow a first byte; nothing where it cannot be one.
  private static func ranges(after first: UInt8) -> [ClosedRange<UInt8>] {
    let any: ClosedRange<UInt8> = 0x80...0xBF
    return switch first {
    case 0xC2...0xDF: [any]
    case 0xE0: [0xA0...0xBF, any]
    case 0xE1...0xEC, 0xEE...0xEF: [any, any]
    case 0xED: [0x80...0x9F, any]
    case 0xF0: [0x90...0xBF, any, any]
    case 0xF1...0xF3: [any, any, any]
    case 0xF4: [0x80...0x8F, any, any]
    default: []
    }
  }
}
