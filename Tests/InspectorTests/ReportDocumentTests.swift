import Inspector
import TUI
import Testing

@testable import CacheKit

@Suite("A report in words")
struct ReportDocumentTests {
  private static let hostile = "a|b `c` <img src=x> [d](http://e) @ada #12 *f* _g_ &amp; \u{1b}[31m"

  private var document: ReportDocument {
    ReportDocument(
      title: "fbuild cache",
      sections: [
        .init("One", [.pairs([.init("url", Format.text(Self.hostile))])]),
        .init(
          "Two", isFolded: true,
          [.table(["what"], [[Format.text(Self.hostile)]]), .warning("stuck")]),
      ])
  }

  @Test(
    "texts of strangers stay texts in Markdown: no tag, link, mention, cell or emphasis of theirs")
  func escaping() {
    for style in [ReportDocument.Style.markdown, .github] {
      let text = document.written(style)
      let inner = text.replacing("<code>", with: "").replacing("</code>", with: "")
        .replacing("<details><summary>", with: "").replacing("</summary>", with: "")
        .replacing("</details>", with: "")
      #expect(!inner.contains("<") && !inner.contains("`") && !inner.contains("@"))
      #expect(!inner.contains("[d]") && !inner.contains("_g_") && !inner.contains("&amp;"))
      #expect(text.contains("&#124;b &#96;c&#96; &#60;img"))
      #expect(!text.unicodeScalars.contains("\u{1b}"))
    }
    // One column has two bars a line.
    let rows = document.written(.markdown).split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(rows.count == 3 && rows.allSatisfy { $0.count { $0 == "|" } == 2 })
  }

  @Test(
    "GitHub folds what few read and marks what is stuck; others get plain Markdown and plain text")
  func styles() {
    let github = document.written(.github)
    #expect(github.contains("<details><summary>Two</summary>") && github.contains("> [!WARNING]"))
    let markdown = document.written(.markdown)
    #expect(!markdown.contains("<details>") && markdown.contains("### Two"))
    let text = document.written(.text)
    #expect(text.contains("\nTWO\n") && text.contains("  ! stuck") && !text.contains("<code>"))
  }

  @Test("secrets and names are left out wherever they stand, also before what tells of them")
  func redaction() {
    var secret = document
    secret.sections = [
      .init("One", [.lines(["copied tokAbcdef12345 by ada on build7"])]),
      .init("Two", [.pairs([.init("url", "https://h.example/g.bin?token=tokAbcdef12345")])]),
    ]
    let text = secret.redacted(by: Redactor(names: ["ada"], host: "build7")).written(.text)
    #expect(!text.contains("tokAbcdef12345") && !text.contains("ada") && !text.contains("build7"))
    #expect(text.contains("h.example"))
  }
}
