/// Runs the pending migrations, after a backup of the index.
public struct RunMigrations: CacheAction {
  /// Whether the first change of a table is preceded by a backup beside the index.
  public var makesBackup: Bool

  public init(makesBackup: Bool = true) {
    self.makesBackup = makesBackup
  }

  /// What ran.
  public struct Report: Sendable, Hashable {
    /// What ran, step by step.
    public var migration: MigrationReport
    /// The migrations as they are now.
    public var status: MigrationStatus
  }

  public var command: [String] { ["migrate"] + (makesBackup ? [] : ["--no-backup"]) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    guard try FileStatus(context.location.root) != nil else {
      throw context.location.missingIndexError()
    }
    return try context.asOwner { () throws(CacheError) in try migrate(context) }
  }

  private func migrate(_ context: ActionContext) throws(CacheError) -> Report {
    context.settleJournal()
    var options = context.options
    options.makesBackup = makesBackup
    let intent = try begin(context)
    let cache: DiskCache
    do throws(CacheError) {
      cache = try context.open(options)
    } catch {
      if let stopped = error.cause as? MigrationStopped { try record(stopped.report, context) }
      context.strike(intent)
      throw Self.told(error)
    }
    defer { cache.close() }
    let report = cache.migrationReport
    // Its own line first: it names the backup.
    try record(report, context)
    try context.finish(intent, as: .struck)
    let status = try cache.writer.read { try MigrationStatus.read($0) }
    return Report(migration: report, status: status)
  }

  /// Who has no room to migrate can make it: a row of an entry is cleared in every schema.
  private static func told(_ error: CacheError) -> CacheError {
    guard error.code == .diskFull else { return error }
    var told = error
    told.hint = [error.hint, "`cachescope gc --apply` and `cachescope evict` need no migration"]
      .compactMap { $0 }.joined(separator: ". ")
    return told
  }

  /// Says what is about to be applied, so that no kill leaves a migration without a line.
  private func begin(_ context: ActionContext) throws(CacheError) -> JournalLine? {
    guard let status = try? context.inspect().migrations(), status.writeObstacle == nil else {
      return nil
    }
    let missing = status.items.filter { $0.state != .applied }.map(\.id)
    guard !missing.isEmpty else { return nil }
    let obstacle = makesBackup ? "the backup beside the index holds it as it was" : Self.noBackup
    return try context.begin(
      command, IndexChange(undoObstacle: "it was interrupted; \(obstacle)"), migrations: missing)
  }

  private static let noBackup = "there is no backup of the index"

  private func record(
    _ report: MigrationReport, _ context: ActionContext
  ) throws(CacheError) {
    guard report.steps.contains(where: { $0.outcome != .alreadyApplied }) else { return }
    let obstacle = report.backup.map { "the backup \($0) holds the index as it was" }
    try context.record(command, IndexChange(undoObstacle: obstacle ?? Self.noBackup))
  }
}
