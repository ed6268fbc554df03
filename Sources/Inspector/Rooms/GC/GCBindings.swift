internal import CacheKit
internal import TUI

extension GCRoom {
  static let bindings: [Binding] = [
    own("gc-entry", [.enter], "entry", "go to the entry of this row", footer: 52, isForRow: true) {
      room, house, _ in room.follow(in: &house)
    },
    own(
      "skip", [.character(" ")], "skip", "skip this step, or put it back into the plan",
      footer: 10, isForRow: true, obstacle: { room, _ in room.skipObstacle },
      run: { room, house, _ in room.toggleSkip(in: &house) }),
    own(
      "run-plan", [.character("C")], "run plan…", "run the plan, step by step", tier: .typed,
      isChange: true, footer: 11, obstacle: { $0.runObstacle(in: $1) },
      run: { room, house, key in room.askRun(key, in: &house) }),
    own(
      "what-if", [.character("w")], "what if", "try other limits; nothing is deleted", footer: 12
    ) { room, house, _ in room.toggleWhatIf(in: &house) },
    own(
      "release-first", [.character("X")], "release stuck…",
      "release what is provably stuck, so that GC can take it", tier: .confirm, isChange: true,
      footer: 13, obstacle: { $1.leaseObstacle },
      run: { _, house, key in house.askFixSafe(key) }),
    own(
      "cancel-run", [.character("x")], "cancel", "stop the run after the current step", footer: 9,
      obstacle: { _, house in
        house.running[GCWork.runJob] == nil ? "no plan is running" : nil
      },
      run: { _, house, _ in
        house.say("stopping after this step", .warn)
        return .cancel(GCWork.runJob)
      }),
  ]

  private mutating func follow(in house: inout House) -> Effect<Work> {
    guard house.layout.details != nil else {
      house.openDetails()
      return .none
    }
    if let id = table.selected?.entryID {
      house.go(to: .entries, .row(String(id)))
    } else {
      house.say("this is a heading, not an entry")
    }
    return .none
  }

  private var skipObstacle: String? {
    guard case .step(let name)? = table.selected, case .step(_, let step)? = item(.step(name))
    else { return "no step here: only steps can be skipped" }
    return step.isTaken || step.isLeftOut ? nil : plan?.why(step) ?? "ours leaves it"
  }

  /// Space: the plan that is carried out is then the plan without the step.
  private mutating func toggleSkip(in house: inout House) -> Effect<Work> {
    guard case .step(let name)? = table.selected else { return .none }
    if skipped.remove(name) == nil { skipped.insert(name) }
    leaveOut()
    table.move(by: 1)
    return savePlan(in: &house)
  }
}

// MARK: Esc and the rows of findings
extension GCRoom {
  /// What Esc goes back from: limits that are tried.
  var filterText: String { tried.words ?? "" }

  mutating func setFilter(_ text: String, in house: inout House) -> Effect<Work> {
    text.isEmpty && !tried.isEmpty ? tryLimits(WhatIf(), in: &house) : .none
  }

  /// A finding that leads here speaks of the plan as a whole.
  mutating func show(_ target: RowTarget) -> String? { nil }
}
