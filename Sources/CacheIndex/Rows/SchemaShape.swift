/// The tables of an index with their columns and keys: what the file is, not what it claims to be.
package struct SchemaShape: Sendable, Hashable {
  package struct Column: Sendable, Hashable {
    package var name: String
    package var type: String
    package var isNotNull: Bool
    package var defaultValue: String?
    /// The place in the primary key, from 1; 0 outside it.
    var keyPosition: Int
  }

  /// Ordinary tables by name, each with its columns in stored order.
  package var tables: [String: [Column]] = [:]
  /// Names of indexes that have SQL of their own.
  package var indexes: Set<String> = []
  /// Views and virtual tables that stand where a table of ours should, and triggers on our tables:
  /// fbuild writes none of them, and a write would run whatever they say.
  package var unexpected: [String] = []

  /// The tables that fbuild writes.
  static let ownTables: Set<String> = ["entries", "leases", "cache_meta", "schema_migrations"]

  package func columns(of table: String) -> Set<String> {
    Set((tables[table] ?? []).map(\.name))
  }

  /// The column, or NULL where the table lacks it.
  package func columnSQL(_ column: String, of table: String) -> String {
    columns(of: table).contains(column) ? "\(table).\(column)" : "NULL"
  }

  package func hasColumns(_ names: [String], in table: String) -> Bool {
    columns(of: table).isSuperset(of: names)
  }

  package func primaryKey(of table: String) -> [String] {
    (tables[table] ?? []).filter { $0.keyPosition > 0 }
      .sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
  }

  /// A lease's refcount; 1 where the table has no such column yet.
  package var refcountSQL: String { hasColumns(["refcount"], in: "leases") ? "refcount" : "1" }

  /// Column sets by name, so that two orders of the same columns are equal.
  package var normalised: [String: Set<Column>] { tables.mapValues(Set.init) }
}

extension SchemaShape {
  /// Reads the shape from `sqlite_master` and `PRAGMA table_info`.
  package static func read(_ db: Database) throws -> SchemaShape {
    var shape = SchemaShape()
    let sql = """
      SELECT type, name, tbl_name, sql FROM sqlite_master
      WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      """
    let rows = try LenientRow.fetchCursor(db, sql: sql)
    while let row = try rows.next() {
      shape.note(
        type: row.word(0), name: row.word(1), table: row.word(2),
        isVirtual: row.word(3).isVirtualTableSQL)
    }
    for table in shape.tables.keys { shape.tables[table] = try columns(of: table, db) }
    return shape
  }

  private mutating func note(type: String, name: String, table: String, isVirtual: Bool) {
    switch type {
    // SQLite does not tell letters apart by their case.
    case "table" where !isVirtual:
      let folded = name.asciiLowercased
      tables[Self.ownTables.contains(folded) ? folded : name] = []
    case "index": indexes.insert(name.asciiLowercased)
    default:
      guard Self.ownTables.contains(table.asciiLowercased) else { return }
      unexpected.append("\(isVirtual ? "virtual table" : type) \(name)")
    }
  }

  private static func columns(of table: String, _ db: Database) throws -> [Column] {
    let sql = "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?)"
    let rows = try LenientRow.fetchCursor(db, sql: sql, arguments: [table])
    var columns: [Column] = []
    while let row = try rows.next() {
      columns.append(
        Column(
          name: row.word(0).asciiLowercased, type: row.word(1).uppercased(),
          isNotNull: row.number(2) != 0,
          defaultValue: row.optionalWord(3), keyPosition: row.number(4)))
    }
    return columns
  }
}

extension LenientRow {
  /// A short text of SQLite's own tables; empty where it is something else.
  fileprivate func word(_ column: CInt) -> String { optionalWord(column) ?? "" }

  fileprivate func optionalWord(_ column: CInt) -> String? {
    guard case .value(let text) = text(column, limit: 100_000) else { return nil }
    return text.readable
  }

  fileprivate func number(_ column: CInt) -> Int {
    guard case .value(let value) = integer(column) else { return 0 }
    return Int(value)
  }
}

extension String {
  fileprivate var isVirtualTableSQL: Bool {
    uppercased().hasPrefix("CREATE VIRTUAL")
  }
}
