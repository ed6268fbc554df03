/// A pointer's URL as a request carries it.
///
/// fbuild's client follows the WHATWG's rules for URLs; libcurl refuses blanks, takes a backslash as it
/// is, and sends every other byte unchanged. So the rules are applied before libcurl sees the URL.
package enum RequestURL {
  /// Blanks around it, line breaks and the fragment are gone, and what may not stand in a URL is percent
  /// encoded. Applied twice it changes nothing more.
  package static func encoded(_ url: String) -> String {
    let bytes = trimmed(Array(url.utf8)).filter { ![0x09, 0x0A, 0x0D].contains($0) }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return url }
    let rest = bytes[bytes.index(after: colon)...].drop(while: isSlash)
    let authority = rest.prefix { !isSlash($0) && $0 != questionMark && $0 != numberSign }
    let path = rest[authority.endIndex...].prefix { $0 != questionMark && $0 != numberSign }
    let tail = rest[path.endIndex...].prefix { $0 != numberSign }
    var result = bytes[...colon] + Array("//".utf8) + encodedAuthority(authority)
    result += encodedPath(path)
    if tail.first == questionMark {
      result += [questionMark] + percentEncoded(tail.dropFirst(), Array("\"<>'".utf8))
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let questionMark = UInt8(ascii: "?")
  private static let numberSign = UInt8(ascii: "#")

  private static func isSlash(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
  }

  private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var rest = bytes.drop { $0 <= 0x20 }
    while let last = rest.last, last <= 0x20 { rest.removeLast() }
    return rest
  }

  /// The host stays as it is: libcurl knows the rules for names.
  private static func encodedAuthority(_ authority: ArraySlice<UInt8>) -> [UInt8] {
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return Array(authority) }
    let parts = authority[..<at].split(
      separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    let user = parts.map { percentEncoded($0, Array("\"#<>?`{}/:;=@[\\]^|".utf8)) }
    return Array(user.joined(separator: Array(":".utf8))) + authority[at...]
  }

  private static func encodedPath(_ path: ArraySlice<UInt8>) -> [UInt8] {
    let segments = path.split(omittingEmptySubsequences: false, whereSeparator: isSlash)
    let encoded = segments.map { percentEncoded(withPlainDots($0), Array("\"#<>?`{}".utf8)) }
    return Array(encoded.joined(separator: Array("/".utf8)))
  }

  /// `.` and `..` may be written with percent signs, and mean the same.
  private static func withPlainDots(_ segment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard segment.count <= 6 else { return segment }
    let text = String(decoding: segment, as: UTF8.self).asciiLowercased.replacing("%2e", with: ".")
    return text == "." || text == ".." ? Array(text.utf8)[...] : segment
  }

  private static func percentEncoded(_ bytes: ArraySlice<UInt8>, _ also: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      guard byte <= 0x20 || byte >= 0x7F || also.contains(byte) else {
        result.append(byte)
        continue
      }
      let digits = Array("0123456789ABCDEF".utf8)
      result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return result
  }
}
