/// Why ours leaves what real GC takes. Looks at the disk, changes nothing.
struct StepRefusal {
  private let facts: CollectionFacts
  private let jail: PathJail
  private let root: JailedRoot?

  init(_ facts: CollectionFacts, _ location: CacheLocation, _ looksAtDisk: Bool) {
    self.facts = facts
    jail = PathJail(location)
    root = looksAtDisk ? JailedRoot(location) : nil
  }

  /// `nil` where ours takes it, too.
  func reason(_ step: CollectionPlan.Step) -> String? {
    if let holder = HolderWords.of(step.entryID, facts) { return holder }
    switch jail.place(of: step.path.bytes) {
    case .failure(let refusal): return refusal.words
    case .success(let place): return root?.obstacle(place)?.words
    }
  }
}

/// Who holds an entry, in words.
enum HolderWords {
  /// `nil` where no lease but of holders that are gone is on it.
  static func of(_ entry: Int64, _ facts: CollectionFacts) -> String? {
    guard facts.held.contains(entry) else { return nil }
    let leases = facts.judged
    for place in leases.places(onEntry: entry).lazy.map({ Int($0) }) {
      let verdict = leases.verdict(at: place)
      guard !verdict.isProvablyStuck else { continue }
      return "lease \(leases.name(at: place)) holds it (\(verdict.rawValue)): "
        + leases[place].judgement.evidence
    }
    return nil
  }
}
