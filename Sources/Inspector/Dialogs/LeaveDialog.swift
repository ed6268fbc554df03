internal import TUI

extension Inspector {
  /// Leaves; where a task runs only after a question.
  mutating func leave(_ code: Int32, _ key: Key) -> Effect<Work> {
    let jobs = runningTasks.map { SafeText.escape($0.name) }.sorted()
    guard !jobs.isEmpty else { return .quit(code) }
    let isChange = running.keys.contains { $0.kind == .change }
    var lines = jobs.prefix(8).map { Dialog<Int32>.Line("\(glyphs.warn) \($0)", .warn) }
    if jobs.count > 8 { lines.append(.init("and \(jobs.count - 8) more", .dim)) }
    lines += [.init(""), .init("Leaving cancels what can be cancelled.")]
    if isChange { lines.append(.init("A change that has begun is finished first.", .dim)) }
    overlay = .leaving(
      Dialog(
        title: "\(Format.count(jobs.count, "task")) still running: leave?", lines: lines,
        action: code, tier: .confirm(key: "l", label: "Leave"), openedBy: key, at: clock))
    return .flushInput
  }

  /// What would be lost: the search for pointers begins by itself, and begins again by itself.
  var runningTasks: [JobID] { running.keys.filter { Self.isTask($0) && $0 != LinkWork.searchJob } }

  /// Where all has ended meanwhile there is nothing left to ask.
  func leaveOnceDone() -> Effect<Work> {
    guard case .leaving(let dialog) = overlay, runningTasks.isEmpty, let code = dialog.action
    else { return .none }
    return .quit(code)
  }

  mutating func press(_ key: Key, _ dialog: Dialog<Int32>) -> Effect<Work> {
    var dialog = dialog
    let outcome = dialog.handle(key, at: clock)
    return settle(dialog, outcome)
  }

  mutating func settle(_ dialog: Dialog<Int32>, _ outcome: Dialog<Int32>.Outcome) -> Effect<Work> {
    overlay = nil
    switch outcome {
    case .accept(let code): return .quit(code)
    case .close: return .none
    case .stay, .showCommands:
      overlay = .leaving(dialog)
      return .none
    }
  }
}
