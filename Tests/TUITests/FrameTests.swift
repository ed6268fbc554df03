import TUI
import Testing

@Suite("Frame: cells, width, clipping")
struct FrameTests {
  private func line(_ frame: Frame, _ y: Int = 0) -> String {
    frame.row(y).map(\.text).joined()
  }

  @Test("text is clipped at every edge")
  func clips() {
    var frame = Frame(size: Size(columns: 5, rows: 2))
    frame.put("abcdefgh", x: 2, y: 0)
    frame.put("xyz", x: -1, y: 1)
    frame.put("no", x: 0, y: 2)
    frame.put("no", x: 0, y: -1)
    frame.put("no", x: 9, y: 0)
    #expect(frame.text == "  abc\nyz\n")
  }

  @Test("a wide character is never cut in half")
  func wide() {
    var frame = Frame(size: Size(columns: 5, rows: 1))
    frame.put("日本語", x: 0, y: 0)
    #expect(line(frame) == "日本 ")
    #expect(frame.row(0).map(\.text) == ["日", "", "本", "", " "])
  }

  @Test("overwriting one half of a wide character removes the other")
  func overwrite() {
    var frame = Frame(size: Size(columns: 4, rows: 1))
    frame.put("日本", x: 0, y: 0)
    frame.put("x", x: 1, y: 0)
    #expect(frame.row(0).map(\.text) == [" ", "x", "本", ""])
    frame.put("y", x: 2, y: 0)
    #expect(frame.row(0).map(\.text) == [" ", "x", "y", " "])
  }

  @Test("a combining mark shares the cell of its base")
  func combining() {
    var frame = Frame(size: Size(columns: 3, rows: 1))
    frame.put("e\u{301}a", x: 0, y: 0)
    #expect(frame.row(0).map(\.text) == ["e\u{301}", "a", " "])
  }

  @Test("R7: a frame escapes what reaches it unescaped, and does not escape twice")
  func lastLine() {
    var frame = Frame(size: Size(columns: 20, rows: 2))
    frame.put("a\u{1b}[2J\u{202e}", x: 0, y: 0)
    frame.put(SafeText.escape(#"\ "# + "\u{7}"), x: 0, y: 1)
    #expect(frame.text == "a\\x1b[2J\\u{202e}\n\\\\ \\x07\n")
  }

  @Test("ASCII mode leaves no other byte")
  func ascii() {
    var frame = Frame(size: Size(columns: 30, rows: 1), glyphs: .ascii)
    frame.put("größe…", x: 0, y: 0)
    #expect(frame.text == "gr\\u{f6}\\u{df}e\\u{2026}\n")
  }

  @Test("width follows the C library")
  func width() {
    #expect(Width.of("abc") == 3)
    #expect(Width.of("日本") == 4)
    #expect(Width.of("e\u{301}") == 1)
    #expect(Width.of(Unicode.Scalar(0x1F600)!) == 2)
    #expect(Width.of(Unicode.Scalar(0x07)) == nil)
  }

  @Test("paths are cut in the middle, names at the end")
  func cuts() {
    let text = "archives/lnk-blobs/9f3a"
    #expect(TextCut.middle(text, to: 11, glyphs: .utf8) == "archi…/9f3a")
    #expect(TextCut.end(text, to: 9, glyphs: .ascii) == "archives~")
    #expect(TextCut.middle("日本語日本語", to: 6, glyphs: .utf8) == "日…語")
    #expect(TextCut.end("short", to: 9, glyphs: .utf8) == "short")
    for width in 0...25 {
      #expect(Width.of(TextCut.middle(text, to: width, glyphs: .utf8)) <= width)
      #expect(Width.of(TextCut.middle("日本語日本語", to: width, glyphs: .utf8)) <= width)
    }
  }

  @Test("wrapping breaks between words and inside words that are too long")
  func wraps() {
    #expect(TextCut.wrap("one two three", to: 7) == ["one two", "three"])
    #expect(TextCut.wrap("abcdefgh x", to: 3) == ["abc", "def", "gh", "x"])
  }

  @Test("a gauge is exactly as wide as asked and shows what is over")
  func gauge() {
    #expect(Gauge.bar(1, of: 2, width: 4, glyphs: .utf8) == "██··")
    #expect(Gauge.bar(5, of: 16, width: 4, glyphs: .utf8) == "█▎··")
    #expect(Gauge.bar(3, of: 2, width: 4, glyphs: .ascii) == "###^")
    #expect(Gauge.bar(.max, of: .max, width: 3, glyphs: .ascii) == "###")
    for value in Int64(0)...40 {
      #expect(Width.of(Gauge.bar(value, of: 37, width: 9, glyphs: .utf8)) == 9)
    }
  }
}
