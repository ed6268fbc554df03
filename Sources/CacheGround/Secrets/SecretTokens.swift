// Tokens that services mark by how they begin, and values whose sign was lost in a folder's name.
extension SecretFinder {
  /// How a token begins, and how many letters follow at least.
  private static let prefixes: [(text: String, count: Int)] = [
    ("ghp_", 8), ("gho_", 8), ("ghu_", 8), ("ghs_", 8), ("ghr_", 8), ("github_pat_", 8),
    ("glpat-", 8), ("gldt-", 8), ("xoxb-", 8), ("xoxp-", 8), ("xoxa-", 8), ("xoxs-", 8),
    ("npm_", 16), ("pypi-", 24), ("hf_", 16), ("sk-", 20), ("dckr_pat_", 8), ("AKIA", 12),
    ("ASIA", 12), ("AIza", 20), ("ya29.", 12), ("eyJ", 12),
  ]

  /// The same where `_` and `-` were changed for each other.
  mutating func findToken(at place: Int) {
    for (prefix, count) in Self.prefixes where begins(with: prefix, at: place) {
      let start = place + prefix.utf8.count
      let isJWT = prefix == "eyJ"
      let end = end(from: start) { !Self.isTokenPart($0, dots: isJWT) }
      if end - start >= count { return add(place..<end) }
    }
    findScheme(at: place)
    findLostSign(at: place)
  }

  private func begins(with prefix: String, at place: Int) -> Bool {
    let units = Array(prefix.utf8)
    guard place + units.count < text.count else { return false }
    return zip(text[place...], units).allSatisfy {
      $0 == $1 || Self.isJoint($0) && Self.isJoint($1)
    }
  }

  private static func isJoint(_ byte: UInt8) -> Bool { byte == 0x5F || byte == 0x2D }

  private static func isTokenPart(_ byte: UInt8, dots: Bool) -> Bool {
    isLetter(byte) || 0x30...0x39 ~= byte || byte == 0x5F || byte == 0x2D || dots && byte == 0x2E
  }

  /// `Bearer …`, wherever it stands; `Basic` and `Token` are words of their own.
  private mutating func findScheme(at place: Int) {
    guard matches("bearer", at: place) else { return }
    var start = place + 6
    while start < text.count, [0x20, 0x2B, 0x3A, 0x3D].contains(text[start]) { start += 1 }
    guard start > place + 6 else { return }
    let end = end(from: start) { Self.isEdge($0) || $0 == 0x26 || $0 == 0x2C || $0 == 0x3B }
    add(start..<end)
  }

  /// `X-Amz-Signature-5ecre…`: nobody names a file like that by chance.
  private mutating func findLostSign(at place: Int) {
    for name in Self.lostNames where matches(name, at: place) {
      let sign = place + name.utf8.count
      guard sign < text.count, Self.isJoint(text[sign]) || text[sign] == 0x2E else { continue }
      let end = end(from: sign + 1) {
        Self.isEdge($0) || Self.isJoint($0) || Self.isSlash($0) || $0 == 0x26
      }
      if end - sign > 4 { return add(sign + 1..<end) }
    }
  }

  private static let lostNames = [
    "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x_amz_signature",
    "x_amz_credential", "x_amz_security_token", "x-goog-signature", "access_token", "access-token",
    "api_key", "api-key", "client_secret", "client-secret", "awsaccesskeyid",
  ]
}
