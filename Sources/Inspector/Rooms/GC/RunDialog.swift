internal import CacheKit
internal import TUI

extension GCRoom {
  /// Why no plan can be carried out, or `nil`.
  func runObstacle(in house: House) -> String? {
    if let reason = house.readOnlyReason { return "read-only: \(reason)" }
    if house.running[GCWork.runJob] != nil { return "a plan is running: x stops it" }
    if let plan { return plan.takenCount > 0 ? nil : plan.nothingWords }
    return house.running[GCWork.planJob] == nil ? "there is no plan yet" : "the plan is being made"
  }

  /// `C`: what would go, by whom, and whether it can be put back.
  mutating func askRun(_ key: Key, in house: inout House) -> Effect<Work> {
    guard let plan else { return .none }
    isAccepted = false
    house.show(dialog(plan, key, in: house))
    return .flushInput + savePlan(in: &house)
  }

  /// Lets commands name the plan that is shown.
  mutating func savePlan(in house: inout House) -> Effect<Work> {
    guard let plan, house.readOnlyReason == nil else { return .none }
    return house.start(.collection(.save(plan)))
  }

  private func dialog(_ plan: CollectionPlan, _ key: Key?, in house: House) -> Dialog<Change> {
    let count = plan.takenCount
    let change = Change.collect(plan, keep: nil)
    var dialog = Dialog(
      title: "Run plan \(plan.id), \(Format.count(count, "step"))?",
      lines: scope(plan, in: house) + house.lossLines(plan.takings(ours: true)) + effect(plan),
      commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
      tier: EvictGuard.of(
        count, bytes: EvictGuard.bytes(plan), hasArchive: plan.hasArchive),
      openedBy: key, at: house.clock)
    dialog.fields = [RunChoice.keepField]
    if mayAskDaemon(in: house) { dialog.fields.append(RunChoice.wayField) }
    return dialog
  }

  /// The daemon knows its own limits alone, and skips nothing.
  private func mayAskDaemon(in house: House) -> Bool {
    guard case .up? = house.facts?.daemon else { return false }
    return skipped.isEmpty && tried.isEmpty
  }

  private func scope(_ plan: CollectionPlan, in house: House) -> [Dialog<Change>.Line] {
    var lines = plan.taken.prefix(house.sampleRows).map { step in
      let size = Format.size(Int64(clamping: step.files.reclaimable))
      let name = Format.name(kind: step.kind, stem: step.stem, version: step.version)
      let head = "\(step.phase.rawValue.padded(to: 9)) \(size.padded(to: 9)) "
      return Dialog<Change>.Line(head + TextCut.middle(name, to: 51, glyphs: house.glyphs))
    }
    let more = plan.takenCount - lines.count
    if more > 0 { lines.append(.init("and \(more) more", .dim)) }
    lines.append(.init(""))
    if !tried.isEmpty {
      lines.append(.init("WHAT-IF: by limits that are tried, not by those in force.", .warn))
    }
    return lines
  }

  private func effect(_ plan: CollectionPlan) -> [Dialog<Change>.Line] {
    var lines: [Dialog<Change>.Line] = []
    if !skipped.isEmpty { lines.append(.init("Skipped by hand: \(skipped.count).", .dim)) }
    if let words = plan.excessWords { lines.append(.init(words, .warn)) }
    let size = Format.size(Int64(clamping: plan.freed))
    lines += [
      .init(
        "Effect: each step is checked again in one transaction, its row cleared, its files moved "
          + "aside and removed: \(size). What is held or has changed since stays.")
    ]
    let reaped = plan.reaps.count { !$0.isOfPin }
    if reaped > 0 {
      lines.append(
        .init(
          "First \(Format.count(reaped, "lease")) of processes that are gone \(reaped == 1 ? "is" : "are") "
            + "released, as real GC does, and pin counts follow; u puts leases of entries back."))
    }
    lines += [
      .init("Unless kept, it cannot be undone. x stops the run between two steps.", .dim)
    ]
    return lines
  }

  // MARK: The answer
  mutating func accept(
    _ change: Change, of dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work>? {
    switch change {
    case .evict(let targets, _):
      run = RunProgress(wanted: 2 * targets.ids.count)
      return house.start(.change(change.filled(by: dialog)))
    case .collect(let plan, _): return accept(plan, dialog, in: &house)
    default: return nil
    }
  }

  /// A plan that may be old is made once more first; it runs where it is still the same.
  private mutating func accept(
    _ plan: CollectionPlan, _ dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work> {
    let isOld = house.clock.milliseconds(since: readAt) > Self.mostAge || isStale
    guard isOld || plan != self.plan else { return start(plan, dialog, in: &house) }
    house.overlay = dialog
    isAccepted = true
    house.say("checking that the plan is still the same")
    return house.refresh(planWork)
  }

  /// A minute.
  private static let mostAge: Int64 = 60_000

  private mutating func start(
    _ plan: CollectionPlan, _ dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work> {
    isAccepted = false
    house.overlay = nil
    run = RunProgress(wanted: plan.takenCount)
    return house.start(.change(Change.collect(plan, keep: nil).filled(by: dialog)))
  }

  /// A new plan came while a question about one is open: the same one goes on, another one asks again.
  mutating func planRead(in house: inout House) -> Effect<Work> {
    guard let shown = house.dialog, case .collect(let asked, _)? = shown.action, let plan else {
      isAccepted = false
      return .none
    }
    if plan.id == asked.id { return isAccepted ? start(plan, shown, in: &house) : .none }
    isAccepted = false
    guard plan.takenCount > 0 else {
      house.show(
        .notice(
          title: "Nothing left to do", lines: [.init("nothing is left to evict")], at: house.clock))
      return .none
    }
    var dialog = dialog(plan, nil, in: house)
    for field in shown.fields { dialog.choose(field.choice, of: field.key) }
    dialog.rearm(because: "list changed: this is the plan now", at: house.clock)
    house.overlay = dialog
    return .flushInput + savePlan(in: &house)
  }
}

extension House {
  /// What the known projects would lose, a line each; `takings`: what goes of each entry, in bytes.
  func lossLines(_ takings: [Int64: Int64]) -> [Dialog<Change>.Line] {
    projects.compactMap { project in
      project.lossWords(takings, "it takes").map {
        .init("\(glyphs.warn) \(Format.path(project.folder)): \($0)", .warn)
      }
    }
  }
}

extension CollectionPlan {
  /// Why nothing would be taken.
  fileprivate var nothingWords: String {
    "nothing to evict: \(excessWords ?? "below every limit")"
  }

  fileprivate var hasArchive: Bool { taken.contains { $0.phase == .archive } }
}

/// How an eviction is guarded: what is large, or has to be downloaded again, is typed.
enum EvictGuard {
  static func of(_ count: Int, bytes: UInt64, hasArchive: Bool) -> Dialog<Change>.Guard {
    guard hasArchive || bytes > 1 << 30 else {
      return .confirm(key: "e", label: "Evict \(count)")
    }
    return .typed(
      expected: String(count), prompt: "Type the number of steps", label: "evict")
  }

  /// What the index says, or the disk where that is more.
  static func bytes(_ plan: CollectionPlan) -> UInt64 {
    max(plan.freed, plan.taken.reduce(0) { $0.saturatingSum(UInt64(max(0, $1.bytes ?? 0))) })
  }
}
