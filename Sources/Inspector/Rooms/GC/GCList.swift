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

/// The rows of a plan in their order, and where the plan tells of each. A worker makes it.
struct GCList: Sendable {
  /// What a row tells of.
  enum Item: Sendable {
    /// Its number among the steps; `nil` where ours does not carry it out.
    case step(Int?, CollectionPlan.Step)
    case kept(CollectionPlan.Kept)
  }

  private enum Place: Sendable {
    case step(number: Int, index: Int)
    case kept(Int)
  }

  /// A number of rows and their bytes.
  struct Sum: Sendable {
    private(set) var count = 0
    private(set) var bytes: UInt64 = 0

    mutating func add(_ more: UInt64) {
      count += 1
      bytes = bytes.saturatingSum(more)
    }
  }

  private(set) var ids: [GCRow] = []
  private var places: [GCRow: Place] = [:]
  private(set) var blocked = Sum()
  private(set) var stays = Sum()

  init(_ plan: CollectionPlan) {
    addSteps(plan)
    ids.append(.heading(.end))
    addRefused(plan)
    let held = plan.kept.indices.filter { plan.kept[$0].reason.isBlocking }
    addKept(plan, held, under: .blocked, \.blocked)
    let others = plan.kept.indices.filter { !plan.kept[$0].reason.isBlocking }
    addKept(plan, others, under: .stays, \.stays)
  }

  /// What a row tells of, in the plan that the list was made of or in that plan without some steps.
  func item(_ row: GCRow, of plan: CollectionPlan) -> Item? {
    switch places[row] {
    case .step(let number, let index):
      let step = plan.steps[index]
      return .step(step.isTaken ? number : nil, step)
    case .kept(let index): return .kept(plan.kept[index])
    case nil: return nil
    }
  }

  private mutating func addSteps(_ plan: CollectionPlan) {
    var hasFailed = plan.realError == nil
    var number = 0
    for index in plan.steps.indices where plan.steps[index].isTaken {
      if plan.steps[index].isOursAlone, !hasFailed {
        ids.append(.heading(.fails))
        hasFailed = true
      }
      number += 1
      add(.step(plan.steps[index].name), .step(number: number, index: index))
    }
    if !hasFailed { ids.append(.heading(.fails)) }
  }

  private mutating func addRefused(_ plan: CollectionPlan) {
    for index in plan.steps.indices where !plan.steps[index].isTaken {
      if blocked.count == 0 { ids.append(.heading(.blocked)) }
      add(.step(plan.steps[index].name), .step(number: 0, index: index))
      blocked.add(UInt64(max(0, plan.steps[index].bytes ?? 0)))
    }
  }

  private mutating func addKept(
    _ plan: CollectionPlan, _ indices: [Int], under heading: GCRow.Heading,
    _ sum: WritableKeyPath<GCList, Sum>
  ) {
    for index in indices {
      if self[keyPath: sum].count == 0 { ids.append(.heading(heading)) }
      let kept = plan.kept[index]
      add(.kept(kept.entryID, kept.phase), .kept(index))
      self[keyPath: sum].add(kept.bytes)
    }
  }

  private mutating func add(_ row: GCRow, _ place: Place) {
    ids.append(row)
    places[row] = place
  }
}
