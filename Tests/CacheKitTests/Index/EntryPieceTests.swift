import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// The quick reader of a snapshot's entries takes what `snapshot` writes and leaves the rest.
@Suite("Entries of a snapshot, read in place")
struct EntryPieceTests {
  private static let plain = """
    {"id":7,"kind":"lnk-blobs","url":"https://e.org/a b","stem":"s","hash":"0","version":"",\
    "archive_path":null,"archive_bytes":-5,"archive_sha256":null,"installed_path":"p/q",\
    "installed_bytes":0,"installed_at":9223372036854775807,"archived_at":-9223372036854775808,\
    "last_used_at":1,"use_count":2,"pinned":3,"leases":1,"refcount":3,"problems":[]}
    """

  private func read(_ text: String) -> EntryPiece? { EntryPiece.read(Array(text.utf8)) }

  private func slow(_ text: String) throws -> Entry {
    let item = try StrictJSON.read(Array(text.utf8), depthLimit: 16)
    return try SnapshotFields(item) { CacheError(.damaged, "\($0): \($1)") }.entry()
  }

  @Test("each cell is what the strict reader finds")
  func cells() throws {
    let piece = try #require(read(Self.plain))
    let entry = try slow(Self.plain)
    let bytes = Array(Self.plain.utf8)
    let found = piece.cells.map { cell -> String in
      switch cell {
      case .null: "null"
      case .integer(let value): "\(value)"
      case .text(let range): "'\(String(decoding: bytes[range], as: UTF8.self))'"
      }
    }
    func text(_ value: RawText?) -> String { value.map { "'\($0.readable)'" } ?? "null" }
    func number(_ value: Int64?) -> String { value.map(String.init) ?? "null" }
    #expect(
      found == [
        number(entry.id), text(entry.kind), text(entry.url), text(entry.stem), text(entry.hash),
        text(entry.version), text(entry.archivePath), number(entry.archiveBytes),
        text(entry.archiveSHA256), text(entry.installedPath), number(entry.installedBytes),
        number(entry.installedAt), number(entry.archivedAt), number(entry.lastUsedAt),
        number(entry.useCount), number(entry.pinned),
      ])
    #expect(piece.id == 7 && piece.files == RecordedFiles())
    let files = Self.plain.dropLast() + ",\"files\":{\"archive\":\"missing\",\"installed\":null}}"
    #expect(read(String(files))?.files == RecordedFiles(archive: .missing, installed: nil))
  }

  @Test(
    "another form is left to the strict reader",
    arguments: [
      ("\"id\":7", "\"id\":null"), ("\"id\":7", "\"id\":07"), ("\"id\":7", "\"id\":-0"),
      ("\"id\":7", "\"id\":7.0"), ("\"id\":7", "\"id\":"), ("\"id\":7", "\"id\": 7"),
      ("-5", "9223372036854775808"), ("-5", "-9223372036854775809"), ("a b", "a\\nb"),
      ("a b", "a\u{7F}b"), ("a b", "größe"), ("a b", "a\nb"), ("\"kind\"", "\"king\""),
      ("\"problems\":[]", "\"problems\":[\"x\"]"), ("\"problems\":[]}", "\"problems\":[]"),
      ("\"problems\":[]}", "\"problems\":[]}}"), ("\"version\":\"\"", "\"version\":{\"b64\":\"\"}"),
      ("\"stem\":\"s\",", ""), ("\"stem\":\"s\"", "\"stem\":5"),
      ("\"pinned\":3", "\"pinned\":\"3\""),
    ])
  func others(part: String, other: String) {
    let text = Self.plain.replacing(part, with: other)
    #expect(text != Self.plain && read(text) == nil)
  }

  @Test("no cut of it is taken for a whole one")
  func cuts() {
    for count in 0..<Self.plain.count { #expect(read(String(Self.plain.prefix(count))) == nil) }
  }
}
