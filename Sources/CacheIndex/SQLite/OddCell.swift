import CSQLite

/// What a cell holds whose storage class is not that of its column; a snapshot keeps it, so that the
/// row has the same problems when it is read again.
public struct OddCell: Sendable, Hashable {
  /// What the cell holds, in its own storage class.
  public enum Value: Sendable, Hashable {
    case integer(Int64)
    case real(Double)
    case text(RawText)
    case blob([UInt8])
  }

  /// The name of the column.
  public var column: String
  /// What it holds.
  public var value: Value

  package init(column: String, value: Value) {
    self.column = column
    self.value = value
  }

  /// Bytes of a text or blob that are kept.
  package static let limit = 64 << 10
}

extension LenientRow {
  /// The value where its class is another one than the column's; `nil` for NULL, too.
  package func odd(_ column: CInt, isText: Bool) -> OddCell.Value? {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER where isText:
      return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_TEXT where !isText:
      guard case .value(let text) = text(column, limit: OddCell.limit) else { return nil }
      return .text(RawText(bytes: text.bytes))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
    case SQLITE_BLOB:
      let count = min(Int(sqlite3_column_bytes(statement, column)), OddCell.limit)
      let start = sqlite3_column_blob(statement, column)
      return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
    default: return nil
    }
  }
}
