import TUI
import Testing

@Suite("R7: untrusted text")
struct SafeTextTests {
  @Test(
    "R7, T-B12: what a terminal could obey becomes a visible escape",
    arguments: [
      ("a\u{1b}[31mb", "a\\x1b[31mb"),
      ("\u{7}\r\n\t", "\\x07\\x0d\\x0a\\x09"),
      ("\u{7f}", "\\x7f"),
      ("\u{9b}31m", "\\u{9b}31m"),
      ("x\u{202e}gnp", "x\\u{202e}gnp"),
      ("\u{2066}\u{2069}\u{200e}\u{61c}", "\\u{2066}\\u{2069}\\u{200e}\\u{61c}"),
      ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
      ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
      ("\u{ad}\u{3164}\u{fe0f}", "\\u{ad}\\u{3164}\\u{fe0f}"),
      ("\u{e0041}", "\\u{e0041}"),
    ])
  func escapes(text: String, expected: String) {
    #expect(SafeText.escape(text) == expected)
  }

  @Test("R7: a literal backslash cannot be taken for an escape")
  func backslash() {
    #expect(SafeText.escape(#"\x1b"#) == #"\\x1b"#)
    #expect(SafeText.escape(#"\x1b"#) != SafeText.escape("\u{1b}"))
  }

  @Test("R7: ordinary text of any script stays as it is")
  func ordinary() {
    for text in ["lnk-blobs/site@9f3a", "Größe", "日本語", "naïve", "e\u{301}", "→ ✓ …"] {
      #expect(SafeText.escape(text) == text)
    }
  }

  @Test("R7: invalid bytes are shown one by one")
  func invalidBytes() {
    #expect(SafeText.escape(bytes: [0x61, 0xff, 0xc3, 0x28]) == "a\\xff\\xc3(")
    #expect(SafeText.escape(bytes: [0xed, 0xa0, 0x80]) == "\\xed\\xa0\\x80")
    #expect(SafeText.escape(bytes: Array("ä\u{1b}".utf8)) == "ä\\x1b")
  }

  @Test("R7: marks without a base, and piles of marks, are escaped")
  func marks() {
    #expect(SafeText.escape("\u{301}a") == "\\u{301}a")
    let pile = "e" + String(repeating: "\u{301}", count: 5)
    #expect(SafeText.escape(pile) == "e\u{301}\u{301}\u{301}\\u{301}\\u{301}")
  }

  @Test("R7: no scalar at all leaves a control byte behind")
  func everyScalar() {
    for value in UInt32(0)...0x2FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let result = SafeText.escape(String(scalar))
      let isClean = result.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && !SafeText.isHostile($0)
      }
      if !isClean { Issue.record("U+\(String(value, radix: 16)) gave \(result)") }
    }
  }
}
