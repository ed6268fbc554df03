import CSQLite

/// A cell by its storage class, as SQLite's own rules of order and of sums need it.
package enum StoredCell: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text([UInt8])
  case blob([UInt8])

  /// How rusqlite calls the storage class.
  package var className: String {
    switch self {
    case .null: "Null"
    case .integer: "Integer"
    case .real: "Real"
    case .text: "Text"
    case .blob: "Blob"
    }
  }
}

extension LenientRow {
  /// The cell with at most `limit` bytes of a text or blob.
  package func cell(_ column: CInt, limit: Int = 256) -> StoredCell {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT: .text(textBytes(column).map { Array($0.prefix(limit)) } ?? [])
    case SQLITE_BLOB: .blob(Array(blobBytes(column).prefix(limit)))
    default: .null
    }
  }

  /// What `SUM` adds for the cell; `nil` for NULL, which it passes over.
  package func addend(_ column: CInt) -> SQLiteSum.Addend? {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_NULL: nil
    case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
    default: .real(sqlite3_column_double(statement, column))
    }
  }

  /// How many bytes a text or blob has.
  package func byteCount(_ column: CInt) -> Int { Int(sqlite3_column_bytes(statement, column)) }

  private func blobBytes(_ column: CInt) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(statement, column),
      count: Int(sqlite3_column_bytes(statement, column)))
  }
}
