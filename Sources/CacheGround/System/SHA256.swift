import CCrypto

/// SHA-256 of bytes that come in pieces, by OpenSSL's libcrypto, which is loaded at the first one.
package struct SHA256: ~Copyable {
  private let hash: OpaquePointer

  /// Throws `inputOutput` where libcrypto is not installed.
  package init() throws(CacheError) {
    guard let hash = ccrypto_hash_new() else {
      throw ccrypto_is_available() == 1 ? Self.refusal : Self.missingLibrary
    }
    self.hash = hash
  }

  deinit { ccrypto_hash_free(hash) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) throws(CacheError) {
    guard ccrypto_hash_update(hash, bytes.baseAddress, bytes.count) == 1 else { throw Self.refusal }
  }

  /// The first `count` of the bytes.
  package mutating func update(_ bytes: [UInt8], count: Int) throws(CacheError) {
    let isDone = bytes.withUnsafeBytes {
      ccrypto_hash_update(hash, $0.baseAddress, min(count, $0.count)) == 1
    }
    guard isDone else { throw Self.refusal }
  }

  /// The whole at once, as 64 lower-case hex digits.
  package static func hexDigest(of bytes: [UInt8]) throws(CacheError) -> String {
    var hash = try SHA256()
    try hash.update(bytes, count: bytes.count)
    return try hash.hexDigest()
  }

  /// 64 lower-case hex digits.
  package consuming func hexDigest() throws(CacheError) -> String {
    var digest = [UInt8](repeating: 0, count: CCRYPTO_SHA256_BYTES)
    guard ccrypto_hash_finish(hash, &digest) == 1 else { throw Self.refusal }
    return Hex.text(digest)
  }

  /// The 32 bytes for a text in memory: without libcrypto, which a list need not wait for.
  package static func ofText(_ text: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: CCRYPTO_SHA256_BYTES) { digest, count in
      text.withUnsafeBytes { ccrypto_short_hash($0.baseAddress, $0.count, digest.baseAddress) }
      count = digest.count
    }
  }

  private static let refusal = CacheError(.inputOutput, "OpenSSL cannot compute SHA-256")

  private static let missingLibrary = CacheError(
    .inputOutput, "files cannot be hashed: libcrypto of OpenSSL is not installed",
    hint: "Install it: apt-get install libssl3")
}
