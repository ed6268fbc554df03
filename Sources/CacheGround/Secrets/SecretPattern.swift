/// What is a secret by its form: user info and parameters of URLs, values behind words such as
/// `password`, tokens of well-known services. Pure.
package enum SecretPattern {
  package static func hits(in text: [UInt8]) -> [Range<Int>] {
    var finder = SecretFinder(text)
    finder.find()
    return finder.hits
  }

  /// A text with what is a secret in it masked, for messages and logs.
  package static func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let masked = SecretSet().masked(bytes)
    return masked.count == bytes.count && masked == bytes
      ? text : String(decoding: masked, as: UTF8.self)
  }

  /// True for the name of a value that nobody else should see.
  static func isSecretName(_ name: some Sequence<UInt8>) -> Bool {
    let letters = name.filter { $0 != dash && $0 != underscore && $0 != dot }.map { $0 | 0x20 }
    let text = String(decoding: letters, as: UTF8.self)
    return exact.contains(text) || parts.contains { text.contains($0) }
      || endings.contains { text.hasSuffix($0) }
  }

  private static let dash = UInt8(ascii: "-")
  private static let underscore = UInt8(ascii: "_")
  private static let dot = UInt8(ascii: ".")
  private static let exact: Set = ["sig", "key", "auth", "sas", "session", "otp", "pat", "pw"]
  private static let endings = ["pass", "pwd", "passwd"]
  private static let parts = [
    "token", "secret", "password", "passphrase", "apikey", "accesskey", "privatekey", "credential",
    "signature", "authorization", "bearer", "cookie", "sessionid", "jwt", "oauth", "xamz", "xgoog",
    "hmac",
  ]

  /// True for what nobody would choose as a name.
  static func looksRandom(_ value: ArraySlice<UInt8>, from count: Int) -> Bool {
    value.count >= count && value.contains { 0x30...0x39 ~= $0 }
      && value.contains { 0x61...0x7A ~= $0 | 0x20 } && !value.contains(dot)
      && !value.contains(UInt8(ascii: "/"))
  }
}
