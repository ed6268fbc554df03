import Foundation
import TestSupport
import Testing

@testable import CacheIndex
@testable import CacheKit

@Suite("Rows on leaf pages, without SQLite")
struct LeafPagesTests {
  /// What SQLite itself reads, and what the pages say, as text.
  private func compare(_ sql: String, _ table: String = "t") throws {
    let folder = try TemporaryCache()
    let path = folder.outside("x.sqlite")
    try RawIndex.run(path, sql)
    let expected = try RawIndex.column(
      path, "SELECT rowid || ':' || quote(a) || ',' || quote(b) FROM \(table) ORDER BY rowid")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var found: [(Int64, String)] = []
    bytes.withUnsafeBytes { buffer in
      LeafPages(buffer)?.forEachRow { row in
        guard row.cells.count == 2 else { return }
        found.append((row.rowID, "\(row.rowID):" + row.cells.map(quoted).joined(separator: ",")))
      }
    }
    #expect(found.sorted { $0.0 < $1.0 }.map(\.1) == expected)
  }

  private func quoted(_ cell: StoredCell) -> String {
    switch cell {
    case .null: "NULL"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let bytes): "'" + String(decoding: bytes, as: UTF8.self) + "'"
    case .blob(let bytes): "X'" + bytes.map { String(format: "%02X", $0) }.joined() + "'"
    }
  }

  @Test(
    "every storage class, every length around a page's end, and rows of many pages",
    arguments: [512, 1024, 4096, 65536], ["UTF-8", "UTF-16le", "UTF-16be"])
  func classes(pageSize: Int, encoding: String) throws {
    var values = ["NULL", "0", "1", "2.5", "-1.25", "''", "x''", "x'00ff'"]
    for bits in [7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 62] {
      values += ["\(Int64(1) << bits)", "\(-(Int64(1) << bits) - 1)", "\((Int64(1) << bits) - 1)"]
    }
    values += ["\(Int64.max)", "\(Int64.min + 1)"]
    for count in [1, 440, 475, 476, 477, 478, 900, 4050, 4061, 4062, 9000, 70000] {
      values.append("printf('%.\(count)c', 'x')")
    }
    let rows = values.enumerated().map { "(\($0 * 7919 - 3), \($1), 'end \($0)')" }
    try compare(
      """
      PRAGMA page_size = \(pageSize); PRAGMA encoding = '\(encoding)';
      CREATE TABLE t (id INTEGER, a, b);
      CREATE TABLE u (id INTEGER PRIMARY KEY, a, b);
      INSERT INTO t VALUES \(rows.joined(separator: ", "));
      CREATE TABLE v (a, b);
      INSERT INTO v (rowid, a, b) SELECT id, a, b FROM t; DROP TABLE t;
      """, "v")
  }

  @Test("deleted rows on free pages stay deleted")
  func free() throws {
    try compare(
      """
      CREATE TABLE t (a, b);
      WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000)
        INSERT INTO t SELECT x, 'row ' || x FROM n;
      DELETE FROM t WHERE a > 900;
      """)
  }

  @Test("whatever stands in the bytes, reading them ends and traps nowhere")
  func noise() throws {
    let folder = try TemporaryCache()
    let path = folder.outside("x.sqlite")
    try RawIndex.run(
      path,
      """
      PRAGMA page_size = 1024; CREATE TABLE t (a, b);
      WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200)
        INSERT INTO t SELECT x, printf('%.' || (x * 13) || 'c', 'y') FROM n;
      """)
    let sound = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var random = SeededRandom(seed: 11)
    for round in 0..<300 {
      var bytes = sound
      for _ in 0..<(1 + round % 40) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      if round % 3 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      var count = 0
      bytes.withUnsafeBytes { LeafPages($0)?.forEachRow { _ in count += 1 } }
      #expect(count < 100_000)
    }
  }
}
