/// Runs the pending migrations, after a backup of the index.
public struct RunMigrations: CacheAction {
  public var makesBackup: Bool

  public init(makesBackup: Bool = true) {
    self.makesBackup = makesBackup
  }

  public struct Report: Sendable, Hashable {
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
    var options = context.options
    options.makesBackup = makesBackup
    let cache: DiskCache
    do throws(CacheError) {
      cache = try DiskCache.open(at: context.location, options: options)
    } catch {
      if let stopped = error.cause as? MigrationStopped { record(stopped.report, context) }
      throw error
    }
    defer { cache.close() }
    let report = cache.migrationReport
    record(report, context)
    let status = try cache.writer.read { try MigrationStatus.read($0) }
    return Report(migration: report, status: status)
  }

  private func record(_ report: MigrationReport, _ context: ActionContext) {
    guard report.steps.contains(where: { $0.outcome != .alreadyApplied }) else { return }
    let obstacle = report.backup.map { "the backup \($0) holds the index as it was" }
    context.record(
      command, IndexChange(undoObstacle: obstacle ?? "there is no backup of the index"))
  }
}
