/// Why each phase that is not taken stays. Pure.
struct KeptRows {
  private let facts: CollectionFacts
  private let run: CollectionRun?
  private let own: CollectionRun?
  private let installed: [Int64: CollectionCandidate]
  private let archives: [Int64: CollectionCandidate]

  init(_ facts: CollectionFacts, _ run: CollectionRun?, _ own: CollectionRun?) {
    self.facts = facts
    self.run = run
    self.own = own
    func byID(_ phase: CachePhase) -> [Int64: CollectionCandidate] {
      Dictionary((facts.candidates[phase] ?? []).map { ($0.id, $0) }) { first, _ in first }
    }
    (installed, archives) = (byID(.installed), byID(.archive))
  }

  func all(except steps: [CollectionPlan.Step]) -> [CollectionPlan.Kept] {
    let installed = Set(steps.lazy.filter { $0.phase == .installed }.map(\.entryID))
    let archives = Set(steps.lazy.filter { $0.phase == .archive }.map(\.entryID))
    var kept: [CollectionPlan.Kept] = []
    kept.reserveCapacity(2 * facts.rows.count)
    for row in facts.rows {
      guard row.installed.isPresent || row.archive.isPresent else {
        kept.append(.init(entryID: row.id, phase: nil, reason: .noFiles))
        continue
      }
      for phase in [CachePhase.installed, .archive] where row[phase].isPresent {
        guard !(phase == .installed ? installed : archives).contains(row.id) else { continue }
        kept.append(
          .init(
            entryID: row.id, phase: phase, reason: reason(row, phase), bytes: row[phase].usable))
      }
    }
    return kept
  }

  private func reason(_ row: CollectionRow, _ phase: CachePhase) -> KeptReason {
    if let words = HolderWords.of(row.id, facts) { return .leased(words) }
    let pinned = facts.pinned(row)
    if !pinned.isZero { return unheld(row, pinned) }
    if let stuck = stuck(row, phase) { return stuck }
    let candidates = phase == .installed ? installed : archives
    guard let candidate = candidates[row.id] else { return .beyond }
    if let fault = candidate.fault { return .damaged(fault) }
    guard let run else { return .realEnds }
    if run.started.contains(phase) { return run.error == nil ? .notNeeded : .realEnds }
    return run.error == nil ? .withinLimits : .realEnds
  }

  private func stuck(_ row: CollectionRow, _ phase: CachePhase) -> KeptReason? {
    guard run?.stuck.isEmpty == false || own?.stuck.isEmpty == false else { return nil }
    let key = CollectionRun.Key(id: row.id, phase: phase)
    return (run?.stuck[key] ?? own?.stuck[key]).map { .stuck($0) }
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
