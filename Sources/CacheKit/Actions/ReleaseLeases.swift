import Logging

/// Drops leases whose holder is gone, or, by force, any lease.
///
/// The verdict is taken again inside the transaction that deletes: a holder that came back to life
/// keeps its lease. The row must still be the one that was named, to the last column.
public struct ReleaseLeases: CacheAction {
  /// Which leases are meant.
  public enum Target: Sendable, Hashable {
    /// These leases by their full names.
    case named([LeaseID])
    /// These rows as they were shown: one that changed since is skipped.
    case shown([Lease])
    /// All that are provably stuck.
    case stuck
  }

  /// Which leases are meant.
  public var target: Target
  /// Lowers the refcount by one instead of dropping the row.
  public var one: Bool
  /// Releases a lease whose holder may be alive, too.
  public var force: Bool
  /// Skips a lease that has another verdict than this one.
  public var expected: LeaseVerdict?
  /// Whether the report names each lease; their number is told in any case.
  public var keepsOutcomes = true
  /// With more stuck leases than this the journal would not hold their rows.
  static let journalledRows = 5000

  public init(
    _ target: Target, one: Bool = false, force: Bool = false, expected: LeaseVerdict? = nil
  ) {
    self.target = target
    self.one = one
    self.force = force
    self.expected = expected
  }

  /// What became of the leases that were named.
  public struct Report: Sendable, Hashable {
    /// In the order of their rows.
    public var outcomes: [Outcome] = []
    /// Those that were asked for and are not there.
    public var missing: [LeaseID] = []
    /// How many were released or lowered, whether they are named or not.
    public var releasedCount = 0

    /// Those that are gone now, wholly or by one hold.
    public var released: [Outcome] { outcomes.filter { $0.result != .skipped } }
    /// Those that were left, each with its reason.
    public var skipped: [Outcome] { outcomes.filter { $0.result == .skipped } }
  }

  /// What became of one lease.
  public struct Outcome: Sendable, Hashable {
    /// The row as it was.
    public var lease: Lease
    /// The verdict inside the transaction that acted.
    public var judgement: Judgement
    /// What was done.
    public var result: Result
    /// Why it was skipped; empty otherwise.
    public var reason: String
  }

  /// What was done about a lease.
  public enum Result: String, Sendable {
    case released
    /// The refcount went down by one, and the row stays.
    case lowered
    case skipped
  }

  public var command: [String] {
    let ids: [String] =
      switch target {
      case .named(let ids): ids.map(\.description)
      case .shown(let leases): leases.map(\.id.description)
      case .stuck: ["--stuck"]
      }
    let expectation = expected.map { ["--expect", $0.rawValue] } ?? []
    return ["release"] + ids + (one ? ["--one"] : []) + (force ? ["--force"] : []) + expectation
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    if let nothing = try preview(context) { return nothing }
    return try context.asOwner { () throws(CacheError) in try release(context) }
  }

  private func release(_ context: ActionContext) throws(CacheError) -> Report {
    let cache = try context.change()
    defer { cache.close() }
    let (report, _) = try context.commit(cache, naming: command(of:)) { db in
      try change(db) { context.processTable() }
    }
    Self.log(report)
    return report
  }

  /// What the journal calls it: of what was named, what was released.
  private func command(of report: Report) -> [String] {
    if case .stuck = target { return command }
    var done = self
    done.target = .named(report.released.map(\.lease.id))
    return done.command
  }

  /// The report where every lease would stay, so that a refusal writes nothing; else `nil`.
  private func preview(_ context: ActionContext) throws(CacheError) -> Report? {
    guard case .stuck = target else {
      var report = Report()
      var processes = context.processTable()
      let shown = shownRows
      for lease in selection(try context.inspect().leases(), &report) {
        let judgement = processes.judge(lease)
        guard let reason = obstacle(lease, judgement, shown) else { return nil }
        report.outcomes.append(
          Outcome(lease: lease, judgement: judgement, result: .skipped, reason: reason))
      }
      return report
    }
    return nil
  }

  /// The change alone, without a line in a journal.
  func run(
    on cache: DiskCache, processes look: () -> ProcessTable
  ) throws(CacheError) -> Report {
    let (report, _) = try cache.writer.write { db in try change(db, processes: look) }
    Self.log(report)
    return report
  }

  /// The inside of the transaction.
  private func change(
    _ db: Database, processes look: () -> ProcessTable
  ) throws -> (Report, IndexChange) {
    // Taken inside the transaction: what it says is still true when the row goes. Only root sees all of
    // /proc.
    let processes = ActingUser.asSelf(look)
    if case .stuck = target {
      return try releaseStuck(db, processes)
    }
    return try releaseNamed(db, processes)
  }

  private static func log(_ report: Report) {
    for outcome in report.released {
      CacheLog.logger.debug(
        "\(outcome.result.rawValue) lease \(outcome.lease.id): \(outcome.judgement.evidence)")
    }
  }

  private func releaseNamed(
    _ db: Database, _ processes: ProcessTable
  ) throws -> (Report, IndexChange) {
    var processes = processes
    var report = Report()
    let selected = selection(try LeaseStore.leases(db, try SchemaShape.read(db)), &report)
    let entries = Set(selected.compactMap(\.id.entryID))
    let before = try IndexSnapshot.read(db, entries: entries)
    let shown = shownRows
    for lease in selected {
      let judgement = ActingUser.asSelf { processes.judge(lease) }
      report.outcomes.append(try release(lease, judgement, shown, db))
    }
    for entry in Set(report.released.compactMap(\.lease.id.entryID)) {
      try LeaseStore.recomputePinned(db, entry: entry)
    }
    report.releasedCount = report.released.count
    return (report, before.change(to: try IndexSnapshot.read(db, entries: entries)))
  }

  /// The same for all that are stuck, of which there may be very many.
  private func releaseStuck(
    _ db: Database, _ processes: ProcessTable
  ) throws -> (Report, IndexChange) {
    let shape = try SchemaShape.read(db)
    let leases = try ActingUser.asSelf { try LeaseReader.read(db, shape, processes) }
    let places = leases.indices.filter { leases.verdict(at: $0).isProvablyStuck }
    let isJournalled = places.count <= Self.journalledRows
    let entries = isJournalled ? Set(places.compactMap { leases.name(at: $0).entryID }) : []
    let before = try IndexSnapshot.read(db, entries: entries)
    var report = Report()
    var touched: Set<Int64> = []
    for place in places {
      let row = leases[place]
      let outcome = try release(row.lease, row.judgement, nil, db)
      guard outcome.result != .skipped else { continue }
      report.releasedCount += 1
      if let entry = row.lease.id.entryID { touched.insert(entry) }
      if keepsOutcomes { report.outcomes.append(outcome) }
    }
    for entry in touched { try LeaseStore.recomputePinned(db, entry: entry) }
    var change = before.change(to: try IndexSnapshot.read(db, entries: entries))
    if !isJournalled { change.undoObstacle = "it changed too many rows for the journal" }
    return (report, change)
  }
}

extension ReleaseLeases {
  /// The rows that are meant, as they are now; what is not there goes to the report.
  private func selection(_ all: [Lease], _ report: inout Report) -> [Lease] {
    switch target {
    case .stuck: return all
    case .named(let ids):
      var known = Dictionary(grouping: all, by: \.id)
      // A pin answers to the names of both of its rows.
      for lease in all { if let twin = lease.twinRow { known[twin.id, default: []].append(lease) } }
      report.missing = ids.filter { known[$0] == nil }
      var seen: Set<Int64> = []
      return ids.flatMap { known[$0] ?? [] }.filter { seen.insert($0.rowID).inserted }
    case .shown(let leases):
      let known = Dictionary(all.map { ($0.rowID, $0) }) { first, _ in first }
      report.missing = leases.filter { known[$0.rowID]?.id != $0.id }.map(\.id)
      return leases.compactMap { shown in
        known[shown.rowID].flatMap { $0.id == shown.id ? $0 : nil }
      }
    }
  }

  /// The rows as they were shown, by their place; `nil` where the leases are meant otherwise.
  private var shownRows: [Int64: Lease]? {
    guard case .shown(let leases) = target else { return nil }
    return Dictionary(leases.map { ($0.rowID, $0) }) { first, _ in first }
  }

  private func release(
    _ lease: Lease, _ judgement: Judgement, _ shown: [Int64: Lease]?, _ db: Database
  ) throws -> Outcome {
    var outcome = Outcome(lease: lease, judgement: judgement, result: .skipped, reason: "")
    if let reason = obstacle(lease, judgement, shown) {
      outcome.reason = reason
      return outcome
    }
    let isLowered = one && (lease.refcount ?? 1) > 1
    let isDone = try isLowered ? LeaseStore.lower(db, lease) : LeaseStore.delete(db, lease)
    if isDone {
      outcome.result = isLowered ? .lowered : .released
    } else {
      outcome.reason = "it changed meanwhile"
    }
    return outcome
  }

  /// Why the lease must stay; pure.
  private func obstacle(
    _ lease: Lease, _ judgement: Judgement, _ shown: [Int64: Lease]?
  ) -> String? {
    if let shown, shown[lease.rowID]?.isSameRow(as: lease) != true {
      return "it changed since it was shown"
    }
    if let expected, expected != judgement.verdict {
      return "expected \(expected.rawValue), found \(judgement.verdict.rawValue)"
    }
    if judgement.verdict.isProvablyStuck || force { return nil }
    return judgement.verdict == .pin
      ? "it is a durable pin: unpin the entry instead"
      : "its holder is not provably gone (\(judgement.verdict.rawValue)); --force releases it anyway"
  }
}

extension Lease {
  fileprivate func isSameRow(as other: Lease) -> Bool {
    rowID == other.rowID && id == other.id && refcount == other.refcount
      && acquiredAt == other.acquiredAt && twin == other.twin
  }
}

extension DiskCache {
  /// Drops every lease whose holder is provably gone and recomputes `pinned` where one went.
  ///
  /// fbuild's own reaping trusts `kill(pid, 0)` alone and so keeps the leases of recycled ids and of
  /// zombies. Returns what was dropped.
  @discardableResult
  public func reap() throws(CacheError) -> [JudgedLease] {
    let report = try ReleaseLeases(.stuck).run(on: self) {
      ProcessTable(cacheRoot: location.root, now: Double(clock.nanoseconds()) / 1e9)
    }
    return report.released.map { JudgedLease(lease: $0.lease, judgement: $0.judgement) }
  }
}
