/// The letters of a name that fbuild makes of a part of a URL: the stem, and the secrets that it may hold.
enum SanitizedName {
  static func withoutArchiveEnding(_ segment: Substring.UnicodeScalarView) -> String {
    var scalars = Array(segment)
    for ending in [".tar.gz", ".tar.bz2", ".tar.xz", ".zip", ".tgz"] {
      let tail = Array(ending.unicodeScalars)
      while scalars.count >= tail.count, scalars.suffix(tail.count).elementsEqual(tail) {
        scalars.removeLast(tail.count)
      }
    }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }

  static func stem(_ text: String) -> String {
    var scalars = text.unicodeScalars.map { isKept($0) ? $0 : "-" }[...]
    while scalars.first == "-" { scalars.removeFirst() }
    while scalars.last == "-" { scalars.removeLast() }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }

  private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "-" || scalar == "_" || scalar == "." { return true }
    if scalar.isASCII { return isLetterOrDigit(UInt8(scalar.value)) }
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return scalar.properties.isAlphabetic
    }
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
