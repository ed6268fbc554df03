/// The inside of the transaction that takes one phase of one entry out of the index: everything that was
/// decided before is looked at again.
struct StepClaim {
  let step: CollectionPlan.Step
  let place: PathJail.Place

  enum Outcome {
    case claimed(IndexChange)
    /// There is no such row any more.
    case gone
    case skipped(String)
  }

  /// - Parameter note: keeps what the row says before it is cleared.
  func run(
    _ db: Database, _ stepGuard: StepGuard, note: (TrashRecord) throws -> Void
  ) throws -> Outcome {
    guard let found = try CandidateReader(db).read([step.entryID]).first,
      found.path(step.phase) != nil
    else { return .gone }
    if found.fingerprints[step.phase] != step.fingerprint {
      return .skipped("its row was changed or used since the plan")
    }
    try stepGuard.refresh(db)
    if let words = try stepGuard.obstacle(step.key, db) { return .skipped(words) }
    guard let record = try TrashRecord.read(db, step.entryID, step.phase, place) else {
      return .gone
    }
    try note(record)
    let before = try IndexSnapshot.read(db, entries: [step.entryID])
    try record.clear(db)
    var change = before.change(
      to: try IndexSnapshot.read(db, entries: [step.entryID]), naming: step.entryID)
    change.before = change.before.map { record.named($0) }
    change.undoObstacle = "its files were removed, or lie in the trash as long as --keep said"
    return .claimed(change)
  }
}
