import Inspector
import Synchronization
import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// What GC would do to a fake cache, and what was done.
struct FakeCollection {
  var plan = CollectionPlan(limits: Samples.limits)
  /// The limits that were asked for, one after the other.
  var asked: [CollectionLimits.Changes] = []
  var saved: [String] = []
  /// Steps that are left, and why.
  var refusals: [Int64: String] = [:]
  var failure: CacheError?
  var kept: RestoreTrash.Kept?
  /// What fbuild's variables say.
  var environment: [String: String] = [:]
}

extension FakeCache {
  static let location = CacheLocation(root: "/cache")

  func plan(_ changes: CollectionLimits.Changes) throws(CacheError) -> PlanSnapshot {
    let known = state.withLock { state in
      state.collection.asked.append(changes)
      return state.collection
    }
    if let failure = known.failure { throw failure }
    var plan = known.plan
    if !changes.isEmpty {
      plan.limits.archive = changes.archive ?? plan.limits.archive
      plan.limits.installed = changes.installed ?? plan.limits.installed
      plan.limits.high = changes.high ?? plan.limits.high
      plan.limits.source = "what-if"
    }
    plan.id = PlanFile.identity(plan, Self.location)
    return PlanSnapshot(plan: plan, changes: changes, location: Self.location, takenAt: now())
  }

  func save(_ plan: CollectionPlan) { change { $0.collection.saved.append(plan.id) } }

  func collect(
    _ plan: CollectionPlan, keep: Int64?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    let outcomes = carryOut(plan.taken, keep: keep)
    change { state in
      state.changes.append(.collect(plan, keep: keep))
      let done = Set(outcomes.filter { $0.result != .skipped }.map(\.entryID))
      state.collection.plan.steps.removeAll { done.contains($0.entryID) }
    }
    outcomes.forEach(progress)
    return report(outcomes)
  }

  func evict(
    _ ids: [Int64], _ terms: EvictTerms, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    change { $0.changes.append(.evict(EntryTargets(ids: ids), terms)) }
    let steps = ids.map { Samples.step($0, terms.phase ?? .archive, 7, rank: 0) }
    let outcomes = carryOut(steps, keep: terms.keep)
    outcomes.forEach(progress)
    return report(outcomes)
  }

  private func carryOut(_ steps: [CollectionPlan.Step], keep: Int64?) -> [StepOutcome] {
    let refusals = state.withLock { $0.collection.refusals }
    return steps.map { step in
      if let reason = refusals[step.entryID] { return StepOutcome(step, .skipped, reason: reason) }
      var outcome = StepOutcome(step, keep == nil ? .removed : .kept)
      outcome.files = step.files
      return outcome
    }
  }

  private func report(_ outcomes: [StepOutcome]) -> ChangeReport {
    let left = outcomes.filter { $0.result == .skipped }
    return ChangeReport(
      summary: "\(outcomes.count - left.count) steps made, \(left.count) left",
      done: outcomes.filter { $0.result != .skipped }.map(\.line), skipped: left.map(\.line))
  }
}

extension Samples {
  static let limits: CollectionLimits = {
    var limits = CollectionLimits(
      archive: 1 << 30, installed: 2 << 30, high: 3 << 30, low: 2400 << 20)
    limits.source = "default"
    return limits
  }()

  static func step(
    _ id: Int64, _ phase: CachePhase, _ bytes: Int64, rank: Int,
    price: CollectionPlan.Price = .download
  ) -> CollectionPlan.Step {
    let entry = entries.first { $0.id == id }
    var step = CollectionPlan.Step(
      entryID: id, phase: phase, bytes: bytes, rank: rank,
      reason: "least recently used, number \(rank); archives hold 2266499082 bytes, more than "
        + "1073741824", price: price,
      path: (phase == .archive ? entry?.archivePath : entry?.installedPath) ?? "archives/x",
      fingerprint: "f\(id)")
    (step.kind, step.stem, step.version) = (entry?.kind, entry?.stem, entry?.version)
    let size = UInt64(max(0, bytes))
    step.files = ReclaimedBytes(
      apparent: size, allocated: size + 4096, reclaimable: size + 4096, inodes: 1)
    return step
  }

  /// Two archives and a tree that go, one that ours leaves, one step behind a failure, and some that stay.
  static func plan(failing: Bool = false) -> CollectionPlan {
    var plan = CollectionPlan(limits: limits)
    plan.steps = [
      step(9, .archive, 7, rank: 1), step(8, .archive, 5 << 20, rank: 2),
      step(6, .installed, 2 << 20, rank: 3, price: .extract),
      step(2, .archive, 1 << 20, rank: 4),
    ]
    plan.steps[3].refused = "its path leads out of the cache"
    if failing {
      plan.realError = "GC failed: Invalid column type Text at index: 3, name: archive_bytes"
      plan.steps[2].isOursAlone = true
    }
    plan.reaps = [leases[1].lease.id]
    plan.before = .init(installed: 1_400 << 20, archive: 2_160 << 20)
    plan.after = .init(installed: 1_398 << 20, archive: 2_154 << 20)
    plan.frees = 8 << 20
    plan.outlook.lastAge = 400_000
    plan.outlook.growth = 12 << 20
    plan.outlook.days = 2.5
    let lease = "lease 1:61500:1 holds it (live): pid 61500 runs since before the lease"
    plan.kept = [
      .init(entryID: 1, phase: .installed, reason: .leased(lease), bytes: 1 << 30),
      .init(entryID: 1, phase: .archive, reason: .leased(lease), bytes: 98 << 20),
      .init(
        entryID: 5, phase: .archive,
        reason: .unreaped("pinned is 1 by leases of holders that are gone"), bytes: 640 << 20),
      .init(
        entryID: 4, phase: .archive, reason: .ghost("pinned is 2 and no lease says why"),
        bytes: 600 << 20),
      .init(entryID: 2, phase: .installed, reason: .withinLimits, bytes: 9 << 20),
      .init(entryID: 3, phase: .archive, reason: .beyond, bytes: 812 << 20),
      .init(entryID: 7, phase: .installed, reason: .stuck("Permission denied"), bytes: 310 << 20),
    ]
    return plan
  }

  /// A cache over its limits; with `small` nothing but a small tree goes.
  static func fullCache(small: Bool = false, failing: Bool = false) -> FakeCache {
    let cache = Samples.cache()
    cache.change { state in
      state.collection.environment = [
        "FBUILD_CACHE_ARCHIVE_BUDGET": "1G", "FBUILD_CACHE_INSTALLED_BUDGET": "2G",
        "FBUILD_CACHE_HIGH_WATERMARK": "3G",
      ]
      state.collection.plan = plan(failing: failing)
      if small { state.collection.plan.steps.removeAll { $0.phase == .archive } }
    }
    return cache
  }
}
