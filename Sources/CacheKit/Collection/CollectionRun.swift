/// Both phases of a collection, carried out on rows in memory. Pure but for what `remove` looks at.
///
/// With `Rules.real` it does what fbuild 2.5.47 does, failures included; `Rules.ours` passes over damaged
/// rows instead, and counts what they say as 0.
struct CollectionRun {
  enum Rules {
    /// With the totals of both phases, as SQLite's SUM gives them.
    case real(installed: Total, archive: Total)
    case ours
  }

  typealias Total = Result<UInt64, CollectionTotal.Failure>

  /// A row that a phase takes.
  struct Step: Sendable, Hashable {
    var id: Int64
    var phase: CachePhase
    /// As the index says; `nil` for NULL.
    var bytes: Int64?
    /// 1 for the first candidate of the phase.
    var rank: Int
    /// What the limit looks at, before the step.
    var total: UInt64
  }

  struct Key: Hashable {
    var id: Int64
    var phase: CachePhase
  }

  let rules: Rules
  let limits: CollectionLimits
  private(set) var steps: [Step] = []
  private(set) var takenKeys: Set<Key> = []
  /// Candidates that cannot be removed, and why.
  private(set) var stuck: [Key: String] = [:]
  private(set) var started: Set<CachePhase> = []
  /// The words with which it ends early.
  private(set) var error: String?
  private(set) var installed: UInt64 = 0
  private(set) var archive: UInt64 = 0
  /// What both phases report, as fbuild adds it up: modulo 2^64.
  private(set) var freed: UInt64 = 0

  /// - Parameters:
  ///   - candidates: the first rows of a phase that are not protected, in order.
  ///   - remove: why the files of a row stay; `nil` where they go.
  init(
    _ rows: [CollectionRow], _ limits: CollectionLimits, _ rules: Rules,
    candidates: (CachePhase) throws -> [CollectionCandidate],
    remove: (CollectionCandidate, CachePhase) -> String?
  ) rethrows {
    self.limits = limits
    self.rules = rules
    guard readTotals(rows) else { return }
    let sizes = RowsByID(rows)
    if installed > limits.installed || total > limits.high {
      try take(.installed, sizes, candidates, remove)
    }
    both = total
    guard error == nil, archive > limits.archive || both > limits.high else { return }
    try take(.archive, sizes, candidates, remove)
  }

  /// It ends early, with so many of its steps made; `nil` where it did not come to the first.
  mutating func end(after count: Int?, _ words: String) {
    if count == nil { started = [] }
    steps = Array(steps.prefix(count ?? 0))
    takenKeys = Set(steps.map(\.key))
    error = words
  }

  /// What the second phase compares with the high watermark: it counts down by itself, also where the
  /// archives alone have reached 0.
  private var both: UInt64 = 0
  private var total: UInt64 { installed.saturatingSum(archive) }

  private mutating func readTotals(_ rows: [CollectionRow]) -> Bool {
    guard case .real(let first, let second) = rules else {
      installed = CollectionTotal.usable(rows, .installed)
      archive = CollectionTotal.usable(rows, .archive)
      return true
    }
    do throws(CollectionTotal.Failure) {
      installed = try first.get()
      archive = try second.get()
      return true
    } catch {
      self.error = error.words
      return false
    }
  }

  private mutating func take(
    _ phase: CachePhase, _ rows: RowsByID,
    _ candidates: (CachePhase) throws -> [CollectionCandidate],
    _ remove: (CollectionCandidate, CachePhase) -> String?
  ) rethrows {
    started.insert(phase)
    let found = try candidates(phase)
    if case .real = rules, let fault = found.lazy.compactMap(\.fault).first {
      error = fault
      return
    }
    for (place, candidate) in found.enumerated() where candidate.fault == nil {
      if isReached(phase) { return }
      if let reason = remove(candidate, phase) {
        stuck[Key(id: candidate.id, phase: phase)] = reason
        continue
      }
      note(candidate, phase, rank: place + 1, rows[candidate.id]?[phase].bytes)
    }
  }

  private func isReached(_ phase: CachePhase) -> Bool {
    phase == .installed
      ? installed <= min(limits.low, limits.installed)
      : archive <= limits.archive && both <= limits.high
  }

  private mutating func note(
    _ candidate: CollectionCandidate, _ phase: CachePhase, rank: Int, _ bytes: SQLiteSum.Addend?
  ) {
    var stored: Int64?
    if case .integer(let value)? = bytes { stored = value }
    let before = phase == .installed ? installed : archive
    steps.append(
      Step(id: candidate.id, phase: phase, bytes: stored, rank: rank, total: before))
    takenKeys.insert(Key(id: candidate.id, phase: phase))
    let taken = counted(stored)
    freed &+= taken
    if phase == .installed {
      installed = installed.saturatingDifference(taken)
    } else {
      archive = archive.saturatingDifference(taken)
      both = both.saturatingDifference(taken)
    }
  }

  /// fbuild takes the integer for an unsigned one.
  private func counted(_ stored: Int64?) -> UInt64 {
    if case .ours = rules { return UInt64(max(0, stored ?? 0)) }
    return UInt64(bitPattern: stored ?? 0)
  }
}
