import TUI
import Testing

@Suite("The terminal's clipboard")
struct ClipboardTests {
  @Test(
    "text becomes base64 in OSC 52",
    arguments: [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj")])
  func sequence(text: String, encoded: String) {
    #expect(Clipboard.sequence(for: text) == Array("\u{1b}]52;c;\(encoded)\u{1b}\\".utf8))
  }

  @Test("a long text is cut where terminals would drop it")
  func long() {
    let bytes = Clipboard.sequence(for: String(repeating: "x", count: 100_000))
    #expect(bytes.count <= Clipboard.limit + 9)
  }

  @Test("in GNU screen it goes in pieces, none of which ends inside")
  func screen() {
    let text = String(repeating: "y", count: 1000)
    let wrapped = String(
      decoding: Clipboard.wrappedForScreen(Clipboard.sequence(for: text)), as: UTF8.self)
    let pieces = wrapped.split(separator: "\u{1b}\\")
    #expect(pieces.count > 5)
    #expect(pieces.allSatisfy { $0.hasPrefix("\u{1b}P") && $0.utf8.count <= 202 })
    let inner = pieces.map { $0.dropFirst(2) }.joined()
    let plain = String(decoding: Clipboard.sequence(for: text), as: UTF8.self)
    #expect(inner == plain.dropLast(2) + "\u{7}")
  }
}
