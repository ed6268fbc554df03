import CSQLite

/// A value as SQLite stores it.
package enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  /// Any value that SQLite hands over; bytes of a text that are not UTF-8 are repaired.
  package init(_ value: OpaquePointer?) {
    let count = Int(sqlite3_value_bytes(value))
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = .integer(sqlite3_value_int64(value))
    case SQLITE_FLOAT: self = .real(sqlite3_value_double(value))
    case SQLITE_TEXT:
      let bytes = UnsafeRawBufferPointer(start: sqlite3_value_text(value), count: count)
      self = .text(String(decoding: bytes, as: UTF8.self))
    case SQLITE_BLOB:
      self = .blob(Array(UnsafeRawBufferPointer(start: sqlite3_value_blob(value), count: count)))
    default: self = .null
    }
  }
}

/// What can stand for a `?` in SQL.
package protocol SQLConvertible {
  var sqlValue: SQLValue { get }
}

extension SQLValue: SQLConvertible {
  package var sqlValue: SQLValue { self }
}

extension Int64: SQLConvertible {
  package var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLConvertible {
  package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Double: SQLConvertible {
  package var sqlValue: SQLValue { .real(self) }
}

extension String: SQLConvertible {
  package var sqlValue: SQLValue { .text(self) }
}

/// The values of a statement's `?`, in their order; `nil` is NULL.
package struct StatementArguments: ExpressibleByArrayLiteral, Sendable {
  package let values: [SQLValue]

  package init(arrayLiteral elements: (any SQLConvertible)?...) {
    values = elements.map { $0?.sqlValue ?? .null }
  }

  package init(_ elements: some Sequence<any SQLConvertible>) {
    values = elements.map(\.sqlValue)
  }

  package init(_ elements: some Sequence<some SQLConvertible>) {
    values = elements.map(\.sqlValue)
  }
}
