/// Makes a plan from facts: real GC's run first, then what ours makes of it.
struct CollectionPlanner {
  let facts: CollectionFacts
  let limits: CollectionLimits
  let location: CacheLocation
  /// Seconds since the epoch.
  let now: Int64
  /// False where the paths belong to another host.
  let looksAtDisk: Bool

  private let rows: RowsByID

  init(
    _ facts: CollectionFacts, _ limits: CollectionLimits, _ location: CacheLocation, now: Int64,
    looksAtDisk: Bool
  ) {
    self.facts = facts
    self.limits = limits
    self.location = location
    self.now = now
    self.looksAtDisk = looksAtDisk
    rows = RowsByID(facts.rows)
  }

  /// The plan as far as the rows, the leases and the disk decide it.
  ///
  /// - Parameter overlaps: which rows have files in common with those that go.
  func plan(
    overlaps: ([PathOverlaps.Victim]) throws(CacheError) -> [PathOverlaps.Pair]
  ) throws(CacheError) -> CollectionPlan {
    var plan = CollectionPlan(limits: limits)
    plan.isProbed = looksAtDisk
    plan.before = CollectionPlan.Totals(
      installed: CollectionTotal.usable(facts.rows, .installed),
      archive: CollectionTotal.usable(facts.rows, .archive))
    (plan.realError, plan.isCallersError) = openError
    var (run, own): (CollectionRun?, CollectionRun?)
    if plan.realError == nil {
      run = realRun(&plan)
      if plan.realError != nil { own = ownRun(&plan) }
    } else if plan.isCallersError {
      own = ownRun(&plan)
    }
    refuse(&plan)
    try refuseShared(&plan, overlaps)
    if looksAtDisk {
      let isStuck = [run, own].contains { $0?.stuck.isEmpty == false }
      OwnFiles(location).look(&plan, isStuck: isStuck)
    }
    plan.after = after(plan)
    plan.kept = KeptRows(facts, run, own).all(except: plan.steps)
    plan.outlook = CollectionOutlook(facts.rows, plan, last: lastUsed(plan), now: now)
    plan.id = PlanFile.identity(plan, location)
    return plan
  }

  private func realRun(_ plan: inout CollectionPlan) -> CollectionRun? {
    let reaps = facts.reap.reaped.map(\.id)
    if let error = facts.schema.start ?? (reaps.isEmpty ? nil : refusedWrite(&plan)) {
      plan.realError = "GC failed: \(error)"
      return nil
    }
    plan.reaps = reaps
    if let error = facts.reap.error ?? (reaps.isEmpty ? nil : facts.schema.reap) {
      plan.realError = "GC failed: \(error)"
      return nil
    }
    var probe = StepProbe(location, looksAtDisk)
    var run = CollectionRun(
      facts.rows, limits,
      .real(installed: facts.total(.installed), archive: facts.total(.archive)),
      candidates: { facts.candidates[$0] ?? [] },
      remove: { probe.remove($0, $1) })
    // A tree is removed before its row is cleared: the first one goes, and its row stays.
    if !run.steps.isEmpty, let error = refusedWrite(&plan) {
      plan.realError = "GC failed: \(error)"
      return nil
    }
    if let refused = facts.rehearsal?.refusal(reaping: facts.reap.holders, run.steps) {
      run.end(after: refused.steps, refused.words)
      plan.reaps = facts.reap.reaped(ofFirst: refused.holders)
    }
    plan.realError = run.error.map { "GC failed: \($0)" }
    plan.frees = run.error == nil ? run.freed : 0
    plan.steps = run.steps.map { step($0, run, probe, isOursAlone: false) }
    return run
  }

  /// SQLite opens an index that cannot be written all the same, and refuses its first change.
  private func refusedWrite(_ plan: inout CollectionPlan) -> String? {
    guard !facts.isWritable else { return nil }
    plan.isCallersError = true
    return Self.readOnly
  }

  private static let readOnly = "attempt to write a readonly database"

  /// What ours takes where real GC ends early stands behind the steps of that.
  private func ownRun(_ plan: inout CollectionPlan) -> CollectionRun {
    var probe = StepProbe(location, looksAtDisk)
    let run = CollectionRun(
      facts.rows, limits, .ours, candidates: { facts.ownCandidates[$0] ?? [] },
      remove: { probe.remove($0, $1) })
    let known = Set(plan.steps.map(\.key))
    for taken in run.steps where !known.contains(taken.key) {
      plan.steps.append(step(taken, run, probe, isOursAlone: true))
    }
    return run
  }

  /// Why fbuild cannot even open the cache, in its own words, and whether only this user cannot.
  private var openError: (String?, isCallers: Bool) {
    let words = "failed to open disk cache: "
    guard looksAtDisk else { return (facts.schema.open.map { words + $0 }, false) }
    if FileSystemKind.of(location.root).isReadOnly {
      return (words + "unable to open database file", false)
    }
    let companions = [location.companion("-wal"), location.companion("-shm")]
    if !Writability.isWritable(location.root), !companions.allSatisfy(Writability.isWritable) {
      return (words + Self.readOnly, true)
    }
    // fbuild asks for a WAL with each start, which is a change where there was none.
    if !facts.isWritable, !usesWriteAheadLog { return (words + Self.readOnly, true) }
    if let error = facts.schema.open { return (words + error, false) }
    for folder in [location.archives, location.installed] where Folder.oddity(folder) != nil {
      return (
        words + "Invalid path: failed to create cache phase dir: File exists (os error 17)", false
      )
    }
    return (nil, false)
  }

  /// By the versions in the header.
  private var usesWriteAheadLog: Bool {
    (try? HeldFile.open(location.index)?.read(at: 18, count: 2)) == [2, 2]
  }

  private func after(_ plan: CollectionPlan) -> CollectionPlan.Totals {
    var totals = plan.before
    for step in plan.steps where !step.isOursAlone {
      let bytes = UInt64(max(0, step.bytes ?? 0))
      if step.phase == .installed {
        totals.installed = totals.installed.saturatingDifference(bytes)
      } else {
        totals.archive = totals.archive.saturatingDifference(bytes)
      }
    }
    return totals
  }

  private func lastUsed(_ plan: CollectionPlan) -> LastUsed? {
    plan.steps.filter(\.isTaken).compactMap { rows[$0.entryID]?.lastUsed }.max()
  }
}

// MARK: - Steps

extension CollectionPlanner {
  private func step(
    _ taken: CollectionRun.Step, _ run: CollectionRun, _ probe: StepProbe, isOursAlone: Bool
  ) -> CollectionPlan.Step {
    let key = taken.key
    let candidate = probe.removed[key]
    var step = CollectionPlan.Step(
      entryID: taken.id, phase: taken.phase, bytes: taken.bytes, rank: taken.rank,
      reason: reason(taken), price: price(taken, run),
      path: RawText(bytes: candidate?.path(taken.phase) ?? []),
      fingerprint: candidate?.fingerprints[taken.phase] ?? "")
    step.isOursAlone = isOursAlone
    step.kind = candidate?.kind
    step.stem = candidate?.stem
    step.version = candidate?.version
    step.stamp = probe.stamps[key]
    step.files = probe.files[key] ?? ReclaimedBytes()
    step.leases = facts.judged.places(onEntry: taken.id).map { facts.judged.name(at: Int($0)) }
    return step
  }

  private func reason(_ step: CollectionRun.Step) -> String {
    let limit =
      step.phase == .installed
      ? min(limits.low, limits.installed) : limits.archive
    let name = step.phase == .installed ? "installed trees hold" : "archives hold"
    let isOver = step.total > limit
    return "least recently used, number \(step.rank); \(name) \(ByteSize.text(step.total))"
      + (isOver
        ? ", more than \(ByteSize.text(limit))"
        : ", both phases more than \(ByteSize.text(limits.high))")
  }

  private func price(
    _ step: CollectionRun.Step, _ run: CollectionRun
  ) -> CollectionPlan.Price {
    guard let row = rows[step.id] else { return .download }
    let other: CachePhase = step.phase == .installed ? .archive : .installed
    let otherKey = CollectionRun.Key(id: step.id, phase: other)
    guard row[other].isPresent, !run.takenKeys.contains(otherKey) else { return .download }
    return step.phase == .installed ? .extract : .downloadLater
  }

  /// What ours refuses, step by step.
  private func refuse(_ plan: inout CollectionPlan) {
    let rules = StepRefusal(facts, location, looksAtDisk)
    for place in plan.steps.indices {
      plan.steps[place].refused = rules.reason(plan.steps[place])
    }
  }

  /// Files that another row needs stay; what is refused for that is such a row for the others.
  private func refuseShared(
    _ plan: inout CollectionPlan,
    _ overlaps: ([PathOverlaps.Victim]) throws(CacheError) -> [PathOverlaps.Pair]
  ) throws(CacheError) {
    let jail = PathJail(location)
    let victims = plan.taken.compactMap { PathOverlaps.Victim($0, jail) }
    guard !victims.isEmpty else { return }
    let pairs = try overlaps(victims)
    var staying = PathOverlaps.staying(pairs, going: Set(victims.map(\.key)))
    for place in plan.steps.indices where plan.steps[place].isTaken {
      guard let other = staying.removeValue(forKey: plan.steps[place].key) else { continue }
      plan.steps[place].refused =
        "its files are also those of entry \(other.id) (\(other.phase.rawValue)), which stays"
    }
  }
}

extension CollectionPlan.Step {
  var key: CollectionRun.Key { CollectionRun.Key(id: entryID, phase: phase) }
}

extension CollectionRun.Step {
  var key: CollectionRun.Key { CollectionRun.Key(id: id, phase: phase) }
}
