// Tokens that services mark by how they begin, and values whose sign was lost in a folder's name.
extension SecretFinder {
  /// How a token begins, and how many letters follow at least.
  private static let known: [(text: String, count: Int)] = [
    ("ghp_", 8), ("gho_", 8), ("ghu_", 8), ("ghs_", 8), ("ghr_", 8), ("github_pat_", 8),
    ("glpat-", 8), ("gldt-", 8), ("xoxb-", 8), ("xoxp-", 8), ("xoxa-", 8), ("xoxs-", 8),
    ("npm_", 16), ("pypi-", 24), ("hf_", 16), ("sk-", 20), ("dckr_pat_", 8), ("AKIA", 12),
    ("ASIA", 12), ("AIza", 20), ("ya29.", 12), ("eyJ", 12),
  ]

  private static let prefixes = known.map { (bytes: Array($0.text.utf8), count: $0.count) }

  /// The bytes by which anything of this file begins: at most places nothing else has to be compared.
  private static let starts: [Bool] = {
    var starts = [Bool](repeating: false, count: 256)
    for text in known.map(\.text) { starts[Int(text.utf8.first ?? 0)] = true }
    for text in lostNames + ["bearer"] {
      let letter = text.utf8.first ?? 0
      starts[Int(letter)] = true
      starts[Int(letter & ~0x20)] = true
    }
    return starts
  }()

  /// The same where `_` and `-` were changed for each other.
  mutating func findToken(at place: Int) {
    guard Self.starts[Int(text[place])] else { return }
    for (prefix, count) in Self.prefixes where begins(with: prefix, at: place) {
      let start = place + prefix.count
      let isJWT = prefix == [0x65, 0x79, 0x4A]
      let end = end(from: start) { !Self.isTokenPart($0, dots: isJWT) }
      if end - start >= count { return add(place..<end) }
    }
    findScheme(at: place)
    findLostSign(at: place)
  }

  private func begins(with prefix: [UInt8], at place: Int) -> Bool {
    guard place + prefix.count < text.count else { return false }
    for offset in prefix.indices {
      let (found, wanted) = (text[place + offset], prefix[offset])
      guard found == wanted || Self.isJoint(found) && Self.isJoint(wanted) else { return false }
    }
    return true
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
