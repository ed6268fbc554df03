package import GRDB

/// A plain SQLite connection beside CacheKit's own, as any other program would open one.
package final class RawIndex: Sendable {
  package let queue: DatabaseQueue

  package init(_ path: String, readonly: Bool = false) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.readonly = readonly
    configuration.busyMode = .timeout(10)
    configuration.allowsUnsafeTransactions = true
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Runs statements outside any transaction of ours.
  package func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: sql, arguments: arguments) }
  }

  /// The first column of every row as text; NULL as "NULL".
  package func column(_ sql: String) throws -> [String] {
    try queue.read { db in
      try Row.fetchAll(db, sql: sql).map { row in
        let value: DatabaseValue = row[0]
        return value.isNull ? "NULL" : String.fromDatabaseValue(value) ?? "\(value)"
      }
    }
  }

  package func close() throws { try queue.close() }

  /// Opens, runs, closes.
  package static func run(
    _ path: String, _ sql: String, _ arguments: StatementArguments = []
  ) throws {
    let index = try RawIndex(path)
    try index.run(sql, arguments)
    try index.close()
  }

  package static func column(_ path: String, _ sql: String) throws -> [String] {
    let index = try RawIndex(path)
    defer { try? index.close() }
    return try index.column(sql)
  }
}

extension RawIndex {
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
