import Glibc
import Synchronization
import SystemPackage

/// The connection that changes an index: every change is one `BEGIN IMMEDIATE` transaction.
///
/// Pragmas and busy timeout are fbuild's. It checkpoints only under the cache's own lock: two
/// connections that checkpoint at the same moment can damage the file in SQLite before 3.51.3.
final class IndexWriter: Sendable {
  let location: CacheLocation
  private let connection: Connection
  private let budget: BusyBudget
  private let group = GroupCommit()

  /// The number of commits after which the WAL is moved into the main file, where nobody minds: about
  /// the thousand pages at which fbuild's own connections do it.
  private static let checkpointInterval = 250
  private let commits = Atomic(0)

  /// Opens the index, made anew where `create` is set.
  ///
  /// - Parameter waited: seconds of `busyTimeout` that went by before.
  init(
    _ location: CacheLocation, create: Bool, busyTimeout: Double, waited: Double = 0,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) {
    self.location = location
    let budget = BusyBudget(seconds: busyTimeout, spent: waited, isCancelled: isCancelled)
    self.budget = budget
    try Self.refuseOddFiles(location)
    try Self.requireWriteAccess(location, create: create)
    var setup = Connection.Setup()
    setup.busy = .asks { budget.waits(attempt: $0) }
    setup.prepare = { db in
      db.defend()
      db.checkpointsOnClose(false)
      try db.execute(sql: "PRAGMA trusted_schema = 0")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
    do {
      connection = try Connection(location.index, create ? .create : .readWrite, setup)
    } catch {
      throw CacheError.wrapping(error, at: location.index).naming(lockHolders: location)
    }
  }

  /// The two pragmas that write, or decide how writing is done; after every check has passed.
  func useWriteAheadLog() throws(CacheError) {
    try withoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
    }
  }

  /// One change: all of `body`, or nothing.
  func write<Value>(_ body: (Database) throws -> Value) throws(CacheError) -> Value {
    let value = try withoutTransaction { db in
      try db.transaction(.immediate) { try body(db) }
    }
    budget.renew()
    checkpointAtTimes()
    return value
  }

  /// The same, in one transaction with what other threads change at this moment.
  ///
  /// `body` may run twice, the first time rolled back; where it throws, nothing of it stays.
  func writeGrouped<Value>(
    _ body: @escaping (Database) throws -> Value
  ) throws(CacheError) -> Value {
    // Another thread may run the body, but only while this one waits for it.
    nonisolated(unsafe) var value: Value?
    try group.write({ value = try body($0) }, commit: commit)
    guard let value else { throw CacheError(.inputOutput, "the change was not made") }
    return value
  }

  private func commit(_ bodies: [GroupCommit.Body]) -> Result<Void, CacheError> {
    do throws(CacheError) {
      try write { db in for body in bodies { try body(db) } }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// One consistent state. `body` only reads; nothing enforces that, as turning `PRAGMA query_only` on and
  /// off makes SQLite prepare all kept statements anew.
  func read<Value>(_ body: (Database) throws -> Value) throws(CacheError) -> Value {
    do {
      return try connection.read(body)
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }

  func withoutTransaction<Value>(
    _ body: (Database) throws -> Value
  ) throws(CacheError) -> Value {
    do {
      return try connection.use(body)
    } catch {
      throw CacheError.wrapping(error, at: location.index).naming(lockHolders: location)
    }
  }

  func withConnection(_ body: (Connection) throws -> Void) throws(CacheError) {
    do {
      try body(connection)
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }

  /// Closes the connection. The last one of all leaves a complete main file and no WAL.
  func close(checkpoints: Bool = true) {
    guard checkpoints, let lock = try? CacheLock(location, deadline: 0) else {
      connection.close()
      return
    }
    connection.use { $0.checkpointsOnClose(true) }
    connection.close()
    _ = consume lock
  }

  deinit { close() }

  private func checkpointAtTimes() {
    let count = commits.add(1, ordering: .relaxed).newValue
    guard count.isMultiple(of: Self.checkpointInterval),
      let lock = try? CacheLock(location, deadline: 0)
    else { return }
    try? connection.use { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
    _ = consume lock
  }

  /// Asked before SQLite is: it calls every refusal "unable to open".
  private static func requireWriteAccess(
    _ location: CacheLocation, create: Bool
  ) throws(CacheError) {
    for path in create ? [location.root] : [location.root, location.index] {
      guard path.withPlatformString({ access($0, W_OK) }) != 0 else { continue }
      throw CacheError.system("cannot write \(path)", errno, at: path)
    }
  }

  /// An index behind a symbolic link may lie outside the root: it is shown, never changed.
  static func refuseOddFiles(_ location: CacheLocation) throws(CacheError) {
    if let owner = location.openForeignOwner {
      throw CacheError(
        .refused, "\(location.root) belongs to \(owner), and anyone may change what is in it",
        hint: "Ask \(owner) to take that right away: chmod o-w \(location.root)")
    }
    var info = stat()
    let found = location.index.withPlatformString { lstat($0, &info) }
    guard found == 0 else { return }
    if info.st_mode & S_IFMT == S_IFLNK {
      throw CacheError(
        .refused, "\(location.index) is a symbolic link, so it is only shown",
        hint: "Name the folder that holds the real file with --cache DIR")
    }
    _ = try HeldFile.open(location.index)
  }
}
