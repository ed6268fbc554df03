/// Carries a plan out, step by step; what has changed since is left, and named.
public struct ApplyCollection: CacheAction {
  public var plan: CollectionPlan
  /// Seconds for which what goes can be put back; `nil` removes it at once.
  public var keep: Int64?
  /// Told of each step as it is done.
  public var onStep: (@Sendable (StepOutcome) -> Void)?

  public init(_ plan: CollectionPlan, keep: Int64? = nil) {
    self.plan = plan
    self.keep = keep
  }

  public struct Report: Sendable {
    public var plan: CollectionPlan
    public var outcomes: [StepOutcome] = []
    /// What ended it before its last step. That step is not recorded; on a full disk its files may be gone.
    public var stop: CacheError?
    /// The leases that were released first, since their holders are gone.
    public var reaped: [LeaseID] = []
    /// Why they were not: the steps were made all the same. A full disk is no failure, it is what is mended.
    public var reapFailure: CacheError?

    public var skipped: [StepOutcome] { outcomes.filter { $0.result == .skipped } }
    public var done: [StepOutcome] {
      outcomes.filter { $0.result != .skipped && $0.result != .gone }
    }
    /// Bytes that became free on the disk.
    public var freed: UInt64 {
      outcomes.filter { $0.result == .removed }.reduce(0) {
        $0.saturatingSum($1.files.reclaimable)
      }
    }
    /// Steps that the plan promised and that were not made.
    public var broken: [StepOutcome] {
      let promised = Set(plan.taken.map(\.key))
      return skipped.filter {
        promised.contains(CollectionRun.Key(id: $0.entryID, phase: $0.phase))
      }
    }
  }

  public var command: [String] {
    ["gc", "--apply", plan.id] + (keep.map { ["--keep", "\($0)s"] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    var report = Report(plan: plan)
    // Real GC reaps even where it then takes nothing.
    if !plan.taken.isEmpty || !plan.reaps.isEmpty { reap(context, &report) }
    let run = try context.asOwner { () throws(CacheError) in
      let runner = try StepRunner(plan.taken, plan: plan.id, keep: keep, context)
      return try runner.run { onStep?($0) }
    }
    (report.outcomes, report.stop) = (run.outcomes, run.stop)
    return report
  }

  /// As real GC begins; what is not provably stuck stays, and where the disk is full all of them do.
  private func reap(_ context: ActionContext, _ report: inout Report) {
    guard !plan.reaps.isEmpty else { return }
    do throws(CacheError) {
      let released = try ReleaseLeases(.named(plan.reaps)).perform(in: context).released
      report.reaped = released.map(\.lease.id)
    } catch {
      guard error.code != .diskFull else { return }
      var told = error
      told.message = "no lease was released first: \(error.message)"
      report.reapFailure = told
    }
  }
}

extension CollectionPlan {
  /// The plan of that name: as it was kept, or made anew where nothing has changed since.
  ///
  /// Throws `notFound` where there is none.
  public static func named(
    _ id: String, in context: ActionContext,
    changes: CollectionLimits.Changes = CollectionLimits.Changes()
  ) throws(CacheError) -> CollectionPlan {
    let kept = try PlanFile.load(id, context.location)
    let fresh = try PlanCollection(changes: changes).perform(in: context).plan
    // The same plan, with all that a file leaves out.
    if let kept, fresh.id != id { return kept }
    guard fresh.id == id else {
      throw CacheError(
        .notFound, "there is no plan \(oneLine(String(id.prefix(40))))",
        hint: "Run `cachescope gc` for one")
    }
    return fresh
  }

  /// Keeps the plan in the state folder, to be named later.
  public func save(in context: ActionContext) {
    guard context.recorded == nil else { return }
    PlanFile.save(self, context.location)
  }
}
