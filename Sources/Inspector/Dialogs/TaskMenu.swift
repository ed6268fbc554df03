internal import TUI

extension House {
  /// `t`: what the workers do now; a letter cancels.
  mutating func openTasks() {
    let jobs = running.filter { $0.key.kind != .watch }.sorted { $0.value < $1.value }
    guard !jobs.isEmpty else { return showEndedTasks() }
    let items = zip("abcdefghijklmnop", jobs).map { letter, job in
      let seconds = clock.milliseconds(since: job.value) / 1000
      let isChange = job.key.kind == .change
      return Menu.Item(
        key: letter, words: "\(SafeText.escape(job.key.name))  \(seconds)s",
        obstacle: isChange ? "a change cannot be cancelled, it is finished" : nil,
        choice: .cancel(job.key))
    }
    overlay = Menu(title: "Tasks: a letter cancels", items: items)
  }

  /// What has ended in this run, the newest first.
  private mutating func showEndedTasks() {
    let ended = tasks.results.reversed().prefix(30)
    guard !ended.isEmpty else {
      say("no task is running, and none has ended yet")
      return
    }
    let lines = ended.map { Dialog<Change>.Line("\(clockText($0.at))  \($0.text)", $0.role) }
    show(.notice(title: "No task is running; these have ended", lines: lines, at: clock))
  }
}
