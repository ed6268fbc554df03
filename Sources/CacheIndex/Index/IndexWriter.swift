import CPlatform
import Glibc
import Synchronization
import SystemPackage

/// The connection that changes an index: every change is one `BEGIN IMMEDIATE` transaction.
///
/// Pragmas and busy timeout are fbuild's. It checkpoints only under the cache's own lock: two
/// connections that checkpoint at the same moment can damage the file in SQLite before 3.51.3.
package final class IndexWriter: Sendable {
  package let location: CacheLocation
  private let connection: Connection
  private let budget: BusyBudget
  /// The file that was opened.
  private let identity: FileIdentity?
  private let group = GroupCommit()

  /// The number of commits after which the WAL is moved into the main file, where nobody minds: about
  /// the thousand pages at which fbuild's own connections do it.
  private static let checkpointInterval = 250
  private let commits = Atomic(0)
  /// Whether something was committed that nobody waited for.
  private let owesSync = Atomic(false)

  /// Opens the index, made anew where `create` is set.
  ///
  /// - Parameter waited: seconds of `busyTimeout` that went by before.
  package init(
    _ location: CacheLocation, create: Bool, busyTimeout: Double, waited: Double = 0,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) {
    self.location = location
    let budget = BusyBudget(seconds: busyTimeout, spent: waited, isCancelled: isCancelled)
    self.budget = budget
    try Self.refuseUnwritable(location, create: create)
    if let error = try location.loneLogError() { throw error }
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
    identity = try FileStatus(location.index)?.identity
  }

  /// A file without its name takes changes, and nobody will ever see them.
  private func requireNamed() throws(CacheError) {
    guard let identity, try FileStatus(location.index)?.identity != identity else { return }
    throw CacheError(
      .busy, "\(location.index) was removed or replaced while it was changed",
      hint: "See who did that, then try again")
  }

  /// The two pragmas that write, or decide how writing is done; after every check has passed.
  ///
  /// fbuild commits with NORMAL, which never syncs the WAL: what we report must outlast a power cut, also
  /// while other connections keep the WAL from being moved.
  package func useWriteAheadLog() throws(CacheError) {
    try withoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
  }

  /// One change: all of `body`, or nothing; on the disk when this returns, unless `isDurable` is false.
  package func write<Value>(
    isDurable: Bool = true, _ body: (Database) throws -> Value
  ) throws(CacheError) -> Value {
    let value = try withoutTransaction { db in
      if !isDurable { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
      defer { if !isDurable { try? db.execute(sql: "PRAGMA synchronous = FULL") } }
      return try db.transaction(.immediate) { try body(db) }
    }
    if !isDurable { owesSync.store(true, ordering: .relaxed) }
    budget.renew()
    if isDurable { try requireNamed() }
    checkpointAtTimes()
    return value
  }

  /// The same, in one transaction with what other threads change at this moment.
  ///
  /// `body` may run twice, the first time rolled back; where it throws, nothing of it stays. Where
  /// `isDurable` is false nobody waits for the disk: `syncLog` makes it last, or a later change.
  package func writeGrouped<Value>(
    isDurable: Bool = true, _ body: @escaping (Database) throws -> Value
  ) throws(CacheError) -> Value {
    // Another thread may run the body, but only while this one waits for it.
    nonisolated(unsafe) var value: Value?
    try group.write({ value = try body($0) }, isDurable: isDurable, commit: commit)
    guard let value else { throw CacheError(.inputOutput, "the change was not made") }
    return value
  }

  private func commit(
    _ bodies: [GroupCommit.Body], isDurable: Bool
  ) -> Result<Void, CacheError> {
    do throws(CacheError) {
      try write(isDurable: isDurable) { db in for body in bodies { try body(db) } }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// One consistent state. `body` only reads; nothing enforces that, as turning `PRAGMA query_only` on and
  /// off makes SQLite prepare all kept statements anew.
  package func read<Value>(_ body: (Database) throws -> Value) throws(CacheError) -> Value {
    do {
      return try connection.read(body)
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }

  package func withoutTransaction<Value>(
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

  /// Waits until the disk has what was committed without waiting.
  package func syncLog() throws(CacheError) {
    try requireNamed()
    guard owesSync.exchange(false, ordering: .relaxed) else { return }
    let path = location.companion("-wal")
    // SQLite takes no locks on a WAL, so that closing it drops none.
    let log = path.withPlatformString {
      openPath($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard log >= 0 else {
      // Moved into the main file, which syncs it.
      if errno == ENOENT { return }
      throw CacheError.system("cannot sync \(path)", errno, at: path)
    }
    defer { _ = Glibc.close(log) }
    guard syncData(log) == 0 else {
      throw CacheError.system("cannot sync \(path)", errno, at: path)
    }
  }

  /// Closes the connection. The last one of all leaves a complete main file and no WAL.
  package func close(checkpoints: Bool = true) {
    guard checkpoints, let lock = try? CacheLock(location, deadline: 0) else {
      connection.close()
      return
    }
    connection.use { $0.checkpointsOnClose(true) }
    connection.close()
    _ = consume lock
  }

  deinit { close() }

  /// Moves the WAL into the main file, so that the next change overwrites it in place of growing it.
  package func makeRoom() {
    guard let lock = try? CacheLock(location, deadline: 0) else { return }
    try? connection.use { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
    _ = consume lock
  }

  private func checkpointAtTimes() {
    let count = commits.add(1, ordering: .relaxed).newValue
    guard count.isMultiple(of: Self.checkpointInterval),
      let lock = try? CacheLock(location, deadline: 0)
    else { return }
    try? connection.use { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
    _ = consume lock
  }

  /// Throws where the index may not be changed, or made where `create` is set; opens nothing.
  package static func refuseUnwritable(
    _ location: CacheLocation, create: Bool
  ) throws(CacheError) {
    try refuseOddFiles(location)
    try requireWriteAccess(location, create: create)
  }

  /// Asked before SQLite is: it calls every refusal "unable to open".
  private static func requireWriteAccess(
    _ location: CacheLocation, create: Bool
  ) throws(CacheError) {
    for path in create ? [location.root] : [location.root, location.index] {
      guard let code = writeObstacle(path) else { continue }
      throw CacheError.system("cannot write \(path)", code, at: path)
    }
    for suffix in ["-wal", "-shm", "-journal"] {
      try requireWriteAccess(toCompanion: location.sibling("index.sqlite" + suffix), location)
    }
  }

  /// A file that another user's run has left beside the index: chown by hand, since only its owner may.
  private static func requireWriteAccess(
    toCompanion path: FilePath, _ location: CacheLocation
  ) throws(CacheError) {
    guard let found = FileStatus(unfollowed: path), found.isRegular, writeObstacle(path) == EACCES
    else { return }
    // Who owns it took the right from itself, and gives it back to itself.
    if found.owner == geteuid() {
      throw CacheError.system("cannot write \(path)", EACCES, at: path)
    }
    let owner = FileStatus(followed: location.index)?.chownName ?? "OWNER"
    throw CacheError(
      .permission, "cannot write \(path): it belongs to \(found.ownerName)",
      hint: "Give it to the owner of the index: sudo chown \(owner): \(path)")
  }

  /// Asked with the rights that this thread has on files.
  private static func writeObstacle(_ path: FilePath) -> CInt? {
    path.withPlatformString { checkAccess($0, W_OK) == 0 ? nil : errno }
  }

  /// An index behind a symbolic link may lie outside the root: it is shown, never changed.
  package static func refuseOddFiles(_ location: CacheLocation) throws(CacheError) {
    try location.refuseForeignOwner()
    for suffix in ["-journal", "-wal", "-shm"] {
      let path = location.sibling("index.sqlite" + suffix)
      // SQLite follows no link there, and waits for whoever writes into a FIFO.
      try FileStatus(path, follows: false)?.requireFile(path)
    }
    guard let found = try FileStatus(location.index, follows: false) else { return }
    if found.isLink {
      throw CacheError(
        .refused, "\(location.index) is a symbolic link, so it is only shown",
        hint: "Name the folder that holds the real file with --cache DIR")
    }
    _ = try HeldFile.open(location.index)
  }
}

extension CacheLocation {
  /// A folder of somebody else that everybody may write leads wherever anybody wants, and so does a link of
  /// somebody else than the folder's owner.
  package func refuseForeignOwner() throws(CacheError) {
    if let owner = foreignLinkOwner {
      throw CacheError(
        .refused, "\(root) is a symbolic link of \(owner) to a folder of somebody else",
        hint: "Name the folder itself with --cache DIR")
    }
    guard let owner = openForeignOwner else { return }
    throw CacheError(
      .refused, "\(root) belongs to \(owner), and anyone may change what is in it",
      hint: "Ask \(owner) to take that right away: chmod o-w \(root)")
  }
}
