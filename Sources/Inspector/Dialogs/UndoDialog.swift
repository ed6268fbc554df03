internal import CacheKit
internal import TUI

extension House {
  /// Shows the rows that taking back a change would touch, or why it cannot be done.
  mutating func askUndo(_ line: JournalLine?, _ key: Key) -> Effect<Work> {
    if let kept = keptRun(of: line) { return askRestore(kept, key) }
    guard let line else {
      say("nothing to undo: the journal is empty")
      return .none
    }
    guard !journal.isUndone(line) else {
      say("this change has already been undone", .warn)
      return .none
    }
    do throws(CacheError) {
      ask(line, try UndoPlan(line), key)
    } catch {
      say(Format.text(error.message), .warn)
      return .none
    }
    return .flushInput
  }

  private mutating func ask(_ line: JournalLine, _ plan: UndoPlan, _ key: Key) {
    let steps = plan.steps.filter { $0.expected != $0.restored }
    var lines = [Dialog<Change>.Line(words(JournalRun(line: line)), .strong)]
    lines += steps.prefix(14).map { Dialog<Change>.Line(words($0)) }
    if let count = line.rowCount { lines.append(.init(Format.count(count, "row"))) }
    if steps.count > 14 { lines.append(.init("and \(steps.count - 14) more rows", .dim)) }
    lines += [
      .init(""),
      .init(
        "Effect: these rows become what they were, in one transaction. If one has changed since, "
          + "nothing is done. No file changes."),
    ]
    show(
      Dialog(
        title: "Undo \(Format.text(line.action))?", lines: lines, action: .undo(line),
        tier: .confirm(key: "t", label: "Take it back"), openedBy: key, at: clock))
  }

  private func words(_ step: UndoPlan.Step) -> String {
    switch (step.expected, step.restored) {
    case (let row?, nil): "- \(words(row))"
    case (nil, let row?): "+ \(words(row))"
    case (.entry(let before)?, .entry(let after)?) where before.id == after.id:
      "  \(name(ofEntry: before.id)) pinned \(before.pinned) \(glyphs.right) \(after.pinned)"
    case (let before?, let after?): "  \(words(before)) \(glyphs.right) \(words(after))"
    case (nil, nil): ""
    }
  }

  private func words(_ row: JournalRow) -> String {
    switch row {
    case .lease(let row):
      "lease \(row.entryID):\(row.holderPID):\(row.nonce) refcount \(row.refcount)"
    case .entry(let row): "\(name(ofEntry: row.id)) pinned \(row.pinned)"
    // What it says is for programs.
    case .note: "what cachescope noted of the pin: reason, end"
    }
  }
}
