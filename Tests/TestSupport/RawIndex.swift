import CSQLite
package import CacheKit
import SystemPackage

/// A plain SQLite connection beside CacheKit's own, as any other program would open one.
package final class RawIndex: Sendable {
  package let connection: Connection

  package init(
    _ path: String, readonly: Bool = false, checksForeignKeys: Bool = false
  ) throws {
    var setup = Connection.Setup()
    setup.checksForeignKeys = checksForeignKeys
    setup.busy = .waits(seconds: 10)
    connection = try Connection(FilePath(path), readonly ? .readOnly : .create, setup)
  }

  /// Runs statements outside any transaction of ours.
  package func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    try connection.use { try $0.execute(sql: sql, arguments: arguments) }
  }

  /// The first column of every row as text; NULL as "NULL".
  package func column(_ sql: String) throws -> [String] {
    try connection.read { db in
      try db.firstCells(sql)
    }
  }

  package func close() throws { connection.close() }

  /// Opens, runs, closes.
  package static func run(
    _ path: String, _ sql: String, _ arguments: StatementArguments = [],
    checksForeignKeys: Bool = false
  ) throws {
    let index = try RawIndex(path, checksForeignKeys: checksForeignKeys)
    try index.run(sql, arguments)
    try index.close()
  }

  package static func column(_ path: String, _ sql: String) throws -> [String] {
    let index = try RawIndex(path)
    defer { try? index.close() }
    return try index.column(sql)
  }
}

extension Database {
  /// As SQLite itself writes them.
  fileprivate func firstCells(_ sql: String) throws -> [String] {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw RawIndex.Failure(words: String(cString: sqlite3_errmsg(handle)))
    }
    var cells: [String] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        cells.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
      case SQLITE_DONE: return cells
      default: throw RawIndex.Failure(words: String(cString: sqlite3_errmsg(handle)))
      }
    }
  }
}

extension RawIndex {
  struct Failure: Error { var words: String }

  /// All rows of all tables as SQL literals, columns by name: equal for two databases that hold the
  /// same, whatever the order of their columns.
  package func dump(without tables: Set<String> = []) throws -> [String] {
    let names = try column(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return try names.filter { !tables.contains($0) }.flatMap { table in
      let columns = try column("SELECT name FROM pragma_table_info('\(table)') ORDER BY name")
      let parts = columns.map { "'\($0)=' || quote(\"\($0)\")" }.joined(separator: " || ' ' || ")
      return try column("SELECT '\(table) ' || \(parts) FROM \"\(table)\" ORDER BY 1")
    }
  }

  /// Tables, columns with type, NOT NULL, default and key, and index names: the schema whatever its
  /// spelling and order.
  package func shape() throws -> [String] {
    let columns = try column(
      """
      SELECT m.name || '.' || c.name || ' ' || upper(c.type) || ' ' || c."notnull" || ' '
        || coalesce(c.dflt_value, '-') || ' ' || c.pk
      FROM sqlite_master AS m, pragma_table_info(m.name) AS c
      WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1
      """)
    let indexes = try column(
      """
      SELECT type || ' ' || tbl_name || ' ' || name FROM sqlite_master
      WHERE type <> 'table' ORDER BY 1
      """)
    let keys = try column(
      "SELECT f.\"table\" || f.\"from\" || f.on_delete FROM pragma_foreign_key_list('leases') AS f")
    return columns + indexes + keys
  }
}
