import CSQLite

/// One result row, read straight from the statement, so that no storage class can trap.
///
/// Valid until the cursor moves on. Columns are addressed by their place in the SELECT.
package struct LenientRow {
  package let statement: OpaquePointer

  package init(_ statement: OpaquePointer) { self.statement = statement }

  /// The rows of a query that runs once, one after the other.
  package static func fetchCursor(
    _ db: Database, sql: String, arguments: StatementArguments = []
  ) throws -> RowCursor {
    try db.makeStatement(sql: sql).rows(arguments)
  }

  package static func fetchCursor(
    _ statement: Statement, arguments: StatementArguments = []
  ) throws -> RowCursor {
    try statement.rows(arguments)
  }

  /// Hands the first row to `body`; `nil` where there is none.
  ///
  /// A row lives as long as its cursor, so it must be read in here.
  package static func first<Value>(
    _ db: Database, sql: String, arguments: StatementArguments = [],
    _ body: (LenientRow) throws -> Value?
  ) throws -> Value? {
    try first(try db.makeStatement(sql: sql), arguments, body)
  }

  package static func first<Value>(
    _ statement: Statement, _ arguments: StatementArguments,
    _ body: (LenientRow) throws -> Value?
  ) throws -> Value? {
    let cursor = try fetchCursor(statement, arguments: arguments)
    return try withExtendedLifetime(cursor) { try cursor.next().flatMap(body) }
  }

  /// The integer, `nil` for NULL; any other storage class is a problem and `nil`.
  package func integer(_ column: CInt) -> Cell<Int64> {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: .value(sqlite3_column_int64(statement, column))
    case SQLITE_NULL: .null
    case let type: .wrong("\(Self.name(type)) in an INTEGER column: \(excerpt(column))")
    }
  }

  /// The text with at most `limit` bytes of it, `nil` for NULL; any other class is a problem.
  package func text(_ column: CInt, limit: Int) -> Cell<RawText> {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_TEXT: .value(rawText(column, limit: limit))
    case SQLITE_NULL: .null
    case let type: .wrong("\(Self.name(type)) in a TEXT column: \(excerpt(column))")
    }
  }

  package func isNull(_ column: CInt) -> Bool {
    sqlite3_column_type(statement, column) == SQLITE_NULL
  }

  /// True for a text that is one of these, byte for byte; nothing is copied.
  package func isText(_ column: CInt, oneOf words: [[UInt8]]) -> Bool {
    textIndex(column, in: words) != nil
  }

  /// Which of these a text is, byte for byte; nothing is copied.
  package func textIndex(_ column: CInt, in words: [[UInt8]]) -> Int? {
    guard let bytes = textBytes(column) else { return nil }
    return words.firstIndex { $0.count == bytes.count && $0.elementsEqual(bytes) }
  }

  /// The bytes of a text where they lie, valid until the cursor moves on; `nil` for any other class.
  package func textBytes(_ column: CInt) -> UnsafeBufferPointer<UInt8>? {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
      let start = sqlite3_column_text(statement, column)
    else { return nil }
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
  }

  private func rawText(_ column: CInt, limit: Int) -> RawText {
    guard let start = sqlite3_column_text(statement, column) else { return RawText(bytes: []) }
    let count = Int(sqlite3_column_bytes(statement, column))
    let shown = UnsafeBufferPointer(start: start, count: min(count, limit))
    return RawText(bytes: Array(shown), fullCount: count)
  }

  /// The start of a value of the wrong class, short enough for one line.
  private func excerpt(_ column: CInt) -> String {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_BLOB:
      let count = Int(sqlite3_column_bytes(statement, column))
      let start = sqlite3_column_blob(statement, column)
      let bytes = UnsafeRawBufferPointer(start: start, count: min(count, 8))
      return "\(Hex.text(bytes))\(count > 8 ? "…" : "") (\(count) byte\(count == 1 ? "" : "s"))"
    case SQLITE_FLOAT: return "\(sqlite3_column_double(statement, column))"
    default:
      let text = rawText(column, limit: 40)
      return text.isCut ? "\(text.readable) (\(text.fullCount) bytes)" : text.readable
    }
  }

  private static func name(_ type: CInt) -> String {
    switch type {
    case SQLITE_INTEGER: "INTEGER"
    case SQLITE_FLOAT: "REAL"
    case SQLITE_TEXT: "TEXT"
    case SQLITE_BLOB: "BLOB"
    default: "NULL"
    }
  }
}

/// What a column holds: nothing, a value of the declared class, or something else.
package enum Cell<Value: Sendable>: Sendable {
  case null
  case value(Value)
  case wrong(String)

  /// The value, or `nil`; what is wrong goes to `problems` under the column's name.
  package func read(
    _ column: String, required: Bool = false, into problems: inout [RowProblem]
  ) -> Value? {
    switch self {
    case .value(let value): return value
    case .wrong(let message):
      problems.append(RowProblem(column, message))
      return nil
    case .null:
      if required { problems.append(RowProblem(column, "NULL in a NOT NULL column")) }
      return nil
    }
  }
}
