import CSQLite

/// A prepared statement; SQLite prepares it anew by itself where the schema has changed.
package final class Statement {
  package let handle: OpaquePointer
  /// Counts the runs: rows of an earlier one must not disturb a later one.
  private var run = 0

  /// Prepares the first statement of `sql` and moves `sql` behind it; `nil` for blanks and comments.
  package init?(
    _ database: OpaquePointer, _ sql: inout UnsafePointer<CChar>?, isKept: Bool = false
  ) throws(DatabaseError) {
    var handle: OpaquePointer?
    let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    let code = sqlite3_prepare_v3(database, sql, -1, flags, &handle, &sql)
    guard code == SQLITE_OK else { throw DatabaseError(code, of: database) }
    guard let handle else { return nil }
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// True while rows of it are being read.
  var isBusy: Bool { sqlite3_stmt_busy(handle) != 0 }

  /// Runs it to its end.
  package func execute(arguments: StatementArguments = []) throws(DatabaseError) {
    let rows = try rows(arguments)
    while try rows.next() != nil {}
  }

  /// Starts it again with these values.
  package func rows(_ arguments: StatementArguments) throws(DatabaseError) -> RowCursor {
    sqlite3_reset(handle)
    run += 1
    guard arguments.values.count == Int(sqlite3_bind_parameter_count(handle)) else {
      throw DatabaseError(
        SQLITE_RANGE,
        "\(arguments.values.count) values for: \(String(cString: sqlite3_sql(handle)))")
    }
    for (value, place) in zip(arguments.values, CInt(1)...) { try bind(value, place) }
    return RowCursor(self, run)
  }

  private func bind(_ value: SQLValue, _ place: CInt) throws(DatabaseError) {
    let code =
      switch value {
      case .null: sqlite3_bind_null(handle, place)
      case .integer(let number): sqlite3_bind_int64(handle, place, number)
      case .real(let number): sqlite3_bind_double(handle, place, number)
      case .text(var text):
        text.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) {
            csqlite_bind_text(handle, place, $0.baseAddress, UInt64($0.count))
          }
        }
      case .blob(let bytes):
        bytes.withUnsafeBytes {
          csqlite_bind_blob(handle, place, $0.baseAddress, UInt64($0.count))
        }
      }
    guard code == SQLITE_OK else { throw failure(code) }
  }

  fileprivate func step(_ run: Int) throws(DatabaseError) -> Bool {
    // Run again meanwhile: those rows are gone.
    guard run == self.run else { return false }
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    let failure = code == SQLITE_DONE ? nil : failure(code)
    sqlite3_reset(handle)
    if let failure { throw failure }
    return false
  }

  fileprivate func end(_ run: Int) {
    if run == self.run { sqlite3_reset(handle) }
  }

  private func failure(_ code: CInt) -> DatabaseError {
    DatabaseError(code, of: sqlite3_db_handle(handle))
  }
}

/// The rows of one run of a statement; what is left of them is given up with the value.
package final class RowCursor {
  private let statement: Statement
  private let run: Int
  private var isAtEnd = false

  fileprivate init(_ statement: Statement, _ run: Int) {
    self.statement = statement
    self.run = run
  }

  deinit { statement.end(run) }

  /// The next row, which is valid until the one after it; `nil` at the end.
  package func next() throws(DatabaseError) -> LenientRow? {
    guard !isAtEnd else { return nil }
    // Stepping beyond the end, or an error, would start it again.
    isAtEnd = true
    guard try statement.step(run) else { return nil }
    isAtEnd = false
    return LenientRow(statement.handle)
  }
}
