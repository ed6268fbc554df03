import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("SHA-256")
struct SHA256Tests {
  @Test(
    "has the values of FIPS 180-4, in both forms",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func vectors(text: String, expected: String) throws {
    #expect(CachePaths.hexDigest(text) == expected)
    #expect(try SHA256.hexDigest(of: Array(text.utf8)) == expected)
  }

  @Test("is the same for short texts as for files, at every length around a block's end")
  func lengths() throws {
    for count in 0...200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) }
      #expect(Hex.text(SHA256.ofText(bytes)) == (try SHA256.hexDigest(of: bytes)))
    }
  }

  @Test("does not depend on how the bytes are cut into pieces")
  func pieces() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    var hash = try SHA256()
    for start in stride(from: 0, to: bytes.count, by: 333) {
      let piece = Array(bytes[start..<min(start + 333, bytes.count)])
      try hash.update(piece, count: piece.count)
    }
    let digest = try hash.hexDigest()
    #expect(digest == Hex.text(SHA256.ofText(bytes)))
  }
}
