/// Why each phase that is not taken stays. Pure.
struct KeptRows {
  private let facts: CollectionFacts
  private let run: CollectionRun?
  private let own: CollectionRun?
  private var places: [CachePhase: [Int64: CollectionCandidate]] = [:]

  init(_ facts: CollectionFacts, _ run: CollectionRun?, _ own: CollectionRun?) {
    self.facts = facts
    self.run = run
    self.own = own
    for phase in CachePhase.allCases {
      let candidates = facts.candidates[phase] ?? []
      places[phase] = Dictionary(candidates.map { ($0.id, $0) }) { first, _ in first }
    }
  }

  func all(except steps: [CollectionPlan.Step]) -> [CollectionPlan.Kept] {
    let taken = Set(steps.map(\.key))
    var kept: [CollectionPlan.Kept] = []
    for row in facts.rows {
      guard row.installed.isPresent || row.archive.isPresent else {
        kept.append(.init(entryID: row.id, phase: nil, reason: .noFiles))
        continue
      }
      for phase in [CachePhase.installed, .archive] where row[phase].isPresent {
        let key = CollectionRun.Key(id: row.id, phase: phase)
        guard !taken.contains(key) else { continue }
        kept.append(
          .init(
            entryID: row.id, phase: phase, reason: reason(row, key), bytes: row[phase].usable))
      }
    }
    return kept
  }

  private func reason(_ row: CollectionRow, _ key: CollectionRun.Key) -> KeptReason {
    if let words = HolderWords.of(row.id, facts) { return .leased(words) }
    let pinned = facts.pinned(row)
    if !pinned.isZero { return unheld(row, pinned) }
    if let words = run?.stuck[key] ?? own?.stuck[key] { return .stuck(words) }
    guard let candidate = places[key.phase]?[row.id] else { return .beyond }
    if let fault = candidate.fault { return .damaged(fault) }
    guard let run else { return .realEnds }
    if run.started.contains(key.phase) { return run.error == nil ? .notNeeded : .realEnds }
    return run.error == nil ? .withinLimits : .realEnds
  }

  /// `pinned` is set, and nobody holds the entry.
  private func unheld(_ row: CollectionRow, _ pinned: Pinned) -> KeptReason {
    if facts.judged.places(onEntry: row.id).isEmpty {
      return .ghost(
        "pinned is \(pinned.words) and no lease says why; real GC keeps it until it reaps any lease"
      )
    }
    return .unreaped(
      "pinned is \(pinned.words) by leases of holders that are gone, and real GC does not reap them"
    )
  }
}
