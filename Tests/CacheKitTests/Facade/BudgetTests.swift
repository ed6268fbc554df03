import CacheKit
import SystemPackage
import Testing

@testable import CacheGround

@Suite("Sizes and limits as fbuild computes them")
struct BudgetTests {
  @Test(
    "A4: sizes that fbuild reads",
    arguments: [
      ("1K", 1024), ("1.5M", 1_572_864), ("2 GiB", 2 << 30), ("10MB", 10 << 20), (" 7 K ", 7168),
      (".5K", 512), ("0", 0), ("12", 12), ("3b", 3), ("1kib", 1024), ("1t", 1 << 40),
      ("1TiB", 1 << 40), ("5.", 5), ("1.9", 1), ("99999999999999999999", UInt64.max),
      ("0.3K", 307), ("4.35K", 4454), ("1M\n", 1 << 20), ("\u{A0}10K\u{A0}", 10_240), ("0.1", 0),
      ("9007199254740993", 9_007_199_254_740_992), ("07", 7), ("0B", 0),
    ] as [(String, UInt64)])
  func readable(text: String, bytes: UInt64) {
    #expect(ByteSize.parse(text) == bytes)
  }

  @Test(
    "A4, T-E12: sizes at which fbuild falls back to its default",
    arguments: [
      "1e3", "-5", "abc", "", "5X", "1..2", "NaN", "inf", " ", ".", "K", "16E", "0x10", "1,5",
      "10Gi", "1ki", "1iB", "+5", "1_000", "1 0", "50%", String(repeating: "9", count: 400),
      "1\u{661}", "1\u{301}K", "1\u{212A}", "1\u{212A}iB", "1K\u{301}",
    ])
  func unreadable(text: String) {
    #expect(ByteSize.parse(text) == nil)
  }

  @Test("names of protocols know the letters of ASCII alone")
  func asciiLetters() {
    #expect("Content-LENGTH".asciiLowercased == "content-length")
    #expect(!"Chun\u{212A}ed".asciiLowercased.utf8.contains(UInt8(ascii: "k")))
    #expect("\u{C4}\u{130}".asciiLowercased == "\u{C4}\u{130}")
  }

  private func budget(_ total: UInt64, _ variables: [String: String] = [:]) -> Budget {
    Budget.of(totalDisk: total) { variables[$0] }
  }

  @Test("A4: on a small disk the limits are 5 % and 10 % of it, as real fbuild printed them")
  func shares() {
    let found = budget(270_553_174_016)
    #expect(found.archive.bytes == 13_527_658_700 && found.installed.bytes == 13_527_658_700)
    #expect(found.highWatermark.bytes == 27_055_317_401)
    #expect(found.lowWatermark.bytes == 21_644_253_920)
    #expect(found.archive.source == "5 % of the disk")
  }

  @Test("on small ones, too, to the byte: the shares of the total, cut to whole bytes")
  func smallDisks() {
    let tiny = budget(3_416_064)
    #expect(tiny.archive.bytes == 170_803 && tiny.highWatermark.bytes == 341_606)
    let small = budget(1_049_624_576)
    #expect(small.archive.bytes == 52_481_228 && small.highWatermark.bytes == 104_962_457)
    let endless = budget(.max, ["FBUILD_CACHE_HIGH_WATERMARK": "99999999T"])
    #expect(endless.highWatermark.bytes == .max && endless.lowWatermark.bytes < .max)
  }

  @Test("A4: on a large disk they are 15 and 30 GiB, and the low watermark four fifths of the high")
  func caps() {
    let found = budget(4 << 40)
    #expect(found.archive.bytes == 15 << 30 && found.highWatermark.bytes == 30 << 30)
    #expect(found.lowWatermark.bytes == 24 << 30 && found.archive.source == "default")
  }

  @Test("A4: a variable replaces its limit alone and is named; garbage counts as not set")
  func variables() {
    let found = budget(
      4 << 40,
      [
        "FBUILD_CACHE_HIGH_WATERMARK": "1M", "FBUILD_CACHE_ARCHIVE_BUDGET": "junk",
        "FBUILD_CACHE_INSTALLED_BUDGET": "0", "FBUILD_CACHE_BUDGET": "5K",
      ])
    #expect(found.highWatermark.bytes == 1 << 20)
    #expect(found.highWatermark.source == "FBUILD_CACHE_HIGH_WATERMARK")
    #expect(found.lowWatermark.bytes == 838_860 && found.archive.bytes == 15 << 30)
    #expect(found.installed.bytes == 0)
    #expect(found.installed.source == "FBUILD_CACHE_INSTALLED_BUDGET")
  }

  @Test("A4, T-E13: no disk size overflows, and the low watermark is never above the high one")
  func extremes() {
    for total: UInt64 in [0, 1, 19, .max] {
      let found = budget(total)
      #expect(found.lowWatermark.bytes <= found.highWatermark.bytes)
      #expect(found.archive.bytes <= 15 << 30)
    }
    let largest = budget(0, ["FBUILD_CACHE_HIGH_WATERMARK": "999999999T"])
    #expect(largest.lowWatermark.bytes <= largest.highWatermark.bytes)
  }
}
