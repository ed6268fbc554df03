import Testing

@testable import CacheKit

@Suite("SUM as fbuild's SQLite adds")
struct SQLiteSumTests {
  private func sum(_ addends: SQLiteSum.Addend?...) -> SQLiteSum.Total { SQLiteSum.of(addends) }

  @Test("integers stay integers, NULL is passed over, and nothing is NULL")
  func integers() {
    #expect(sum() == .null && sum(nil, nil) == .null)
    #expect(sum(.integer(2), nil, .integer(-5)) == .integer(-3))
    #expect(sum(.integer(.max), .integer(.min)) == .integer(-1))
  }

  @Test("T-B5: an overflow on the way fails, whatever would bring it back")
  func overflow() {
    #expect(sum(.integer(.max), .integer(1)) == .overflow)
    #expect(sum(.integer(.max), .integer(1), .integer(-5)) == .overflow)
    #expect(sum(.integer(.max), .integer(-5), .integer(1)) == .integer(.max - 4))
  }

  @Test("T-B3: one REAL makes the sum REAL, also after an overflow; no number is NULL")
  func reals() {
    #expect(sum(.integer(1), .real(0.5)) == .real(1.5))
    #expect(sum(.integer(.max), .integer(1), .real(0)) == .real(0x1p63))
    #expect(sum(.real(.infinity)) == .real(.infinity))
    #expect(sum(.real(.infinity), .real(-.infinity)) == .null)
    // Ten times 0.1 without compensation is 0.9999999999999999.
    #expect(SQLiteSum.of(Array(repeating: .real(0.1), count: 10)) == .real(1))
  }
}

@Suite("The words with which fbuild's libraries fail")
struct RustTextTests {
  @Test(
    "T-B10: bad UTF-8 is named as Rust names it",
    arguments: [
      ([0xFF, 0x41], "invalid utf-8 sequence of 1 bytes from index 0"),
      ([0x41, 0xE2, 0x82], "incomplete utf-8 byte sequence from index 1"),
      ([0xC3, 0xA9, 0xE2], "incomplete utf-8 byte sequence from index 2"),
      ([0x61, 0xED, 0xA0, 0x80], "invalid utf-8 sequence of 1 bytes from index 1"),
      ([0xE2, 0x28, 0x2D], "invalid utf-8 sequence of 1 bytes from index 0"),
      ([0xF0, 0x9F, 0x41], "invalid utf-8 sequence of 2 bytes from index 0"),
      ([0xF0, 0x9F, 0x98, 0x41], "invalid utf-8 sequence of 3 bytes from index 0"),
      ([0xC0, 0x80], "invalid utf-8 sequence of 1 bytes from index 0"),
    ] as [([UInt8], String)])
  func faults(bytes: [UInt8], words: String) { #expect(RustText.utf8Fault(bytes) == words) }

  @Test("sound text has no fault")
  func sound() {
    for text in ["", "plain", "über 日本 🦀\u{0}"] {
      #expect(RustText.utf8Fault(Array(text.utf8)) == nil)
    }
  }
}

@Suite("The order of eviction")
struct CollectionOrderTests {
  @Test("T-B13: every class of last_used_at has its place: NULL, numbers, texts, blobs")
  func classes() {
    let sorted: [LastUsed] = [
      .null, .real(-0x1p70), .integer(.min), .integer(-1), .real(-0.5), .integer(0), .real(1.5),
      .integer(2), .integer(.max), .real(0x1p63), .text([]), .text([0x31]), .blob([]), .blob([1]),
    ]
    for (place, value) in sorted.enumerated() {
      for later in sorted.dropFirst(place + 1) {
        #expect(value < later && !(later < value), "\(value) \(later)")
      }
    }
    #expect(!(LastUsed.integer(2) < .real(2)) && !(LastUsed.real(2) < .integer(2)))
  }
}
