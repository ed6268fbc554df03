/// The head of an HTTP response, as far as a download needs it.
package struct ResponseHead: Sendable, Hashable {
  var status = 0
  var contentLength: UInt64?
  /// Of a 206 or a 416.
  var contentRange: ContentRange?
  var etag: String?
  var lastModified: String?
  package var contentEncoding: String?
  var contentType: String?
  var isChunked = false

  /// What makes a later Range request safe: a strong ETag, else a date.
  var validator: String? {
    if let etag, !etag.hasPrefix("W/") { return etag }
    return lastModified
  }

  /// The length of the whole file, where this head tells it.
  var totalLength: UInt64? {
    if status == 206 { return contentRange?.total }
    return isChunked ? nil : contentLength
  }
}

/// `bytes first-last/total`; a `*` is `nil`.
struct ContentRange: Sendable, Hashable {
  var first: UInt64?
  var last: UInt64?
  var total: UInt64?

  init?(_ text: String) {
    guard text.hasPrefix("bytes ") else { return nil }
    let sides = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    if sides[1] != "*" {
      guard let total = UInt64(sides[1]) else { return nil }
      self.total = total
    }
    if sides[0] == "*" { return }
    let ends = sides[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last
    else { return nil }
    if let total, last >= total { return nil }
    self.first = first
    self.last = last
  }
}

/// Collects header lines into heads; bounded, because a server may send lines for ever.
///
/// `curl_easy_header` would keep them too, from libcurl 7.83 on; Ubuntu 22.04 has 7.81.
package struct HeadReader {
  static let byteLimit = 64 << 10
  static let lineLimit = 500

  private(set) var head = ResponseHead()
  private var bytes = 0
  private var lines = 0
  private var isComplete = false

  package enum Step: Equatable {
    case more
    case complete
    case tooMuch
  }

  /// Takes one line with its line ending.
  package mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
    bytes += line.count
    lines += 1
    guard bytes <= Self.byteLimit, lines <= Self.lineLimit else { return .tooMuch }
    let text = Self.text(line)
    if text.hasPrefix("HTTP/") {
      // A new head: the one before was an interim answer.
      head = ResponseHead()
      head.status = Self.status(text)
      isComplete = false
      return .more
    }
    // What follows a complete head are trailers, which decide nothing.
    if isComplete { return .more }
    guard text.isEmpty else {
      field(text)
      return .more
    }
    isComplete = true
    return .complete
  }

  private static func text(_ line: UnsafeRawBufferPointer) -> String {
    var bytes = line[...]
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func status(_ line: String) -> Int {
    let words = line.split(separator: " ")
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }

  private mutating func field(_ line: String) {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = line[..<colon].asciiLowercased
    let value = String(line[line.utf8.index(after: colon)...]).trimmedBlanks
    switch name {
    case "content-length": head.contentLength = UInt64(value)
    case "content-range": head.contentRange = ContentRange(value)
    case "etag": head.etag = value
    case "last-modified": head.lastModified = value
    case "content-encoding": head.contentEncoding = value.asciiLowercased
    case "content-type": head.contentType = value.asciiLowercased
    case "transfer-encoding": head.isChunked = value.asciiLowercased.contains("chunked")
    default: break
    }
  }
}

extension String {
  /// Without blanks and tabs at both ends.
  var trimmedBlanks: String {
    var rest = utf8[...]
    while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
    while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
    return String(Substring(rest))
  }
}
