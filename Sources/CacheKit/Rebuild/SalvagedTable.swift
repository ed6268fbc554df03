/// The rows of one table of an index that may be damaged, as far as they can be reached from both ends.
struct SalvagedTable: Sendable {
  /// Cells in the order of the columns that were asked for.
  var rows: [[StoredCell]] = []
  /// False where rows may be missing.
  var isWhole = true

  /// Longer texts and blobs are no value of ours: a row with one is left out, and `isWhole` says so.
  static let cellLimit = 1 << 20

  /// A column that the table lacks reads as NULL; a table that is not there has no rows.
  static func read(
    _ table: String, _ columns: [String], _ reader: IndexReader
  ) throws(CacheError) -> SalvagedTable {
    var found = SalvagedTable()
    let forwards = try part(table, columns, reader, after: nil)
    found.rows = forwards.rows.map(\.cells)
    found.isWhole = forwards.isWhole && !forwards.hasCut
    guard !forwards.isWhole else { return found }
    let backwards = try part(
      table, columns, reader, after: forwards.rows.last?.id ?? .min, isDescending: true)
    found.rows += backwards.rows.reversed().map(\.cells)
    return found
  }

  private struct Part {
    var rows: [(id: Int64, cells: [StoredCell])] = []
    var isWhole = false
    var hasCut = false
  }

  /// Until the end, or until a damaged page; other errors are thrown.
  private static func part(
    _ table: String, _ columns: [String], _ reader: IndexReader, after: Int64?,
    isDescending: Bool = false
  ) throws(CacheError) -> Part {
    var part = Part()
    do throws(CacheError) {
      _ = try reader.read { db in
        part = Part()
        try fill(&part, table, columns, db, after, isDescending)
      }
    } catch  where error.code == .damaged {
      part.isWhole = false
    }
    return part
  }

  private static func fill(
    _ part: inout Part, _ table: String, _ columns: [String], _ db: Database, _ after: Int64?,
    _ isDescending: Bool
  ) throws {
    let shape = try SchemaShape.read(db)
    guard shape.tables[table] != nil else {
      part.isWhole = true
      return
    }
    let cells = columns.map { shape.columnSQL($0, of: table) }.joined(separator: ", ")
    let range = after.map { "WHERE rowid > \($0)" } ?? ""
    let cursor = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT rowid, \(cells) FROM \(table) NOT INDEXED \(range)
        ORDER BY rowid \(isDescending ? "DESC" : "ASC")
        """)
    while let row = try cursor.next() {
      let places = columns.indices.map { CInt($0 + 1) }
      guard !places.contains(where: { row.byteCount($0) > cellLimit && !row.isNull($0) }) else {
        part.hasCut = true
        continue
      }
      part.rows.append((row.count(0), places.map { row.cell($0, limit: cellLimit) }))
    }
    part.isWhole = true
  }
}

extension StoredCell {
  /// How the cell stands in an INSERT: a text that is not valid UTF-8 keeps its bytes.
  var insertSQL: String {
    guard case .text(let bytes) = self, String(validating: bytes, as: UTF8.self) == nil else {
      return "?"
    }
    return "CAST(? AS TEXT)"
  }

  var value: SQLValue {
    switch self {
    case .null: .null
    case .integer(let number): .integer(number)
    case .real(let number): .real(number)
    case .text(let bytes):
      String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .blob(bytes)
    case .blob(let bytes): .blob(bytes)
    }
  }

  /// A text that holds a zero byte.
  var isZeroed: Bool {
    if case .text(let bytes) = self { bytes.contains(0) } else { false }
  }

  var text: String? {
    guard case .text(let bytes) = self else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
