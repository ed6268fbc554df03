import CSQLite
import Logging
public import SystemPackage

/// What running the migrations did.
public struct MigrationReport: Sendable, Hashable {
  /// One migration of a run.
  public struct Step: Sendable, Hashable {
    /// As `schema_migrations` records it.
    public var id: String
    /// What the run did about it.
    public var outcome: Outcome
    /// What it did to rows.
    public var effect: MigrationEffect
    /// Seconds.
    public var duration: Double
  }

  /// What a run did about one migration.
  public enum Outcome: String, Sendable {
    /// Its statements ran.
    case applied
    /// Its effect was there; only the record was missing.
    case recorded
    /// Another process had applied it when our turn came.
    case alreadyApplied = "already_applied"
  }

  /// In the order in which they ran.
  public var steps: [Step] = []
  /// The backup written before the first change, a path beside the index.
  public var backup: FilePath?
  /// The process that held the cache's lock before us.
  public var otherMigrator: Int32?

  package init(steps: [Step] = [], backup: FilePath? = nil, otherMigrator: Int32? = nil) {
    self.steps = steps
    self.backup = backup
    self.otherMigrator = otherMigrator
  }
}

/// A migration that stopped: what was done before it did. Found as the `cause` of the error.
public struct MigrationStopped: Error {
  /// What had run before the failure.
  public let report: MigrationReport
  package let error: CacheError

  /// The error in words that say where the index stands now.
  package var told: CacheError {
    var told = error
    let done = report.steps.filter { $0.outcome == .applied || $0.outcome == .recorded }.map(\.id)
    guard !done.isEmpty || report.backup != nil else { return error }
    told.message +=
      done.isEmpty
      ? "; no migration was applied"
      : "; applied before that, and kept: \(done.joined(separator: ", "))"
    var hints = [error.hint].compactMap { $0 }
    hints.append("`cachescope migrate` goes on where it stopped")
    if let backup = report.backup { hints.append("The backup \(backup) holds the index as it was") }
    told.hint = hints.joined(separator: ". ")
    told.cause = self
    return told
  }
}

/// Brings an index to the current schema, one transaction a migration.
///
/// Check and apply stand inside the same `BEGIN IMMEDIATE`, so that any number of processes may
/// migrate at once; a failed step leaves the schema as it was.
package struct Migrator {
  package let writer: IndexWriter
  package let now: Int64

  package init(writer: IndexWriter, now: Int64) {
    self.writer = writer
    self.now = now
  }

  /// Runs what is pending and records what is there. `backup` is called once before the first
  /// statement that changes anything. `seen` is what stood there before the cache's lock was waited
  /// for: what was done since then was done by another process.
  package func run(
    backup: (() throws(CacheError) -> FilePath)?, seen: MigrationStatus? = nil
  ) throws(CacheError) -> MigrationReport {
    var report = MigrationReport()
    let before = try status()
    report.steps = seen.map { Self.doneMeanwhile(from: $0, to: before) } ?? []
    try refuseNewer(before)
    let needsChange = Migration.all.contains { before.state(of: $0.id) != .applied }
    // Before the backup, which keeps the index open for a while: fbuild changes to a WAL with each open, and fails
    // at once where another one reads an index without.
    try writer.useWriteAheadLog()
    if needsChange, let backup { report.backup = try backup() }
    do throws(CacheError) {
      for migration in Migration.all where before.state(of: migration.id) != .applied {
        report.steps.append(try step(migration))
      }
      try mirrorVersion(before)
    } catch {
      throw MigrationStopped(report: report, error: error).told
    }
    return report
  }

  private static func doneMeanwhile(
    from seen: MigrationStatus, to now: MigrationStatus
  ) -> [MigrationReport.Step] {
    let ids = Migration.all.map(\.id).filter { id in
      seen.state(of: id) != .applied && now.state(of: id) == .applied
    }
    return ids.map { id in
      MigrationReport.Step(id: id, outcome: .alreadyApplied, effect: .init(), duration: 0)
    }
  }

  private func status() throws(CacheError) -> MigrationStatus {
    try writer.read { try MigrationStatus.read($0) }
  }

  private func refuseNewer(_ status: MigrationStatus) throws(CacheError) {
    if let error = status.writeError(writer.location) { throw error }
  }

  private func step(_ migration: Migration) throws(CacheError) -> MigrationReport.Step {
    let clock = ContinuousClock()
    let start = clock.now
    let (outcome, effect): (MigrationReport.Outcome, MigrationEffect)
    do throws(CacheError) {
      (outcome, effect) = try writer.write { db in try Self.transact(migration, db, now: now) }
    } catch {
      var failure = error
      failure.message = "\(migration.id) failed: \(error.message)"
      throw failure
    }
    CacheLog.logger.debug("\(outcome.rawValue) \(migration.id), rows \(effect.rowsTouched)")
    let elapsed = (clock.now - start).components
    return MigrationReport.Step(
      id: migration.id, outcome: outcome, effect: effect,
      duration: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
  }

  /// The inside of the transaction: check again, apply, verify, record.
  private static func transact(
    _ migration: Migration, _ db: Database, now: Int64
  ) throws -> (MigrationReport.Outcome, MigrationEffect) {
    try db.execute(sql: InitialSchema.schemaMigrations)
    let status = try MigrationStatus.read(db)
    if let obstacle = status.writeObstacle {
      throw CacheError(
        status.isNewer ? .newerSchema : .damaged, "the schema changed meanwhile: \(obstacle)")
    }
    let state = status.state(of: migration.id)
    if state == .applied { return (.alreadyApplied, MigrationEffect()) }
    let shape = try SchemaShape.read(db)
    let effect = state == .unrecorded ? MigrationEffect() : try migration.apply(db, shape)
    try verify(migration, db)
    // A record that fbuild wrote keeps its time.
    try db.execute(
      sql: "INSERT OR IGNORE INTO schema_migrations (id, applied_at) VALUES (?, ?)",
      arguments: [migration.id, now])
    return (state == .unrecorded ? .recorded : .applied, effect)
  }

  private static func verify(_ migration: Migration, _ db: Database) throws {
    guard migration.isVerified(try SchemaShape.read(db)) else {
      throw CacheError(
        .newerSchema, "\(migration.id) did not bring the expected schema; nothing was changed")
    }
    if let problem = try IntegrityCheck.firstProblem(db) {
      throw CacheError(
        .damaged, "\(migration.id) was rolled back: \(problem)",
        hint: "Look at the index with `cachescope status`")
    }
  }

  private func mirrorVersion(_ before: MigrationStatus) throws(CacheError) {
    guard before.legacySchemaVersion != "1" else { return }
    try writer.write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO cache_meta (key, value) VALUES ('schema_version', '1')")
    }
  }
}

extension MigrationStatus {
  package func state(of id: String) -> State? { items.first { $0.id == id }?.state }
}

extension MigrationStatus {
  /// Why this version must not write the index, with what helps; `nil` where it may.
  package func writeError(_ location: CacheLocation) -> CacheError? {
    guard let obstacle = writeObstacle else { return nil }
    return isNewer
      ? .newerSchema(location, obstacle)
      : CacheError(
        .damaged, "\(location.index) has a schema that is not fbuild's: \(obstacle)",
        hint:
          "Everything can still be read; `cachescope rebuild` makes the index again from what can be "
          + "read, and `cachescope backups` lists older ones")
  }
}

extension CacheError {
  package static func newerSchema(_ location: CacheLocation, _ obstacle: String) -> CacheError {
    CacheError(
      .newerSchema, "\(location.index) has a schema that this version must not write: \(obstacle)",
      hint: "Everything can still be read; update cachescope to change this cache")
  }
}
