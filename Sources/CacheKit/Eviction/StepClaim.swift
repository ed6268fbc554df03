/// The inside of the transaction that takes one phase of one entry out of the index: everything that was
/// decided before is looked at again.
struct StepClaim {
  let step: CollectionPlan.Step
  let place: PathJail.Place
  let context: ActionContext

  enum Outcome {
    case claimed(IndexChange)
    /// There is no such row any more.
    case gone
    case skipped(String)
  }

  /// - Parameters:
  ///   - overlaps: rows that have files in common with the step.
  ///   - note: keeps what the row says before it is cleared.
  func run(
    _ db: Database, overlaps: [CollectionRun.Key], going: Set<CollectionRun.Key>,
    note: (TrashRecord) throws -> Void
  ) throws -> Outcome {
    guard let found = try CandidateReader(db).read([step.entryID]).first,
      found.path(step.phase) != nil
    else { return .gone }
    if found.fingerprints[step.phase] != step.fingerprint {
      return .skipped("its row was changed or used since the plan")
    }
    for entry in Set([step.entryID] + overlaps.map(\.id)) {
      if let words = try holder(db, entry) { return .skipped(words) }
    }
    if let other = overlaps.first(where: { !going.contains($0) }) {
      return .skipped(
        "its files are also those of entry \(other.id) (\(other.phase.rawValue)), which stays")
    }
    guard let record = try TrashRecord.read(db, step.entryID, step.phase, place) else {
      return .gone
    }
    try note(record)
    let before = try IndexSnapshot.read(db, entries: [step.entryID])
    try record.clear(db)
    var change = before.change(to: try IndexSnapshot.read(db, entries: [step.entryID]))
    change.undoObstacle = "its files were removed, or lie in the trash as long as --keep said"
    return .claimed(change)
  }

  /// Leases as they are now, and the processes as they are now.
  private func holder(_ db: Database, _ entry: Int64) throws -> String? {
    let shape = try SchemaShape.read(db)
    let leases = try LeaseStore.leases(db, shape, where: "leases.entry_id = ?", [entry])
    guard !leases.isEmpty else { return nil }
    return ActingUser.asSelf {
      var processes = context.processTable()
      for lease in leases {
        let judgement = processes.judge(lease)
        guard !judgement.verdict.isProvablyStuck else { continue }
        return "lease \(lease.id) holds it (\(judgement.verdict.rawValue)): \(judgement.evidence)"
      }
      return nil
    }
  }
}
