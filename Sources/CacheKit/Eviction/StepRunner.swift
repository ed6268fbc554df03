import Glibc
import SystemPackage

/// Carries steps out, one after the other: look, claim in one transaction, move away, remove.
final class StepRunner {
  private let context: ActionContext
  private let root: JailedRoot
  private let trash: TrashFolder
  private let look: StepLook
  private let keeps: Bool
  private var going: Set<CollectionRun.Key>
  private let victims: [PathOverlaps.Victim]
  private var pairs: [CollectionRun.Key: [CollectionRun.Key]] = [:]
  /// The state of the index in which the pairs were found.
  private var pairsVersion: Int64?
  /// The row that was claimed last.
  private var record: TrashRecord?
  private let relief: DiskRelief
  private let steps: [CollectionPlan.Step]
  /// The places of those that are left.
  private var waiting: ArraySlice<Int>
  /// Where this run has removed something: folders above it have changed by that alone.
  private var cleared: [[[UInt8]]] = []

  init(
    _ steps: [CollectionPlan.Step], plan: String, keep: Int64?, _ context: ActionContext
  ) throws(CacheError) {
    guard let root = JailedRoot(context.location) else {
      throw context.location.missingIndexError()
    }
    self.context = context
    self.root = root
    self.steps = steps
    waiting = Array(steps.indices)[...]
    let jail = PathJail(context.location)
    look = StepLook(root: root, jail: jail)
    keeps = keep != nil
    // What is kept frees nothing, and what makes room removes files, which a dry run must not.
    relief = DiskRelief(context, look, mayRemove: keep == nil && !context.isDryRun)
    let now = context.options.clock.now()
    let (until, isOver) = now.addingReportingOverflow(keep ?? -now)
    trash = TrashFolder(
      root, plan: plan, keptUntil: isOver ? .max : until, now: context.options.clock.nanoseconds())
    victims = steps.compactMap { PathOverlaps.Victim($0, jail) }
    going = Set(victims.map(\.key))
  }

  /// What became of the steps, as far as the run came.
  struct Run {
    var outcomes: [StepOutcome] = []
    /// What ended it early.
    var stop: CacheError?
  }

  /// Opens the cache and carries all steps out. `note` is told of each as it is done.
  ///
  /// Throws where nothing was done; later errors come with what was done before.
  func run(_ note: (StepOutcome) -> Void) throws(CacheError) -> Run {
    let cache = try relief.makingRoom(by: steps) { () throws(CacheError) in try context.change() }
    defer { cache.close() }
    reuseLog(cache)
    var run = Run()
    defer { trash.finish() }
    while let number = nextStep() {
      let step = steps[number]
      do throws(CacheError) {
        let outcome = try carryOut(step, number, cache)
        if outcome.result == .skipped { going.remove(step.key) }
        run.outcomes.append(outcome)
        note(outcome)
      } catch {
        guard !run.outcomes.isEmpty else { throw error }
        run.stop = error
        return run
      }
      if context.options.isCancelled() { break }
    }
    noteGone(&run, cache)
    return run
  }

  /// On a full disk: else each change takes room of its own in the WAL, more than a small file frees.
  private func reuseLog(_ cache: DiskCache) {
    if relief.isUsed { cache.writer.makeRoom() }
  }

  /// In their order; on a full disk those whose files went first are cleared first, too.
  private func nextStep() -> Int? {
    guard relief.isUsed, let place = waiting.firstIndex(where: { relief.hasRemoved(steps[$0]) })
    else { return waiting.popFirst() }
    return waiting.remove(at: place)
  }

  /// Another collector removes the files first and clears the row then: what was skipped between the two is
  /// gone by the end.
  private func noteGone(_ run: inout Run, _ cache: DiskCache) {
    let skipped = run.outcomes.indices.filter { run.outcomes[$0].result == .skipped }
    guard !skipped.isEmpty else { return }
    let left = try? cache.writer.read { db in
      let ids = Set(skipped.map { run.outcomes[$0].entryID })
      return try CandidateReader(db).read(ids).reduce(into: Set<CollectionRun.Key>()) { keys, row in
        for phase in CachePhase.allCases where row.path(phase) != nil {
          keys.insert(CollectionRun.Key(id: row.id, phase: phase))
        }
      }
    }
    guard let left else { return }
    for place in skipped {
      let outcome = run.outcomes[place]
      guard !left.contains(.init(id: outcome.entryID, phase: outcome.phase)) else { continue }
      run.outcomes[place].result = .gone
      run.outcomes[place].reason = "somebody else took it first"
    }
  }

  private func carryOut(
    _ step: CollectionPlan.Step, _ number: Int, _ cache: DiskCache
  ) throws(CacheError) -> StepOutcome {
    if let refused = step.refused { return StepOutcome(step, .skipped, reason: refused) }
    let found: StepLook.Found
    switch look.look(step, after: cleared) {
    case .success(let value): found = value
    case .failure(let refusal): return StepOutcome(step, .skipped, reason: refusal.words)
    }
    let claim = StepClaim(step: step, place: found.place, context: context)
    let outcome = try relief.makingRoom(by: [step] + waiting.map { self.steps[$0] }) {
      () throws(CacheError) in
      try self.claim(claim, found, number, cache)
    }
    switch outcome {
    case .claimed:
      cleared.append(found.place.components)
      reuseLog(cache)
      return try clearAway(step, number, found, cache)
    case .gone: return StepOutcome(step, .gone, reason: "somebody else took it first")
    case .skipped(let reason): return StepOutcome(step, .skipped, reason: reason)
    }
  }

  // MARK: - Claiming

  /// Where it is claimed, the row is cleared, on the disk.
  private func claim(
    _ claim: StepClaim, _ seen: StepLook.Found, _ number: Int, _ cache: DiskCache
  ) throws(CacheError) -> StepClaim.Outcome {
    let command = ["evict", "\(claim.step.entryID)", "--phase", claim.step.phase.rawValue]
    return try context.commit(cache, command) { db -> (StepClaim.Outcome, IndexChange) in
      let overlaps = try self.overlaps(claim.step.key, db)
      let outcome = try claim.run(db, overlaps: overlaps, going: going) { found in
        var record = found
        record.stamp = seen.stamp
        record.inodes = seen.wholeInodes
        self.record = record
        // Without room or right for it nothing can be kept, and a kill may leave files without a row.
        if context.isDryRun { return }
        if let error = trash.write(record, number), keeps || !error.isForgivable {
          throw CacheError.system("cannot write into the trash", error.code)
        }
      }
      if case .claimed(let change) = outcome { return (outcome, change) }
      return (outcome, IndexChange())
    }.0
  }

  /// One look at all rows serves until somebody else changes the index.
  private func overlaps(_ key: CollectionRun.Key, _ db: Database) throws -> [CollectionRun.Key] {
    let version = try db.integer("PRAGMA data_version")
    if pairsVersion == nil || version != pairsVersion {
      let found = try PathOverlaps(victims, root: bytes(of: context.location.root)).read(db)
      pairs = Dictionary(grouping: found, by: \.victim).mapValues { $0.map(\.other) }
      pairsVersion = version
    }
    return pairs[key] ?? []
  }

  // MARK: - Removing

  private func clearAway(
    _ step: CollectionPlan.Step, _ number: Int, _ found: StepLook.Found, _ cache: DiskCache
  ) throws(CacheError) -> StepOutcome {
    var outcome = StepOutcome(step, .removed)
    outcome.files = relief.files(of: step) ?? found.files
    if context.isDryRun {
      outcome.result = found.folder == nil ? .missing : keeps ? .kept : .removed
      return outcome
    }
    guard let folder = found.folder else {
      // What went with a tree around it comes back with that, and so does its row.
      if !keeps || !wentBefore(found.place) { trash.forget(number) }
      outcome.result = relief.hasRemoved(step) ? .removed : .missing
      return outcome
    }
    switch trash.move(found.place, folder, number) {
    case .success(let moved):
      if keeps {
        outcome.result = .kept
      } else if let error = trash.remove(moved, number) {
        outcome.result = .pending
        outcome.reason = "its rest waits in the trash: \(error.words)"
      }
    case .failure(let error) where error == .missing:
      trash.forget(number)
      outcome.result = .missing
      outcome.files = ReclaimedBytes()
    case .failure(let error) where keeps: return try takeBack(step, number, error, cache)
    case .failure: removeInPlace(found, folder, number, &outcome)
    }
    return outcome
  }

  /// True for a place that this run took for a step before this one, or inside such a place.
  private func wentBefore(_ place: PathJail.Place) -> Bool {
    cleared.dropLast().contains { place.components.starts(with: $0) }
  }

  /// What cannot be moved cannot be kept: the row is as it was.
  private func takeBack(
    _ step: CollectionPlan.Step, _ number: Int, _ error: RemovalError, _ cache: DiskCache
  ) throws(CacheError) -> StepOutcome {
    let record = record
    _ = try context.commit(cache, ["undo"]) { db in
      let isBack = try record?.restore(db) ?? false
      return (isBack, IndexChange(undoObstacle: isBack ? "it takes a step back itself" : nil))
    }
    trash.forget(number)
    return StepOutcome(
      step, .skipped, reason: "cannot be kept, since it cannot be moved here: \(error.words)")
  }

  /// Where nothing can be renamed: another file system, a lower layer, no room for a folder.
  private func removeInPlace(
    _ found: StepLook.Found, _ folder: SimulatedFolder, _ number: Int, _ outcome: inout StepOutcome
  ) {
    var remover = TrashRemover(trash: folder.descriptor)
    if let error = remover.remove(found.place.name, in: folder.descriptor) {
      outcome.result = .pending
      outcome.reason = "its rest stays where it was: \(error.words)"
    } else {
      trash.forget(number)
    }
  }
}

extension RemovalError {
  fileprivate var isForgivable: Bool { [ENOSPC, EDQUOT, EACCES, EPERM].contains(code) }
}
