import SystemPackage

/// What fbuild's GC would do now, and what ours would: reads, and changes nothing.
public struct PlanCollection: CacheAction {
  /// Limits that are tried in place of those in force.
  public var changes: CollectionLimits.Changes

  public init(changes: CollectionLimits.Changes = CollectionLimits.Changes()) {
    self.changes = changes
  }

  public struct Report: Sendable {
    public var plan: CollectionPlan
    public var source: IndexSource?
    /// The limits in force, each with where it comes from.
    public var budget: Budget
    /// What is wrong with the index as a whole.
    public var damage: CacheError?
  }

  public var command: [String] {
    var words = ["gc"]
    if let bytes = changes.archive { words += ["--archive-budget", "\(bytes)"] }
    if let bytes = changes.installed { words += ["--installed-budget", "\(bytes)"] }
    if let bytes = changes.high { words += ["--high", "\(bytes)"] }
    return words
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    let budget = context.surroundings.budget
    // A snapshot is of no user.
    let isWritable = context.recorded != nil || Writability.isWritable(context.location.index)
    let facts = try inspected.reader.read { db in
      try CollectionFacts.read(
        db, try judged(db, context), isWritable: isWritable, isAlive: signal(context))
    }.value
    let planner = CollectionPlanner(
      facts, CollectionLimits(budget, changes: changes), context.location,
      now: context.options.clock.now(), looksAtDisk: context.recorded == nil)
    let root = bytes(of: context.location.root)
    let plan = try planner.plan { victims throws(CacheError) in
      try inspected.reader.read { try PathOverlaps(victims, root: root).read($0) }.value
    }
    return Report(
      plan: plan, source: inspected.source, budget: budget, damage: inspected.damage)
  }

  private func judged(_ db: Database, _ context: ActionContext) throws -> JudgedLeases {
    if let recorded = context.recorded { return JudgedLeases(recorded.leases) }
    return try LeaseReader.read(db, try SchemaShape.read(db), context.processTable())
  }

  /// Whether a process is there, as fbuild would find it: on this host, or as a fixture or a snapshot tells.
  private func signal(_ context: ActionContext) -> (Int32) -> Bool {
    if let recorded = context.recorded {
      let gone = recorded.leases.filter { $0.judgement.verdict == .dead }
      let dead = Set(gone.compactMap(\.lease.id.holderPID))
      return { !dead.contains(Int64($0)) }
    }
    guard context.procRoot != "/proc" else { return HolderSignal.isAlive }
    let root = context.procRoot
    return { FileStatus(followed: root.appending("\($0)")) != nil }
  }
}
