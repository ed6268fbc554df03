import CSQLite
package import SystemPackage

/// A connection to one database file, lent to one thread at a time.
package final class Connection: @unchecked Sendable {
  /// How the file is opened.
  package enum Access: String, Sendable {
    case readOnly = "mode=ro"
    /// As a file that nobody changes: takes no lock and makes no file.
    case immutable = "immutable=1"
    case readWrite = "mode=rw"
    /// The same, and makes the file where it is missing.
    case create = "mode=rwc"

    fileprivate var flags: CInt {
      switch self {
      case .readOnly, .immutable: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    }
  }

  /// What happens while another connection holds a lock.
  package enum Busy {
    /// The statement fails at once.
    case fails
    case waits(seconds: Double)
    /// Asked before each further attempt, with the number of those so far.
    case asks((Int) -> Bool)
  }

  package struct Setup {
    /// A row cannot refer to one that is not there.
    package var checksForeignKeys = true
    /// False refuses a path on which any part is a symbolic link.
    package var followsLinks = true
    package var busy = Busy.fails
    /// The first statements of the connection.
    package var prepare: (Database) throws -> Void = { _ in }

    package init() {}
  }

  private let database: Database
  /// Held by the thread that works with the database.
  private let turn = Condition()
  /// Guards the handle against being closed while it is interrupted.
  private let closing = Condition()

  /// Opens the file and reads its first page: what is no database is refused here.
  package convenience init(_ path: FilePath, _ access: Access, _ setup: Setup = Setup()) throws {
    let common = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    let links = setup.followsLinks ? 0 : SQLITE_OPEN_NOFOLLOW
    try self.init(Self.uri(path, access.rawValue), flags: access.flags | common | links, setup)
  }

  /// Opens an empty database that no file is behind.
  package convenience init(inMemory setup: Setup) throws {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    try self.init(":memory:", flags: flags, setup)
  }

  private init(_ uri: String, flags: CInt, _ setup: Setup) throws {
    database = try Database(uri, flags: flags)
    switch setup.busy {
    case .fails: break
    case .waits(let seconds): database.waitsWhenBusy(seconds: seconds)
    case .asks(let waits): database.onBusy(waits)
    }
    database.requireStrictQuotes()
    let isChecked = setup.checksForeignKeys ? "ON" : "OFF"
    try database.execute(sql: "PRAGMA foreign_keys = \(isChecked)")
    try setup.prepare(database)
    try database.execute(sql: "SELECT 1 FROM sqlite_master LIMIT 1")
  }

  /// Lends the database, outside any transaction; no call of `body` may ask for it again.
  package func use<Value>(_ body: (Database) throws -> Value) rethrows -> Value {
    turn.lock()
    defer { turn.unlock() }
    return try body(database)
  }

  /// One consistent state.
  package func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try use { db in try db.transaction(.deferred) { try body(db) } }
  }

  /// One change: all of `body`, or nothing.
  package func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try use { db in try db.transaction(.immediate) { try body(db) } }
  }

  /// Stops the statement that runs now, from any thread.
  package func interrupt() {
    closing.lock()
    defer { closing.unlock() }
    if let handle = database.handle { sqlite3_interrupt(handle) }
  }

  /// Closes the file; every later call throws. A second call does nothing.
  package func close() {
    turn.lock()
    defer { turn.unlock() }
    closing.lock()
    let handle = database.takeHandle()
    closing.unlock()
    sqlite3_close_v2(handle)
  }

  /// Copies all pages into another database, in one step.
  package func backup(to target: Connection) throws {
    try use { source in try target.use { try Self.copy(source, to: $0) } }
  }

  private static func copy(_ source: Database, to target: Database) throws(DatabaseError) {
    guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
      throw DatabaseError(sqlite3_errcode(target.handle), of: target.handle)
    }
    let code = sqlite3_backup_step(backup, -1)
    sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE else { throw DatabaseError(code, of: target.handle) }
  }

  /// A `file:` URI for any path: bytes that are not plain ASCII letters are percent-encoded.
  private static func uri(_ path: FilePath, _ query: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@=,".utf8)
    let encoded = bytes(of: path).map { byte in
      plain.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + Hex.text(CollectionOfOne(byte))
    }
    return "file:\(encoded.joined())?\(query)"
  }
}
