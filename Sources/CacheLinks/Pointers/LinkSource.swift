/// The text of a pointer file, and where each part of it stands.
struct LinkSource {
  let bytes: [UInt8]
  let text: String

  struct Line {
    var text: Substring
    /// Counted from 1.
    var line: Int
    /// Of the first byte that is left after trimming, counted from 1.
    var column: Int
  }

  /// Throws where the bytes cannot be a pointer whatever their form: too many, or not UTF-8.
  init(_ bytes: [UInt8]) throws(LinkProblem) {
    guard bytes.count <= LinkFile.sizeLimit else {
      throw LinkProblem(
        message: "the file has \(bytes.count) bytes, a pointer has at most \(LinkFile.sizeLimit)")
    }
    self.bytes = bytes
    let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    if isWide { throw LinkProblem(message: "the file is UTF-16, a pointer is UTF-8") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let place = Self.place(ofByte: Self.firstInvalid(bytes), in: bytes)
      throw LinkProblem(line: place.line, column: place.column, message: "not valid UTF-8")
    }
    self.text = text
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw LinkProblem(message: "the file starts with a byte order mark")
    }
  }

  /// The first line that, trimmed, is neither empty nor a comment.
  var firstLine: Line? { lines.first }

  /// All lines, trimmed of Unicode white space, without empty ones and comments.
  var lines: [Line] {
    var found: [Line] = []
    var number = 0
    for raw in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let front = raw.prefix { $0.properties.isWhitespace }.count
      var rest = raw.dropFirst(front)
      while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
      if rest.isEmpty || rest.first == "#" { continue }
      found.append(Line(text: Substring(rest), line: number, column: front + 1))
    }
    return found
  }

  /// True where a line holds what looks like a URL, wherever it stands.
  var namesURL: Bool { lines.contains { $0.text.contains("://") } }

  /// A line that was meant to name the hash, in a file where none does.
  var misplacedHash: Line? { lines.first { $0.text.asciiLowercased.hasPrefix("sha256") } }

  func problem(at offset: Int, _ message: String) -> LinkProblem {
    let place = Self.place(ofByte: offset, in: bytes)
    return LinkProblem(line: place.line, column: place.column, message: message)
  }

  /// Columns count scalars, so continuation bytes do not count.
  private static func place(ofByte offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(max(0, offset)) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  private static func firstInvalid(_ bytes: [UInt8]) -> Int {
    var iterator = bytes.makeIterator()
    var decoder = UTF8()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      offset += UTF8.width(scalar)
    }
    return offset
  }
}

extension LinkFile {
  /// The text form: a URL, then `key=value` lines of which only the last `sha256` counts.
  ///
  /// `nil` where no line has a `sha256`.
  static func textForm(_ source: LinkSource) throws(LinkProblem) -> LinkFile? {
    let lines = source.lines
    guard let first = lines.first else { return nil }
    let hashes = lines.dropFirst().compactMap(hashLine)
    guard let last = hashes.last else { return nil }
    let url = String(first.text)
    if let why = whyNotURL(url) {
      throw LinkProblem(line: first.line, column: first.column, message: why)
    }
    guard let sha256 = normalised(sha256: last.value) else {
      throw LinkProblem(
        line: last.line.line, column: last.line.column, message: hashMessage(last.value))
    }
    return LinkFile(url: url, sha256: sha256, form: .text)
  }

  private static func hashLine(_ line: LinkSource.Line) -> (value: String, line: LinkSource.Line)? {
    let scalars = line.text.unicodeScalars
    guard let sign = scalars.firstIndex(of: "=") else { return nil }
    guard trimmed(scalars[..<sign]).elementsEqual("sha256".unicodeScalars) else { return nil }
    return (String(trimmed(scalars[scalars.index(after: sign)...])), line)
  }

  private static func trimmed(
    _ scalars: Substring.UnicodeScalarView
  ) -> Substring.UnicodeScalarView {
    var rest = scalars.drop { $0.properties.isWhitespace }
    while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
    return rest
  }

  /// The hash in lower case, or `nil` where it is not 64 bytes of ASCII hex.
  package static func normalised(sha256 text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count == 64 else { return nil }
    var lower: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
        lower.append(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): lower.append(byte | 0x20)
      default: return nil
      }
    }
    return String(decoding: lower, as: UTF8.self)
  }

  static func hashMessage(_ text: String) -> String {
    let count = text.utf8.count
    return count == 64
      ? "sha256 holds a character that is no hex digit" : "sha256 has \(count) bytes instead of 64"
  }

  /// Why fbuild would not take this URL, or `nil`. Schemes are compared byte for byte.
  package static func whyNotURL(_ url: String) -> String? {
    if url.utf8.starts(with: "http://".utf8) || url.utf8.starts(with: "https://".utf8) {
      return nil
    }
    return "the URL does not start with http:// or https://"
  }
}
