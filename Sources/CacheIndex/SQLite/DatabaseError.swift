import CSQLite

/// What SQLite said when something failed, as the connection knew it at that moment.
package struct DatabaseError: Error, CustomStringConvertible {
  /// The extended result code.
  package let extendedCode: CInt
  /// In SQLite's words; those of the code where it has none for the case.
  package let message: String
  /// The operating system's number behind it; 0 where there is none.
  package let systemErrno: CInt

  /// The primary result code: `SQLITE_BUSY`, `SQLITE_CORRUPT` and so on.
  package var code: CInt { extendedCode & 0xFF }

  package init(_ extendedCode: CInt, _ message: String? = nil, systemErrno: CInt = 0) {
    self.extendedCode = extendedCode
    self.message = message ?? String(cString: sqlite3_errstr(extendedCode))
    self.systemErrno = systemErrno
  }

  /// The last failure of a connection, which gave `code`.
  package init(_ code: CInt, of handle: OpaquePointer?) {
    guard let handle else {
      self.init(code)
      return
    }
    let extended = sqlite3_extended_errcode(handle)
    // A backup's failures stay out of the connection.
    guard extended & 0xFF == code & 0xFF else {
      self.init(code, systemErrno: Self.systemErrno(code, handle))
      return
    }
    self.init(
      extended, String(cString: sqlite3_errmsg(handle)),
      systemErrno: Self.systemErrno(extended, handle))
  }

  private static func systemErrno(_ code: CInt, _ handle: OpaquePointer) -> CInt {
    // After other failures it is that of an earlier call.
    [SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_FULL].contains(code & 0xFF)
      ? sqlite3_system_errno(handle) : 0
  }

  package var description: String { "SQLite error \(extendedCode): \(message)" }
}

extension DatabaseError {
  /// What could not be done in an I/O error, as a verb.
  package var work: String {
    switch extendedCode >> 8 {
    // Write, truncate, delete, and the shared memory's size.
    case 3, 6, 10, 19, 23: "write"
    case 4, 5: "sync"
    case 8, 9, 11, 14, 15, 20: "lock"
    case 7, 13: "look at"
    case 18, 21, 24, 26: "open"
    default: "read"
    }
  }
}
