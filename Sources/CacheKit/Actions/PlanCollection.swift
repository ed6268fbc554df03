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
    let facts = try readFacts(inspected, context)
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

  /// A column that is missing is what a change, too, would say, and no fault of the disk.
  private func readFacts(
    _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) -> CollectionFacts {
    do throws(CacheError) {
      return try CollectionFacts.read(inspected, context)
    } catch  where error.code == .inputOutput {
      throw try inspected.migrations().writeError(inspected.location) ?? error
    }
  }
}
