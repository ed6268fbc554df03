internal import TUI

extension House {
  /// `t`: what the workers do now; a letter cancels.
  mutating func openTasks() {
    let jobs = running.filter { $0.key.kind != .watch }.sorted { $0.value < $1.value }
    guard !jobs.isEmpty else {
      say("no task is running")
      return
    }
    let items = zip("abcdefghijklmnop", jobs).map { letter, job in
      let seconds = clock.milliseconds(since: job.value) / 1000
      let isChange = job.key.kind == .change
      return Menu.Item(
        key: letter, words: "\(SafeText.escape(job.key.name))  \(seconds)s",
        obstacle: isChange ? "a change is finished, not cancelled" : nil, choice: .cancel(job.key))
    }
    overlay = Menu(title: "Tasks: a letter cancels", items: items)
  }
}
