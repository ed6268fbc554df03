import CSQLite

/// Carries fbuild's statements out on a copy of the index, so that SQLite itself says which of them it
/// refuses: a trigger, a foreign key or a CHECK can.
struct CollectionRehearsal: Sendable {
  private let image: DatabaseImage

  /// An index that is larger is not tried.
  private static let limit: Int64 = 1 << 28
  private static let machineSteps: CInt = 50_000_000

  /// `nil` where the schema is one that refuses nothing.
  init?(_ db: Database) throws {
    guard try OddSchema.isOdd(db), let image = try DatabaseImage(db, limit: Self.limit) else {
      return nil
    }
    self.image = image
  }

  /// What SQLite says to the first statement that it refuses.
  struct Refusal {
    /// How many holders' leases were reaped before.
    var holders = 0
    /// How many steps were made before; `nil` where it did not come to them.
    var steps: Int?
    var words = ""
  }

  /// - Parameter holders: the holders whose leases are reaped, as `leases` has them.
  func refusal(
    reaping holders: [Int64], _ steps: [CollectionRun.Step]
  ) -> Refusal? {
    var done = Refusal()
    do {
      return try image.use(steps: Self.machineSteps) { db in
        try db.execute(sql: "PRAGMA foreign_keys = ON")
        try Self.reap(holders, db, &done)
        done.steps = 0
        for step in steps { try Self.clear(step, db, &done) }
        return nil
      }
    } catch {
      // What cannot be tried refuses nothing that we know of.
      guard let error = error as? DatabaseError, error.code != SQLITE_INTERRUPT,
        error.code != SQLITE_NOMEM
      else { return nil }
      done.words = error.message
      return done
    }
  }

  private static func reap(_ holders: [Int64], _ db: Database, _ done: inout Refusal) throws {
    guard !holders.isEmpty else { return }
    for holder in holders {
      try db.executeCached(sql: "DELETE FROM leases WHERE holder_pid = ?", arguments: [holder])
      done.holders += 1
    }
    try db.execute(
      sql: """
        UPDATE entries SET pinned = (SELECT COALESCE(SUM(refcount), 0) FROM leases
          WHERE leases.entry_id = entries.id)
        """)
  }

  /// The row goes with its last phase.
  private static func clear(
    _ step: CollectionRun.Step, _ db: Database, _ done: inout Refusal
  ) throws {
    let isInstalled = step.phase == .installed
    let other = isInstalled ? "archive_path" : "installed_path"
    let isLast = try db.integer(
      "SELECT 1 FROM entries WHERE id = ? AND \(other) IS NULL", [step.id])
    try db.executeCached(
      sql: isInstalled
        ? """
        UPDATE entries SET installed_path = NULL, installed_bytes = NULL, installed_at = NULL
        WHERE id = ?
        """
        : """
        UPDATE entries SET archive_path = NULL, archive_bytes = NULL, archive_sha256 = NULL,
          archived_at = NULL WHERE id = ?
        """, arguments: [step.id])
    // What follows does not take it back.
    done.steps = (done.steps ?? 0) + 1
    guard isLast != nil else { return }
    try db.executeCached(sql: "DELETE FROM entries WHERE id = ?", arguments: [step.id])
  }
}
