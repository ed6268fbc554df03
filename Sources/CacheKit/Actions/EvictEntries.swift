/// Evicts entries by id: both phases, or one.
public struct EvictEntries: CacheAction {
  public var ids: [Int64]
  /// `nil` for both.
  public var phase: CachePhase?
  /// Seconds for which what goes can be put back; `nil` removes it at once.
  public var keep: Int64?
  /// Told of each step as it is done.
  public var onStep: (@Sendable (StepOutcome) -> Void)?

  public init(ids: [Int64], phase: CachePhase? = nil, keep: Int64? = nil) {
    self.ids = ids
    self.phase = phase
    self.keep = keep
  }

  public struct Report: Sendable {
    public var outcomes: [StepOutcome] = []
    /// What ended it before its last step. That step is not recorded; on a full disk its files may be gone.
    public var stop: CacheError?
    /// Ids without an entry.
    public var missing: [Int64] = []
    /// Entries that have no files of the phase.
    public var empty: [Int64] = []

    /// The phase that was asked for; `nil` for both.
    public var phase: CachePhase?

    public init() {}

    /// One sentence for each entry in `empty`.
    public var emptyLines: [String] {
      let files = phase.map { $0 == .archive ? "an archive" : "an installed tree" } ?? "any file"
      return empty.map {
        "entry \($0): the index names no path of \(files) of it; nothing was evicted"
      }
    }

    public var skipped: [StepOutcome] { outcomes.filter { $0.result == .skipped } }
    /// Bytes that became free on the disk.
    public var freed: UInt64 {
      outcomes.filter { $0.result == .removed }.reduce(0) {
        $0.saturatingSum($1.files.reclaimable)
      }
    }
  }

  public var command: [String] {
    ["evict"] + ids.map(String.init) + (phase.map { ["--phase", $0.rawValue] } ?? [])
      + (keep.map { ["--keep", "\($0)s"] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    var report = Report()
    report.phase = phase
    let steps = try steps(context, &report)
    guard report.missing.isEmpty, report.empty.isEmpty, !steps.isEmpty else { return report }
    let run = try context.asOwner { () throws(CacheError) in
      let runner = try StepRunner(steps, plan: "evict", keep: keep, context)
      return try runner.run { onStep?($0) }
    }
    (report.outcomes, report.stop) = (run.outcomes, run.stop)
    return report
  }

  private func steps(
    _ context: ActionContext, _ report: inout Report
  ) throws(CacheError) -> [CollectionPlan.Step] {
    let wanted = ids
    let inspected = try context.inspect()
    let found = try inspected.reader.read { db in
      try InspectedCache.hasEntries(db) ? try CandidateReader(db).read(wanted) : []
    }.value
    let known = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    var steps: [CollectionPlan.Step] = []
    var seen: Set<Int64> = []
    for id in ids where seen.insert(id).inserted {
      guard let entry = known[id] else {
        report.missing.append(id)
        continue
      }
      let made = [CachePhase.installed, .archive].compactMap { step(entry, $0) }
      if made.isEmpty { report.empty.append(id) }
      steps += made
    }
    return steps
  }

  private func step(_ entry: CollectionCandidate, _ wanted: CachePhase) -> CollectionPlan.Step? {
    guard phase == nil || phase == wanted, let path = entry.path(wanted) else { return nil }
    var step = CollectionPlan.Step(
      entryID: entry.id, phase: wanted, bytes: entry.bytes[wanted], rank: 0, reason: "by id",
      price: .download, path: RawText(bytes: path),
      fingerprint: entry.fingerprints[wanted] ?? "")
    step.isPlanned = false
    step.kind = entry.kind
    step.stem = entry.stem
    step.version = entry.version
    return step
  }
}
