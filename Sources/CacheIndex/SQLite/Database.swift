import CSQLite

/// An open database in the hands of one thread: statements run through it. `Connection` lends it.
package final class Database {
  /// SQLite's own handle, `nil` once it is closed.
  package private(set) var handle: OpaquePointer?
  /// Statements by their SQL, prepared once.
  private var kept: [String: Statement] = [:]
  /// What SQLite calls back must live as long as the connection.
  private var busyHandler: BusyHandler?

  /// A program has so many kinds of statements; beyond them something builds SQL from values.
  private static let keptLimit = 200

  package init(_ uri: String, flags: CInt) throws(DatabaseError) {
    let code = sqlite3_open_v2(uri, &handle, flags, nil)
    guard code == SQLITE_OK else {
      let failure = DatabaseError(code, of: handle)
      sqlite3_close_v2(handle)
      throw failure
    }
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Takes the handle out, to be closed: nobody can interrupt it from now on.
  func takeHandle() -> OpaquePointer? {
    defer { handle = nil }
    kept = [:]
    return handle
  }

  private func open() throws(DatabaseError) -> OpaquePointer {
    guard let handle else { throw DatabaseError(SQLITE_MISUSE, "the connection is closed") }
    return handle
  }
}

// MARK: - Statements

extension Database {
  /// Runs one statement or several; values are for one alone.
  package func execute(
    sql: String, arguments: StatementArguments = []
  ) throws(DatabaseError) {
    let handle = try open()
    try sql.utf8CString.withUnsafeBufferPointer { buffer throws(DatabaseError) in
      var rest = buffer.baseAddress
      while let next = rest, next.pointee != 0 {
        try Statement(handle, &rest)?.execute(arguments: arguments)
      }
    }
  }

  /// A statement that runs once.
  package func makeStatement(sql: String) throws(DatabaseError) -> Statement {
    try prepare(sql, isKept: false)
  }

  /// A statement that will run again: it is prepared the first time only.
  package func cachedStatement(sql: String) throws(DatabaseError) -> Statement {
    if let known = kept[sql] {
      // Somebody reads its rows at this moment.
      return known.isBusy ? try prepare(sql, isKept: false) : known
    }
    let fresh = try prepare(sql, isKept: true)
    if kept.count == Self.keptLimit { kept = [:] }
    kept[sql] = fresh
    return fresh
  }

  /// Runs one statement that will run again.
  package func executeCached(
    sql: String, arguments: StatementArguments = []
  ) throws(DatabaseError) {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  private func prepare(_ sql: String, isKept: Bool) throws(DatabaseError) -> Statement {
    let handle = try open()
    let statement = try sql.utf8CString.withUnsafeBufferPointer { buffer throws(DatabaseError) in
      var rest = buffer.baseAddress
      return try Statement(handle, &rest, isKept: isKept)
    }
    guard let statement else { throw DatabaseError(SQLITE_MISUSE, "there is no statement") }
    return statement
  }

  /// The integer in the first cell of the first row; `nil` for no row, and for anything else.
  package func integer(
    _ sql: String, _ arguments: StatementArguments = []
  ) throws(DatabaseError) -> Int64? {
    let rows = try makeStatement(sql: sql).rows(arguments)
    guard case .value(let number)? = try rows.next()?.integer(0) else { return nil }
    return withExtendedLifetime(rows) { number }
  }

  /// The text in the first cell of the first row; `nil` for no row, and for anything else.
  package func text(
    _ sql: String, _ arguments: StatementArguments = []
  ) throws(DatabaseError) -> String? {
    let rows = try makeStatement(sql: sql).rows(arguments)
    guard case .value(let text)? = try rows.next()?.text(0, limit: .max) else { return nil }
    return withExtendedLifetime(rows) { text.readable }
  }

  /// The same of a PRAGMA that changes the file, which is written at its end only, after the first row.
  package func answer(_ pragma: String) throws(DatabaseError) -> String? {
    let rows = try makeStatement(sql: pragma).rows([])
    var answer: String?
    while let row = try rows.next() {
      if case .value(let text) = row.text(0, limit: .max) { answer = answer ?? text.readable }
    }
    return answer
  }

  /// How many rows the last INSERT, UPDATE or DELETE touched.
  package var changesCount: Int { Int(sqlite3_changes(handle)) }
}

// MARK: - Transactions

extension Database {
  package enum TransactionKind: String {
    /// Locks nothing before its first read.
    case deferred = "BEGIN DEFERRED"
    /// Shuts out other writers from its start.
    case immediate = "BEGIN IMMEDIATE"
  }

  /// All of `body`, or nothing where it throws.
  package func transaction<Value>(
    _ kind: TransactionKind, _ body: () throws -> Value
  ) throws -> Value {
    try executeCached(sql: kind.rawValue)
    do {
      let value = try body()
      try executeCached(sql: "COMMIT")
      return value
    } catch {
      // After some errors SQLite has rolled back by itself.
      if isInTransaction { try? executeCached(sql: "ROLLBACK") }
      throw error
    }
  }

  private var isInTransaction: Bool {
    handle.map { sqlite3_get_autocommit($0) == 0 } ?? false
  }
}

// MARK: - Settings

extension Database {
  /// Nothing in the file can make the file's own structure writable.
  package func defend() { _ = handle.map { csqlite_defensive($0) } }

  /// Whether the last connection that closes moves the WAL into the main file.
  func checkpointsOnClose(_ does: Bool) {
    _ = handle.map { csqlite_no_checkpoint_on_close($0, does ? 0 : 1) }
  }

  func requireStrictQuotes() { _ = handle.map { csqlite_strict_quotes($0) } }

  private final class BusyHandler {
    let waits: (Int) -> Bool
    init(_ waits: @escaping (Int) -> Bool) { self.waits = waits }
  }

  /// Waits for a lock as long as `waits` says so; it gets the number of attempts so far.
  func onBusy(_ waits: @escaping (Int) -> Bool) {
    let handler = BusyHandler(waits)
    busyHandler = handler
    sqlite3_busy_handler(
      handle,
      { context, attempt in
        guard let context else { return 0 }
        let handler = Unmanaged<BusyHandler>.fromOpaque(context).takeUnretainedValue()
        return handler.waits(Int(attempt)) ? 1 : 0
      }, Unmanaged.passUnretained(handler).toOpaque())
  }

  func waitsWhenBusy(seconds: Double) {
    sqlite3_busy_timeout(handle, CInt(clamping: Int(max(0, min(seconds, 1e6)) * 1000)))
  }

  private final class Predicate {
    let holds: (SQLValue, SQLValue) -> Bool
    init(_ holds: @escaping (SQLValue, SQLValue) -> Bool) { self.holds = holds }
  }

  /// A function of two values for our own SQL; the same values give the same answer.
  ///
  /// The schema of the file cannot call it: that is somebody else's.
  package func add(
    predicate name: String, _ holds: @escaping (SQLValue, SQLValue) -> Bool
  ) throws(DatabaseError) {
    let code = sqlite3_create_function_v2(
      handle, name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
      Unmanaged.passRetained(Predicate(holds)).toOpaque(),
      { context, _, values in
        guard let own = sqlite3_user_data(context), let values else { return }
        let predicate = Unmanaged<Predicate>.fromOpaque(own).takeUnretainedValue()
        let isTrue = predicate.holds(SQLValue(values[0]), SQLValue(values[1]))
        sqlite3_result_int(context, isTrue ? 1 : 0)
      }, nil, nil, { own in own.map { Unmanaged<Predicate>.fromOpaque($0).release() } })
    // SQLite has released the closure where this fails.
    guard code == SQLITE_OK else { throw DatabaseError(code, of: handle) }
  }
}
