package import CacheKit

/// A plan of GC as a worker made it.
package struct PlanSnapshot: Sendable {
  /// With no step left out.
  package let plan: CollectionPlan
  let list: GCList
  /// The limits that were tried; empty for those in force.
  package var changes: CollectionLimits.Changes
  package var location: CacheLocation
  /// Seconds since the epoch.
  package var takenAt: Int64

  package init(
    plan: CollectionPlan, changes: CollectionLimits.Changes, location: CacheLocation, takenAt: Int64
  ) {
    self.plan = plan
    list = GCList(plan)
    self.changes = changes
    self.location = location
    self.takenAt = takenAt
  }
}

/// What an eviction by id takes.
package struct EvictTerms: Sendable, Hashable {
  /// `nil` for both.
  package var phase: CachePhase?
  /// Seconds for which it can be put back; `nil` removes it at once.
  package var keep: Int64?

  package init(phase: CachePhase? = nil, keep: Int64? = nil) {
    self.phase = phase
    self.keep = keep
  }
}

/// What the screen of GC needs. Every call blocks and may take long: workers call it.
package protocol CollectionService {
  func plan(_ changes: CollectionLimits.Changes) throws(CacheError) -> PlanSnapshot
  /// Keeps the plan, so that a command can name it.
  func save(_ plan: CollectionPlan)
  /// Carries the plan out; it ends between two steps where it is cancelled.
  func collect(
    _ plan: CollectionPlan, keep: Int64?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport
  /// Evicts entries by id; it ends between two steps where it is cancelled.
  func evict(
    _ ids: [Int64], _ terms: EvictTerms, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport
}

extension IndexService {
  package func plan(_ changes: CollectionLimits.Changes) throws(CacheError) -> PlanSnapshot {
    let context = reads.context
    let report = try PlanCollection(changes: changes).perform(in: context)
    return PlanSnapshot(
      plan: report.plan, changes: changes, location: context.location, takenAt: now())
  }
}

extension CacheService {
  package func save(_ plan: CollectionPlan) { plan.save(in: context) }

  package func collect(
    _ plan: CollectionPlan, keep: Int64?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    var own = context
    own.options.isCancelled = isCancelled
    var action = ApplyCollection(plan, keep: keep)
    action.onStep = progress
    return notes.join(.of(try action.perform(in: own)))
  }

  package func evict(
    _ ids: [Int64], _ terms: EvictTerms, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    var own = context
    own.options.isCancelled = isCancelled
    var action = EvictEntries(ids: ids, phase: terms.phase, keep: terms.keep)
    action.onStep = progress
    return notes.join(.of(try action.perform(in: own)))
  }
}

extension ChangeReport {
  static func of(_ report: ApplyCollection.Report) -> ChangeReport {
    let wanted = report.plan.takenCount
    let made = report.outcomes.count
    let end = made < wanted ? "ended after \(made) of \(wanted) steps: " : ""
    return ChangeReport(
      summary: end + report.summary + undoWords(report.outcomes),
      done: report.reapLines + lines(report.outcomes, left: false),
      skipped: stopLines(report.stop) + (report.reapFailure.map { [$0.message] } ?? [])
        + lines(report.outcomes, left: true))
  }

  /// What ended a run is told first.
  private static func stopLines(_ stop: CacheError?) -> [String] {
    stop.map { ["ended early: \($0.message)"] } ?? []
  }

  static func of(_ report: EvictEntries.Report) -> ChangeReport {
    let missing = report.missing.map { "there is no entry \($0); nothing was evicted" }
    let made = report.outcomes.count - report.skipped.count
    return ChangeReport(
      summary: "\(Format.count(made, "step")) made, \(report.skipped.count) left; "
        + FreedWords.of(report.freed) + undoWords(report.outcomes),
      done: lines(report.outcomes, left: false),
      skipped: missing + stopLines(report.stop) + report.emptyLines
        + lines(report.outcomes, left: true))
  }

  static func of(_ report: RestoreTrash.Report) -> ChangeReport {
    ChangeReport(
      summary: "\(Format.count(report.restored.count, "step")) of plan \(report.plan) put back",
      done: report.restoredLines, skipped: report.skippedLines)
  }

  static func of(_ report: AskDaemonToCollect.Report) -> ChangeReport {
    let rows = report.comparison.map { "\($0[0]): predicted \($0[1]), the daemon says \($0[2])" }
    let error = report.prediction.realError.map { ["predicted: \($0)"] } ?? []
    return ChangeReport(
      summary: "the daemon (pid \(report.pid)) has collected", done: rows + error,
      skipped: report.failureWords.map { [$0] } ?? [])
  }

  private static func undoWords(_ outcomes: [StepOutcome]) -> String {
    outcomes.contains { $0.result == .kept } ? "; u puts it back" : ""
  }

  /// Steps that were skipped, or all others.
  private static func lines(_ outcomes: [StepOutcome], left: Bool) -> [String] {
    outcomes.filter { ($0.result == .skipped) == left }.map(\.line)
  }
}
