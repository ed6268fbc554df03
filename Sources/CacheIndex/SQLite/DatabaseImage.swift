import CSQLite

/// All pages of a database as one connection sees them, to try statements on without changing anything.
package struct DatabaseImage: Sendable {
  private var bytes: [UInt8]

  /// `nil` for a database of more bytes than `limit`.
  package init?(_ db: Database, limit: Int64) throws(DatabaseError) {
    let pages = try db.integer("PRAGMA page_count") ?? 0
    let (size, isOver) = pages.multipliedReportingOverflow(
      by: try db.integer("PRAGMA page_size") ?? 0)
    guard !isOver, size <= limit else { return nil }
    var count: sqlite3_int64 = 0
    guard let copy = sqlite3_serialize(db.handle, "main", &count, 0), count >= 100 else {
      return nil
    }
    defer { sqlite3_free(copy) }
    bytes = Array(UnsafeBufferPointer(start: copy, count: Int(count)))
    // In memory there is no WAL: the header says "rollback journal" instead.
    (bytes[18], bytes[19]) = (1, 1)
  }

  /// Lends a copy that `body` may change; SQL that runs for longer than `steps` of SQLite's machine ends
  /// with `SQLITE_INTERRUPT`, since a trigger may hold anything.
  package func use<Value>(steps: CInt, _ body: (Database) throws -> Value) throws -> Value {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let db = try Database(":memory:", flags: flags)
    try load(into: db)
    sqlite3_progress_handler(db.handle, steps, { _ in 1 }, nil)
    try db.execute(sql: "PRAGMA trusted_schema = OFF")
    return try body(db)
  }

  private func load(into db: Database) throws(DatabaseError) {
    guard let room = sqlite3_malloc64(UInt64(bytes.count)) else {
      throw DatabaseError(SQLITE_NOMEM)
    }
    bytes.withUnsafeBytes { room.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    let size = sqlite3_int64(bytes.count)
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
    let start = room.assumingMemoryBound(to: UInt8.self)
    // Frees the room where it fails, too.
    let code = sqlite3_deserialize(db.handle, "main", start, size, size, flags)
    guard code == SQLITE_OK else { throw DatabaseError(code, of: db.handle) }
  }
}
