internal import CacheKit
internal import TUI

/// What the tasks of this session came to, for the strip of wide screens.
struct TaskLog: Sendable {
  struct Result: Sendable, Hashable, Identifiable {
    let id: Int
    var text: String
    var role: Role
    /// Seconds since the epoch; `nil` before the cache was read once.
    var at: Int64?
    /// The line of the journal that undo takes back; `nil` where there is none, or not yet.
    var line: String?
  }

  /// The oldest first.
  private(set) var results: [Result] = []
  /// The row that the keys act on, counted in `House.taskRows`.
  var cursor = 0
  private var lastID = 0
  /// The result whose line is looked for, and the newest line when it came.
  private var unmatched: (id: Int, before: String?)?

  private static var limit: Int { 50 }

  /// With `undo` the next new line of the journal belongs to this result.
  mutating func note(
    _ text: String, _ role: Role, at time: Int64?, canUndo: Bool, last: JournalLine?
  ) {
    lastID += 1
    results.append(Result(id: lastID, text: text, role: role, at: time))
    results.removeFirst(max(0, results.count - Self.limit))
    if canUndo { unmatched = (lastID, last?.id) }
  }

  /// The journal was read: what it says now is newer than the change that waits for its line.
  mutating func take(_ last: JournalLine?) {
    guard let (id, before) = unmatched, let last, last.id != before,
      let index = results.firstIndex(where: { $0.id == id })
    else { return }
    results[index].line = last.id
    unmatched = nil
  }

  mutating func remove(_ id: Int) { results.removeAll { $0.id == id } }
}

/// A row of the strip.
enum TaskRow: Hashable {
  case running(JobID)
  case result(TaskLog.Result)
}

extension House {
  private static let tasks = Rooms.all.reduce(Set<JobID>()) { $0.union($1.tasks) }

  /// True for what a person waits for; reads that follow the cache come and go by themselves.
  static func isTask(_ id: JobID) -> Bool {
    id.kind == .change || id.kind == .task || tasks.contains(id)
  }

  /// True where `taskRows` has any.
  var hasTasks: Bool { !tasks.results.isEmpty || running.contains { isShown($0.key, $0.value) } }

  /// What is over at once is not worth a row.
  private func isShown(_ id: JobID, _ since: Moment) -> Bool {
    Self.isTask(id) && clock.milliseconds(since: since) >= 150
  }

  /// What runs, the oldest first, then what has ended, the newest first.
  var taskRows: [TaskRow] {
    let jobs = running.filter { isShown($0.key, $0.value) }
    let oldest = jobs.sorted { ($0.value, $0.key.name) < ($1.value, $1.key.name) }
    return oldest.map { .running($0.key) } + tasks.results.reversed().map { .result($0) }
  }

  /// True where the strip says how far the job is.
  func isInStrip(_ id: JobID) -> Bool {
    id != waitingChange && layout.tasks != nil && Self.isTask(id)
  }

  /// Tells once what a task came to: in the strip where there is one, else on the message line.
  mutating func sayResult(_ text: String, _ role: Role, of change: Change? = nil) {
    defer { if layout.tasks == nil { say(text, role) } }
    let canUndo: Bool
    switch change {
    case .release, .pin, .unpin, .repair, .fixSafe: canUndo = true
    case .collect(_, let keep): canUndo = keep != nil
    case .evict(_, let terms): canUndo = terms.keep != nil
    case .migrate, .backup, .restoreBackup, .deleteBackup, .undo, .clearLocks, .fetch, .materialize,
      .askDaemon, .restore, .askFbuild, nil:
      canUndo = false
    }
    tasks.note(text, role, at: wallTime(at: clock), canUndo: canUndo, last: lastChange)
  }

  /// Keeps a failure in the strip; the dialog says it in full.
  mutating func note(failed work: Work, _ error: CacheError) {
    let name = SafeText.escape(work.job.name)
    tasks.note(
      "\(name): \(Format.text(error.message))", .bad, at: wallTime(at: clock), canUndo: false,
      last: nil)
  }

  /// True where `u` takes back just this result.
  func canUndo(_ result: TaskLog.Result) -> Bool {
    result.line != nil && result.line == lastChange?.id && leaseObstacle == nil
  }

  // MARK: Keys

  mutating func moveTasks(_ key: Key) {
    let end = taskRows.count - 1
    switch key {
    case .character("j"), .down: tasks.cursor += 1
    case .character("k"), .up: tasks.cursor -= 1
    case .pageDown, .control("d"), .character("G"), .end: tasks.cursor = end
    case .pageUp, .control("u"), .character("g"), .home: tasks.cursor = 0
    default: break
    }
    tasks.cursor = max(0, min(tasks.cursor, end))
  }

  mutating func clickTasks(_ line: Int) -> Effect<Work> {
    pane.focus = .tasks
    let seen = seenTasks
    if seen.indices.contains(seen.startIndex + line) { tasks.cursor = seen.startIndex + line }
    return .none
  }

  private var selectedTask: TaskRow? {
    let rows = taskRows
    return rows.indices.contains(tasks.cursor) ? rows[tasks.cursor] : nil
  }

  /// Why `x` does nothing to the task under the cursor, or `nil`.
  var taskObstacle: String? {
    guard case .running(let id) = selectedTask, id.kind == .change else { return nil }
    return "a change cannot be cancelled, it is finished"
  }

  /// `x` in the strip: cancels what runs; what has ended leaves the strip.
  mutating func cancelTask() -> Effect<Work> {
    switch selectedTask {
    case .running(let id):
      say("cancelling: \(SafeText.escape(id.name))", .warn)
      return .cancel(id)
    case .result(let result):
      tasks.remove(result.id)
    case nil: break
    }
    return .none
  }
}
