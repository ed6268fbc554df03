import CacheKit
import Foundation
import TestSupport
import Testing

@Suite("Names that fbuild derives")
struct VectorTests {
  @Test("every row of url_stem_hash.tsv, seen on disk, gives its stem and its hash")
  func stemsAndHashes() throws {
    let rows = try Self.rows("url_stem_hash.tsv")
    #expect(rows.count == 59)
    for row in rows {
      // A URL may hold a tab: stem and hash are the last two fields.
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(fields.count >= 3, "\(row)")
      let url = fields.dropLast(2).joined(separator: "\t")
      #expect(CachePaths.stem(ofURL: url) == fields[fields.count - 2], "\(url)")
      #expect(CachePaths.hash(ofURL: url) == fields.last, "\(url)")
    }
  }

  @Test("every row of sanitize_component.tsv gives its output")
  func sanitizedComponents() throws {
    let rows = try Self.rows("sanitize_component.tsv")
    #expect(rows.count == 23)
    for row in rows {
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
      try #require(fields.count == 2, "\(row)")
      let input = try JSONDecoder().decode(String.self, from: Data(fields[0].utf8))
      let output = CachePaths.sanitizedComponent(input)
      #expect(Array(output.utf8) == Array(fields[1].utf8), "\(row) gave \(output)")
    }
  }

  @Test(
    "a stem follows scalars, not graphemes, and may be empty or ..",
    arguments: [
      ("http://-/-", ""), ("http://..?/x", ".."), ("https://github.com/FastLED/", "FastLED"),
      ("https://github.com//x", "x"), ("https://github.com/FastLED", "github-FastLED"),
      ("https://www.github.com/a/b", "www-b"), ("https://GITHUB.com/a/b", "GITHUB-b"),
      ("http://127.0.0.1:18931/blob.bin", "127-blob.bin"),
      ("https://e.org/a.zip.tar.gz", "e-a"), ("https://e.org/a.tar.gz.zip", "e-a.tar.gz"),
      ("https://e.org/a.tgz.zip", "e-a"), ("https://e.org/a.TGZ", "e-a.TGZ"),
      ("https://www.downloads.example.com/", "example.com"),
      ("https://www.example.com/p.zip", "www-p"), ("HTTP://e.org/x", "HTTP--x"),
    ])
  func stemRule(url: String, stem: String) {
    #expect(CachePaths.stem(ofURL: url) == stem)
  }

  @Test("the hash takes the URL's bytes as they are")
  func hashIsOfRawBytes() {
    let (composed, decomposed) = ("https://e.org/\u{E9}", "https://e.org/e\u{301}")
    #expect(composed == decomposed)
    #expect(CachePaths.hash(ofURL: composed) != CachePaths.hash(ofURL: decomposed))
    #expect(CachePaths.hash(ofURL: "") == "e3b0c44298fc1c14")
  }

  @Test("a file name is the text after the last slash, query and fragment included")
  func fileNames() {
    #expect(CachePaths.fileName(ofURL: "https://e.org/x.bin?token=a/b.bin") == "b.bin")
    #expect(CachePaths.fileName(ofURL: "https://e.org/x?sig=1#f") == "x?sig=1#f")
    #expect(CachePaths.fileName(ofURL: "https://e.org/") == "")
    #expect(CachePaths.fileName(ofURL: "plain") == "plain")
  }

  private static func rows(_ name: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(Fixture.folder)/\(name)", encoding: .utf8)
    // Split on line feeds alone: some vectors hold other line separators.
    return text.unicodeScalars.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }
}
