public import SystemPackage

/// The overview: cache, budgets, counts, problems.
public struct ShowStatus: CacheAction {
  /// The folder whose pointers are looked at, too.
  public var project: FilePath?

  public init(project: FilePath? = nil) {
    self.project = project
  }

  /// The cache at one moment.
  public struct Report: Sendable {
    /// The cache that was looked at.
    public var location: CacheLocation
    /// How the index was read.
    public var source: IndexSource?
    /// What the root lies on.
    public var fileSystem: FileSystemKind
    /// The room there.
    public var disk: DiskSpace
    /// The limits that fbuild's GC keeps to.
    public var budget: Budget
    /// The totals of the entries.
    public var statistics: Statistics
    /// What the schema has, and lacks.
    public var migrations: MigrationStatus
    /// All of them, with verdicts.
    public var leases: JudgedLeases
    /// What durable pins lack.
    public var pinGaps = PinGaps()
    /// What is wrong, the worst first.
    public var findings: [Finding]
    /// Seconds since the epoch, for what has an end.
    var now: Int64 = 0
    /// The version of the SQLite library in use.
    public var sqliteVersion: String
    /// Who owns a root that everybody may write in, where that is not us.
    public var openForeignOwner: String?
    /// Frames of the WAL that count for nothing.
    public var ignoredFrames = 0
    /// What is wrong with the index as a whole.
    public var damage: CacheError?
    /// Why no change can be made, whatever the options; `nil` where it can.
    public var writeObstacle: String?
    /// Whose rights a change would need, as `sudo -u` takes it; `nil` where that is this user.
    public var owner: String?
    /// What the findings are made of.
    public internal(set) var facts = FindingFacts()

    /// Adds what is found in the pointers of a project.
    mutating func take(_ links: LinkTally) {
      facts.links = links
      findings = facts.findings
    }

    /// How many leases have each verdict.
    public var verdicts: [LeaseVerdict: Int] { leases.counts }
  }

  public var command: [String] { ["status"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try report(context, context.inspect())
  }

  /// The same from a cache that is open already.
  public func report(
    _ context: ActionContext, _ inspected: InspectedCache
  ) throws(CacheError) -> Report {
    let location = context.location
    let rows = try Rows.read(inspected, context)
    let around = context.surroundings
    var report = Report(
      location: location, source: inspected.source, fileSystem: around.fileSystem,
      disk: around.disk, budget: around.budget, statistics: rows.statistics,
      migrations: rows.migrations, leases: rows.leases, findings: [],
      sqliteVersion: around.sqliteVersion, openForeignOwner: around.openForeignOwner,
      ignoredFrames: inspected.ignoredFrames, damage: rows.damage)
    report.writeObstacle = around.writeObstacle
    report.owner = around.owner
    report.pinGaps = rows.pinGaps
    report.now = context.options.clock.now()
    report.facts = facts(report, context)
    report.facts.rows = try? RowFacts.read(context, inspected, odd: rows.statistics.oddPaths)
    report.findings = report.facts.findings
    return report
  }

  private func facts(_ report: Report, _ context: ActionContext) -> FindingFacts {
    var facts = FindingFacts()
    facts.damage = report.damage
    facts.ignoredFrames = report.ignoredFrames
    facts.openForeignOwner = report.openForeignOwner
    facts.fileSystem = report.fileSystem
    facts.isUnchangeable = report.writeObstacle != nil && report.owner == nil
    facts.oddPlaces = context.recorded == nil ? OddPlaces.findings(context.location) : []
    facts.trash =
      context.recorded == nil
      ? TrashNotes.findings(context.location, now: context.options.clock.now()) : []
    facts.migrations = report.migrations
    facts.leases = LeaseTally(report.leases)
    facts.pins = PinTally(report.pinGaps, report.leases, now: report.now)
    facts.statistics = report.statistics
    facts.budget = report.budget
    addLinks(to: &facts, context)
    return facts
  }

  private func addLinks(to facts: inout FindingFacts, _ context: ActionContext) {
    if let links = context.recorded?.links {
      facts.links = LinkTally(links.items, root: links.root.string)
    }
    guard context.recorded == nil, let project else { return }
    do throws(CacheError) {
      let report = try ListLinks(roots: [project]).perform(in: context)
      facts.links = LinkTally(report.links, root: project.string)
      facts.unsearched = LinkTally.unsearched(report.problems, in: project)
    } catch {
      facts.unsearched = LinkTally.unsearched(error, in: project)
    }
  }
}

extension ActionContext {
  /// What is around the cache: on this host, or as a snapshot tells it.
  public var surroundings: RecordedCache.Surroundings { surroundings(daemon: daemonAnswer()) }

  /// The same with what a daemon has said of its limits.
  public func surroundings(daemon answer: DaemonAnswer) -> RecordedCache.Surroundings {
    if let recorded { return recorded.surroundings }
    let disk = DiskSpace.of(location.root)
    let budget = Budget.of(totalDisk: disk.total)
    var around = RecordedCache.Surroundings(
      budget: budget.following(answer))
    around.disk = disk
    around.fileSystem = .of(location.root)
    around.sqliteVersion = KnownSchema.sqliteVersion
    around.openForeignOwner = location.openForeignOwner
    around.writeObstacle = Writability.obstacle(location)
    around.owner = around.writeObstacle == nil ? nil : Writability.owner(location)
    return around
  }
}

/// What the rows of an index say, or those of them that can be read.
private struct Rows {
  var statistics = Statistics()
  var migrations = MigrationStatus(items: [], legacySchemaVersion: nil, obstacles: [])
  var leases = JudgedLeases()
  var pinGaps = PinGaps()
  var damage: CacheError?

  /// One consistent state; of a damaged index, each part as far as it goes.
  static func read(
    _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) -> Rows {
    if let recorded = inspected.recorded {
      return Rows(
        statistics: try inspected.statistics(), migrations: recorded.migrations,
        leases: JudgedLeases(recorded.leases),
        pinGaps: PinGaps(halves: recorded.leases.map(\.lease).filter(\.isHalfPin)),
        damage: recorded.damage)
    }
    do throws(CacheError) {
      return try inspected.reader.read { db in
        let shape = try SchemaShape.read(db)
        return Rows(
          statistics: try Statistics.read(db, inspected.measure),
          migrations: try MigrationStatus.read(db),
          leases: try LeaseReader.read(db, shape, context.processTable()),
          pinGaps: try PinGaps.read(db, shape, now: inspected.clock.now()),
          damage: inspected.damage)
      }.value
    } catch  where error.code == .damaged {
      return try salvage(inspected, context, error)
    }
  }

  /// Throws `error` where there is no row at all to show.
  private static func salvage(
    _ inspected: InspectedCache, _ context: ActionContext, _ error: CacheError
  ) throws(CacheError) -> Rows {
    var rows = Rows()
    (rows.statistics, rows.damage) = try inspected.readableStatistics()
    if rows.damage == nil { rows.damage = error }
    let migrations = try? inspected.migrations()
    let leases = try? inspected.readableLeases().leases
    guard rows.statistics.entries > 0 || migrations != nil || leases != nil else { throw error }
    if let migrations { rows.migrations = migrations }
    if let leases { rows.leases = JudgedLeases(JudgedLease.judge(leases, context)) }
    return rows
  }
}
