internal import CacheKit

/// A row of the plan: a step, something that stays, or what is said between them.
enum GCRow: Sendable, Hashable {
  case step(CollectionPlan.StepName)
  /// The phase is `nil` for an entry without files.
  case kept(Int64, CachePhase?)
  case heading(Heading)

  enum Heading: Sendable, Hashable {
    /// Here real GC ends early.
    case fails
    /// The last step is above.
    case end
    case blocked
    case stays
  }

  var entryID: Int64? {
    switch self {
    case .step(let name): name.entryID
    case .kept(let id, _): id
    case .heading: nil
    }
  }
}

/// The rows of a plan in their order, and what is known of each.
struct GCList: Sendable {
  /// What a row tells of.
  enum Item: Sendable {
    /// Its place among the steps that ours carries out; `nil` where it does not.
    case step(Int?, CollectionPlan.Step)
    case kept(CollectionPlan.Kept)
  }

  private(set) var ids: [GCRow] = []
  private(set) var items: [GCRow: Item] = [:]
  private(set) var blocked = Sum()
  private(set) var stays = Sum()

  /// A number of rows and their bytes.
  struct Sum: Sendable {
    private(set) var count = 0
    private(set) var bytes: UInt64 = 0

    mutating func add(_ more: UInt64) {
      count += 1
      bytes = bytes.saturatingSum(more)
    }
  }

  init() {}

  init(_ plan: CollectionPlan) {
    addSteps(plan)
    ids.append(.heading(.end))
    let refused = plan.steps.filter { !$0.isTaken && !$0.isLeftOut }
    let held = plan.kept.filter(\.reason.isBlocking)
    if !refused.isEmpty || !held.isEmpty { ids.append(.heading(.blocked)) }
    for step in refused {
      add(.step(step.name), .step(nil, step))
      blocked.add(UInt64(max(0, step.bytes ?? 0)))
    }
    for kept in held {
      add(.kept(kept.entryID, kept.phase), .kept(kept))
      blocked.add(kept.bytes)
    }
    addOthers(plan)
  }

  private mutating func addSteps(_ plan: CollectionPlan) {
    let shown = plan.steps.filter { $0.isTaken || $0.isLeftOut }
    var hasFailed = plan.realError == nil
    var number = 0
    for step in shown {
      if step.isOursAlone, !hasFailed {
        ids.append(.heading(.fails))
        hasFailed = true
      }
      number += step.isTaken ? 1 : 0
      add(.step(step.name), .step(step.isTaken ? number : nil, step))
    }
    if !hasFailed { ids.append(.heading(.fails)) }
  }

  private mutating func addOthers(_ plan: CollectionPlan) {
    let others = plan.kept.filter { !$0.reason.isBlocking }
    if !others.isEmpty { ids.append(.heading(.stays)) }
    for kept in others {
      add(.kept(kept.entryID, kept.phase), .kept(kept))
      stays.add(kept.bytes)
    }
  }

  private mutating func add(_ row: GCRow, _ item: Item) {
    ids.append(row)
    items[row] = item
  }
}
