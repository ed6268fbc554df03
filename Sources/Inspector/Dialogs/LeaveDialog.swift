internal import TUI

/// The exit code that a person may leave with.
struct Leaving: Answer {
  var code: Int32
  var askedAt: Moment

  /// Milliseconds in which nobody reads a question.
  static let glance: Int64 = 400

  static func settle(
    _ dialog: Dialog<Leaving>, _ outcome: Dialog<Leaving>.Outcome, _ key: Key?,
    in inspector: inout Inspector
  ) -> Effect<Work> {
    switch outcome {
    case .accept(let leaving):
      inspector.house.overlay = nil
      return .quit(leaving.code)
    case .close: inspector.house.overlay = nil
    case .stay, .showCommands: inspector.house.overlay = dialog
    }
    return .none
  }
}

extension House {
  /// Leaves; where a task runs only after a question.
  mutating func leave(_ code: Int32, _ key: Key) -> Effect<Work> {
    let jobs = runningTasks.map { SafeText.escape($0.name) }.sorted()
    guard !jobs.isEmpty else { return .quit(code) }
    let isChange = running.keys.contains { $0.kind == .change }
    var lines = jobs.prefix(8).map { Dialog<Leaving>.Line("\(glyphs.warn) \($0)", .warn) }
    if jobs.count > 8 { lines.append(.init("and \(jobs.count - 8) more", .dim)) }
    lines += [.init(""), .init("Leaving cancels what can be cancelled.")]
    if isChange { lines.append(.init("A change that has begun is finished first.", .dim)) }
    var dialog = Dialog(
      title: "\(Format.count(jobs.count, "task")) still running: leave?", lines: lines,
      action: Leaving(code: code, askedAt: clock), tier: .confirm(key: "l", label: "Leave"),
      openedBy: key, at: clock)
    dialog.cancelLabel = "Stay"
    overlay = dialog
    return .flushInput
  }

  /// What would be lost: the search for pointers begins by itself, and begins again by itself.
  var runningTasks: [JobID] { running.keys.filter { Self.isTask($0) && $0 != LinkWork.searchJob } }

  /// Where all has ended meanwhile there is nothing left to ask: who asked to leave leaves, unless there was
  /// time to read the question, and a result to read by now.
  mutating func leaveOnceDone(failed: Bool) -> Effect<Work> {
    guard let dialog = overlay as? Dialog<Leaving>, runningTasks.isEmpty else { return .none }
    overlay = nil
    guard let leaving = dialog.action, !failed,
      clock.milliseconds(since: leaving.askedAt) < Leaving.glance
    else { return .none }
    return .quit(leaving.code)
  }
}
