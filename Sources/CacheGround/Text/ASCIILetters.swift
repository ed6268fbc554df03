extension StringProtocol {
  /// With the letters of ASCII in lower case, and all others as they are: names of protocols know no others,
  /// while `lowercased()` makes a `k` of the Kelvin sign.
  package var asciiLowercased: String {
    String(decoding: utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
