/// Text of the index as its bytes are: mostly valid UTF-8, but never trusted to be.
///
/// Equality and hashing compare bytes, so two spellings that Unicode calls equivalent stay two
/// values. A text longer than the reader's limit is cut; `fullCount` keeps its true length.
public struct RawText: Sendable {
  /// The bytes read, at most the reader's limit.
  public let bytes: [UInt8]
  /// The length in the index, in bytes.
  public let fullCount: Int

  public init(bytes: [UInt8], fullCount: Int? = nil) {
    self.bytes = bytes
    self.fullCount = fullCount ?? bytes.count
  }

  public init(_ string: String) {
    self.init(bytes: Array(string.utf8))
  }

  /// The text, or `nil` where it is not valid UTF-8 or was cut.
  public var string: String? {
    isCut ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// True where only the beginning of the text was kept.
  public var isCut: Bool { fullCount > bytes.count }
  /// True for a text without a byte.
  public var isEmpty: Bool { fullCount == 0 }

  /// A readable form for every value: invalid bytes become `\xNN`, a cut ends in `…`.
  ///
  /// Control characters stay as they are: whoever prints it escapes them.
  public var readable: String {
    let text = String(validating: bytes, as: UTF8.self) ?? Self.escapeInvalid(bytes)
    return isCut ? text + "…" : text
  }

  private static func escapeInvalid(_ bytes: [UInt8]) -> String {
    var result = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      var decoder = UTF8()
      var iterator = rest.makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
        let byte = rest.removeFirst()
        let hex = String(byte, radix: 16)
        result += "\\x" + (hex.count == 1 ? "0" : "") + hex
        continue
      }
      result.unicodeScalars.append(scalar)
      rest = rest.dropFirst(UTF8.width(scalar))
    }
    return result
  }
}

extension RawText: Hashable {
  public static func == (left: RawText, right: RawText) -> Bool {
    left.bytes == right.bytes && left.fullCount == right.fullCount
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes)
    hasher.combine(fullCount)
  }
}

extension RawText: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}
