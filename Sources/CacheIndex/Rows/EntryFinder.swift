import Synchronization
package import SystemPackage

/// Finds single entries through one connection, again and again: the schema is read anew only after
/// it has changed, and statements are prepared once.
package final class EntryFinder: Sendable {
  private struct Known {
    /// SQLite counts it up with every change of the schema, whoever makes it.
    var version: Int64
    var shape: SchemaShape
    var rows: EntryRows
  }

  private let known = Mutex<Known?>(nil)
  private let root: FilePath?

  /// `root` lets paths be checked that a row gives in full.
  package init(root: FilePath? = nil) { self.root = root }

  /// The first entry that fulfils the condition, or `nil`.
  package func find(
    _ db: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> Entry? {
    let known = try current(db)
    return try first(db, known, condition, arguments) { row in
      known.rows.entry(row, try LeaseSums.read(db, known.shape, entries: [row.count(0)]))
    }
  }

  /// SQLite gives the id of a deleted entry to the next one, so the id alone names nothing.
  package func isSame(_ db: Database, _ entry: Entry) throws -> Bool {
    let known = try current(db)
    let found = try first(db, known, "id = ?", [entry.id]) { known.rows.entry($0, LeaseSums()) }
    guard let found else { return false }
    return found.kind == entry.kind && found.hash == entry.hash && found.version == entry.version
  }

  private func first(
    _ db: Database, _ known: Known, _ condition: String, _ arguments: StatementArguments,
    _ body: (LenientRow) throws -> Entry
  ) throws -> Entry? {
    let statement = try db.cachedStatement(
      sql: "SELECT \(known.rows.selectList) FROM entries WHERE \(condition)")
    return try LenientRow.first(statement, arguments, body)
  }

  private func current(_ db: Database) throws -> Known {
    let statement = try db.cachedStatement(sql: "PRAGMA schema_version")
    let version = try LenientRow.first(statement, []) { $0.count(0) } ?? 0
    if let known = known.withLock({ $0 }), known.version == version { return known }
    let shape = try SchemaShape.read(db)
    let fresh = Known(
      version: version, shape: shape, rows: EntryRows(shape, textLimit: .max, root: root))
    known.withLock { $0 = fresh }
    return fresh
  }
}
