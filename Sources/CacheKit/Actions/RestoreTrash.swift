import SystemPackage

/// Puts back what a collection or an eviction with `keep` took: files and rows, where nothing new has
/// taken their place.
public struct RestoreTrash: CacheAction {
  /// The plan whose steps are taken back; `nil` for the newest run that is kept.
  public var plan: String?

  public init(plan: String? = nil) { self.plan = plan }

  public struct Report: Sendable, Hashable {
    /// The plan of the run, `evict` for an eviction by id.
    public var plan: String
    public var restored: [Item] = []
    public var skipped: [Item] = []
  }

  public struct Item: Sendable, Hashable {
    /// The key of the row; of one that is back the key that it has now.
    public var entryID: Int64
    public var phase: CachePhase
    /// Why it was not put back, or what is not as it was where it was; mostly empty then.
    public var reason = ""
  }

  /// A run whose files can still be put back.
  public struct Kept: Sendable, Hashable {
    /// As in the report.
    public var plan: String
    /// Until when, in seconds since the epoch.
    public var until: Int64

    public init(plan: String, until: Int64) {
      self.plan = plan
      self.until = until
    }
  }

  /// The newest run that is kept; `nil` for none. Only looks.
  public static func newest(in context: ActionContext) -> Kept? {
    let trash = context.location.root.appending(".cachescope-trash")
    guard context.recorded == nil, FileStatus(unfollowed: trash) != nil,
      let root = JailedRoot(context.location)
    else { return nil }
    let now = context.options.clock.now()
    let run = TrashSweep(root: root, now: now).runs().last { $0.until > now }
    return run.map { Kept(plan: $0.plan, until: $0.until) }
  }

  public var command: [String] { ["undo"] + (plan.map { [$0] } ?? []) }

  /// Throws `notFound` where nothing is kept.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    return try context.asOwner { () throws(CacheError) in try restore(context) }
  }

  private func restore(_ context: ActionContext) throws(CacheError) -> Report {
    try context.location.requireRoot()
    _ = try FolderNames.list(context.location.root)
    guard let root = JailedRoot(context.location) else {
      throw context.location.missingIndexError()
    }
    let now = context.options.clock.now()
    let sweep = TrashSweep(root: root, now: now)
    let kept = sweep.runs().filter { $0.until > now && (plan == nil || plan == $0.plan) }
    guard !kept.isEmpty else { throw Self.nothingKept }
    // As an eviction, it needs no migration first.
    let cache = try context.change(of: .entries)
    defer { cache.close() }
    // A run that was killed before it took anything has nothing to put back, and one of which nothing can go
    // back must not stand in the way of those before it.
    var stuck: Report?
    for run in kept.reversed() {
      var report = try restore(run, sweep, cache, context)
      if !report.restored.isEmpty {
        report.skipped.insert(contentsOf: stuck?.skipped ?? [], at: 0)
        return report
      }
      if stuck == nil, !report.skipped.isEmpty {
        stuck = report
      } else {
        stuck?.skipped += report.skipped
      }
    }
    guard let stuck else { throw Self.nothingKept }
    return stuck
  }

  private static let nothingKept = CacheError(
    .notFound, "nothing is kept that could be put back",
    hint: "Only what `gc --apply` or `evict` took with --keep can be, until its end")

  private func restore(
    _ run: TrashSweep.Run, _ sweep: TrashSweep, _ cache: DiskCache, _ context: ActionContext
  ) throws(CacheError) -> Report {
    var report = Report(plan: run.plan)
    var trash = TrashReturn(run, sweep, cache, context, command: command)
    // The newest first: a tree that was taken out of another one goes back into it.
    for (number, record) in sweep.records(run).reversed() {
      switch try trash.putBack(record, number) {
      case .back(let id, let remark): report.restored.append(Item(id, record, remark))
      case .left(let reason): report.skipped.append(Item(record.entryID, record, reason))
      case .nothing: break
      }
    }
    if !context.isDryRun { sweep.finish(run) }
    report.restored.reverse()
    report.skipped.reverse()
    return report
  }
}

extension RestoreTrash.Item {
  fileprivate init(_ id: Int64, _ record: TrashRecord, _ reason: String) {
    (entryID, phase, self.reason) = (id, record.phase, reason)
  }
}
