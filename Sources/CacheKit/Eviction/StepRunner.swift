import Glibc
import SystemPackage

/// Carries steps out, one after the other: look, claim in one transaction, move away, remove.
final class StepRunner {
  private let context: ActionContext
  private let root: JailedRoot
  private let trash: TrashFolder
  private let look: StepLook
  private let keep: Int64?
  private var keeps: Bool { keep != nil }
  private let stepGuard: StepGuard
  /// The row that was claimed last.
  private var record: TrashRecord?
  private let relief: DiskRelief
  private let steps: [CollectionPlan.Step]
  private var queue: StepQueue
  /// What a dry run would have removed so far: of files that steps share each counts once.
  private var rehearsed = SimulatedDisk()

  init(
    _ steps: [CollectionPlan.Step], plan: String, keep: Int64?, _ context: ActionContext
  ) throws(CacheError) {
    guard let root = JailedRoot(context.location) else {
      throw context.location.missingIndexError()
    }
    self.context = context
    self.root = root
    self.steps = steps
    let jail = PathJail(context.location)
    queue = StepQueue(
      steps.map { step in (try? jail.place(of: step.path.bytes).get())?.components ?? [] })
    look = StepLook(root: root, jail: jail)
    self.keep = keep
    // What is kept frees nothing, and what makes room removes files, which a dry run must not.
    stepGuard = StepGuard(steps, look, context)
    relief = DiskRelief(
      context, look, stepGuard, mayRemove: keep == nil && !context.isDryRun)
    let now = context.options.clock.now()
    let (until, isOver) = now.addingReportingOverflow(keep ?? -now)
    trash = TrashFolder(
      root, plan: plan, keptUntil: isOver ? .max : until, now: context.options.clock.nanoseconds())
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
    let cache = try relief.makingRoom(by: steps) {
      () throws(CacheError) in try context.change(of: .entries)
    }
    defer { cache.close() }
    reuseLog(cache)
    var run = Run()
    defer { trash.finish() }
    var number = -1
    while let place = nextStep() {
      let step = steps[place]
      number += 1
      do throws(CacheError) {
        let outcome = try carryOut(step, number, cache)
        if outcome.result == .skipped { stepGuard.leave(step.key) }
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
    guard relief.isUsed else { return queue.next() }
    return queue.next { self.relief.hasRemoved(self.steps[$0]) }
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
    if let refused = step.refused { return left(step, refused) }
    let found: StepLook.Found
    switch look.look(step, after: stepGuard.cleared) {
    case .success(let value): found = value
    case .failure(let refusal): return left(step, refusal.words)
    }
    let claim = StepClaim(step: step, place: found.place)
    let outcome = try relief.makingRoom(by: [step] + queue.rest.map { steps[$0] }) {
      () throws(CacheError) in
      try self.claim(claim, found, number, cache)
    }
    switch outcome {
    case .claimed:
      stepGuard.took(step.key, found.place)
      reuseLog(cache)
      return try clearAway(step, number, found, cache)
    case .gone: return StepOutcome(step, .gone, reason: "somebody else took it first")
    case .skipped(let reason): return left(step, reason)
    }
  }

  private func left(_ step: CollectionPlan.Step, _ reason: String) -> StepOutcome {
    let loss = relief.hasRemoved(step) ? "; its files had been removed to make room" : ""
    return StepOutcome(step, .skipped, reason: reason + loss)
  }

  // MARK: - Claiming

  /// Where it is claimed, the row is cleared, on the disk.
  private func claim(
    _ claim: StepClaim, _ seen: StepLook.Found, _ number: Int, _ cache: DiskCache
  ) throws(CacheError) -> StepClaim.Outcome {
    let command = EvictedStep(claim.step.entryID, claim.step.phase, keep: keep).command
    return try context.commit(cache, command) { db -> (StepClaim.Outcome, IndexChange) in
      let outcome = try claim.run(db, stepGuard) { found in
        var record = found
        record.stamp = seen.stamp
        record.inodes = seen.wholeInodes
        self.record = record
        // Without room or right for it nothing can be kept, and a kill may leave files without a row.
        if context.isDryRun { return }
        if let error = trash.write(record, number), keeps || !error.isForgivable {
          throw Self.trashFault(error, context.location)
        }
      }
      if case .claimed(let change) = outcome { return (outcome, change) }
      return (outcome, IndexChange())
    }.0
  }

  private static func trashFault(_ error: RemovalError, _ location: CacheLocation) -> CacheError {
    let trash = location.sibling(".cachescope-trash")
    var fault = CacheError.system("cannot write into \(trash)", error.code, at: trash)
    if error.code == ENOTDIR { fault.hint = "Move away what stands there in place of a folder" }
    return fault
  }

  // MARK: - Removing

  private func clearAway(
    _ step: CollectionPlan.Step, _ number: Int, _ found: StepLook.Found, _ cache: DiskCache
  ) throws(CacheError) -> StepOutcome {
    var outcome = StepOutcome(step, .removed)
    outcome.files = relief.files(of: step) ?? found.files
    // A kill before the other row is cleared would leave that without its files: they go with the last one.
    if found.folder != nil, queue.isShared(found.place.components) {
      if !keeps { trash.forget(number) }
      outcome.result = keeps ? .kept : .removed
      outcome.files = ReclaimedBytes()
      return outcome
    }
    if context.isDryRun { return rehearse(step, found) }
    guard let folder = found.folder else {
      // A row whose files were missing, or went with those of another one, comes back as it was.
      if !keeps { trash.forget(number) }
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

  private func rehearse(_ step: CollectionPlan.Step, _ found: StepLook.Found) -> StepOutcome {
    var outcome = StepOutcome(step, .missing)
    guard found.folder != nil else { return outcome }
    rehearsed.mayChangeOwn = true
    let before = rehearsed.counted.bytes
    let path = bytes(of: root.location.root) + [UInt8(ascii: "/")] + found.place.bytes
    if rehearsed.remove(path, step.phase) == .missing { return outcome }
    outcome.result = keeps ? .kept : .removed
    outcome.files = rehearsed.counted.bytes.since(before)
    return outcome
  }

  /// What cannot be moved cannot be kept: the row is as it was.
  private func takeBack(
    _ step: CollectionPlan.Step, _ number: Int, _ error: RemovalError, _ cache: DiskCache
  ) throws(CacheError) -> StepOutcome {
    let record = record
    _ = try context.commit(cache, ["undo"]) { db in
      let isBack = try record?.restore(db) != nil
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
