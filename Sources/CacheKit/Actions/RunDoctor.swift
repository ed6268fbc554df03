public import SystemPackage

/// Every finding with its fix; on request the provably safe ones are carried out.
///
/// Safe are: releasing leases that are provably stuck, setting `pinned` to what the leases say, giving
/// durable pins the rows that they lack, taking off those whose end is over, the paths of blobs that have moved
/// with their cache and have the recorded bytes, install locks whose owners are provably gone, and leftovers of
/// installs, pulls and builds where provably no process that runs can use them. Migrations, limits and odd rows are only named.
public struct RunDoctor: CacheAction {
  /// True to carry out what is provably safe.
  public var fixes: Bool
  /// The folder whose pointers are looked at, too.
  public var project: FilePath?
  /// Broken packages that are removed, too, by their paths below the root.
  public var packages: Set<RawText> = []

  public init(fixes: Bool = false, project: FilePath? = nil) {
    self.fixes = fixes
    self.project = project
  }

  /// What is wrong, and what was mended.
  public struct Report: Sendable {
    /// What is wrong now, after the fixes; in a dry run before them.
    public var status: ShowStatus.Report
    /// What was released; `nil` where nothing was asked for or nothing was stuck.
    public var released: ReleaseLeases.Report?
    /// What was repaired; `nil` where nothing was asked for or no pin was wrong.
    public var repaired: PinEntries.Report?
    /// Whose paths were rewritten; `nil` where nothing was asked for or no path was of a moved cache.
    public var rewritten: PinEntries.Report?
    /// What was put back of durable pins; `nil` where nothing was asked for or nothing was missing.
    public var completed: PinGaps?
    /// The entries of pins that were taken off as their end was over.
    public var unpinned: PinEntries.Report?
    /// Install locks that were removed, and left; `nil` where nothing was asked for or no owner was gone.
    public var locks: ClearInstallLocks.Report?
    /// Leftovers and named packages that were removed, and left; `nil` where there was nothing to do.
    public var leftovers: ClearLeftovers.Report?
    /// What is wrong, the worst first.
    public var findings: [Finding] { status.findings }
  }

  public var command: [String] {
    ["doctor"] + (fixes ? ["--fix"] : []) + packages.map(\.readable).sorted()
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    context.noteLook()
    // What is read again after the fixes is not read whole before them.
    let isLast = !fixes || context.isDryRun
    var report = Report(status: try look(context, checksTrees: isLast))
    guard fixes else { return report }
    try context.refuseReadOnly()
    let groups = report.status.facts.host?.groups ?? [:]
    if groups[.stuckLock] != nil || groups[.staleLock] != nil {
      report.locks = try ClearInstallLocks().perform(in: context)
    }
    if !packages.isEmpty || groups.keys.contains(where: \.isLeftover) {
      let leftovers = try ClearLeftovers(packages: packages).perform(in: context)
      report.leftovers = leftovers
      if !leftovers.emptyRows.isEmpty {
        _ = try EvictEntries(ids: leftovers.emptyRows, phase: .installed).perform(in: context)
      }
    }
    let gaps = report.status.pinGaps
    // Opening the cache for a change puts back what is missing.
    if !gaps.isEmpty {
      try context.change().close()
      report.completed = gaps
    }
    let pins = report.status.leases.rows { $0 == .pin }
    report.unpinned = try UnpinOverdue(pins).perform(in: context)
    if report.status.leases.stuck.count > 0 {
      var release = ReleaseLeases(.stuck)
      release.keepsOutcomes = false
      report.released = try release.perform(in: context)
    }
    // What was read before is not needed any more, and may be much.
    if !context.isDryRun { report.status.leases = JudgedLeases() }
    let ghosts = report.status.statistics.ghosts
    if !ghosts.isEmpty { report.repaired = try RepairPins(ids: ghosts).perform(in: context) }
    let moved = report.status.facts.rows?.moved ?? []
    if !moved.isEmpty {
      report.rewritten = try RewriteMovedPaths(moved: moved).perform(in: context)
    }
    // A dry run leaves everything that was found.
    if !isLast { report.status = try look(context, checksTrees: true) }
    return report
  }

  /// The overview's findings, and what a look at every file adds to them.
  private func look(
    _ context: ActionContext, checksTrees: Bool
  ) throws(CacheError) -> ShowStatus.Report {
    var status = try ShowStatus(project: project).perform(in: context)
    // Of a damaged index the overview has told what there is to tell.
    if status.damage == nil { status.facts.rows = try RowFacts.readAll(context) }
    if context.recorded == nil { status.facts.host = HostTallySearch(context: context).read() }
    status.facts.notes = WALResetBug.notes(
      version: status.sqliteVersion, usesWAL: WALResetBug.isWAL(context.location))
    if checksTrees, status.damage == nil, context.recorded == nil {
      status.facts.notes +=
        try Self.indexTrees(context) + Self.collection(context) + unrecorded(context)
    }
    status.findings = status.facts.findings
    return status
  }

  /// After a loss fbuild makes an empty index, and goes on as if nothing lay there.
  private func unrecorded(_ context: ActionContext) throws(CacheError) -> [Finding] {
    let files = try UnrecordedFiles.look(context)
    guard files.count > 0 else { return [] }
    let count = files.count
    return [
      Finding(
        // A few were left by whoever died before the row; many are the work of an index that is gone.
        "unrecorded_files", count > files.recorded ? .warning : .info,
        Finding.count(count, "blob or tree", "blobs and trees"),
        "not in the index, which is older than they are, or another one",
        impact: "GC never takes them, and fbuild fetches them again", at: .init(.cache),
        fix: .init(["rebuild", "--dry-run"], .shows))
    ]
  }

  /// A row that ends every GC of fbuild: the disk fills up, and each run says the same.
  private static func collection(_ context: ActionContext) -> [Finding] {
    // On a read-only file system nothing is collected.
    guard !FileSystemKind.of(context.location.root).isReadOnly,
      let plan = try? PlanCollection().perform(in: context).plan, !plan.isCallersError,
      let error = plan.realError
    else { return [] }
    return [collectionFails(error)]
  }

  private static func collectionFails(_ error: String) -> Finding {
    Finding(
      "gc_fails", .error, "GC of fbuild", oneLine(error), impact: "it takes nothing after that",
      at: .init(.plan), fix: .init(["gc"], .shows))
  }

  /// The same by the rows alone, whoever asks: whether files can be removed does not decide it.
  static func collectionByRows(
    _ inspected: InspectedCache, _ budget: Budget, _ context: ActionContext
  ) -> [Finding] {
    guard !FileSystemKind.of(context.location.root).isReadOnly,
      var facts = try? CollectionFacts.read(inspected, context)
    else { return [] }
    facts.isWritable = true
    let planner = CollectionPlanner(
      facts, CollectionLimits(budget, changes: .init()), context.location,
      now: context.options.clock.now(), looksAtDisk: false)
    let plan = try? planner.plan { _ in [] }
    return plan?.realError.map { [collectionFails($0)] } ?? []
  }

  /// Lists read the tables alone, so they are whole where an index of a table is not; fbuild reads by it.
  private static func indexTrees(_ context: ActionContext) throws(CacheError) -> [Finding] {
    let found: String?
    do throws(CacheError) {
      found = try context.inspect().integrity().pages.first
    } catch  where error.code == .damaged {
      found = error.message
    }
    guard let found else { return [] }
    return [
      Finding(
        "index_tree_damaged", .error, "an index of the tables", oneLine(found),
        impact: "a collection of fbuild ends with \"database disk image is malformed\"",
        at: .init(.cache), fix: .init(["rebuild"], .asks))
    ]
  }
}
