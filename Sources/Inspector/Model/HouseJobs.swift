internal import CacheKit
internal import TUI

// Jobs, time and news, as rooms and frame use them.
extension House {
  mutating func start(_ work: Work) -> Effect<Work> {
    running[work.job] = running[work.job] ?? clock
    return .start(work, as: work.job)
  }

  /// The same for a look that nobody waits for: no sign of life shows it.
  mutating func startQuietly(_ work: Work) -> Effect<Work> {
    quiet.insert(work.job)
    return start(work)
  }

  /// Reads again; where that read runs already, once more after it, so that it always comes to an end.
  mutating func refresh(_ work: Work) -> Effect<Work> {
    guard running[work.job] == nil else {
      stale.insert(work.job)
      return .none
    }
    return start(work)
  }

  /// Says something on the message line: good news for four seconds, bad news until a key.
  mutating func say(_ text: String, _ role: Role = .text) {
    let isGood = role == .text || role == .ok
    note = Note(text, role, expires: isGood ? clock.advanced(milliseconds: 4000) : nil)
  }

  /// Goes to the rows that belong to what is under the cursor, once the room has ended its turn; Esc
  /// leads back.
  mutating func go(to tab: Tab, _ target: RowTarget? = nil) {
    wish = Wish(tab: tab, target: target)
  }

  /// Puts a dialog on the screen.
  mutating func show(_ dialog: Dialog<Change>) { overlay = dialog }

  /// The dialog about a change that is open.
  var dialog: Dialog<Change>? { overlay as? Dialog<Change> }

  /// The oldest job that has run long enough to be worth a sign of life.
  var slowJob: (id: JobID, since: Moment)? {
    running.filter { $0.key.kind != .watch && !quiet.contains($0.key) }.min { $0.value < $1.value }
      .map { ($0.key, $0.value) }
  }

  /// A change that takes so long that somebody else must hold the lock.
  var waitingChange: JobID? {
    running.first { $0.key.kind == .change && clock.milliseconds(since: $0.value) >= 400 }?.key
  }

  /// Seconds since the epoch; `nil` before anything was read.
  func wallTime(at moment: Moment) -> Int64? {
    wall.map { $0.seconds + moment.milliseconds(since: $0.at) / 1000 }
  }

  /// The time that ages are counted to: now, and in a snapshot when it was taken.
  var ageNow: Int64 {
    let read = leases?.takenAt ?? facts?.now ?? 0
    guard facts?.snapshot == nil, let wall = wallTime(at: clock) else { return read }
    return max(read, wall)
  }

  /// The newest change that was not taken back.
  var lastChange: JournalLine? { journalName.flatMap { journal.lastChange(of: $0) } }

  /// The program that has the terminal, in words, to name it where it fails.
  mutating func run(_ program: ShellProgram, _ arguments: [String]) -> Effect<Work> {
    child = program.line
    return .run(program.arguments(arguments), directory: nil)
  }
}

// The pager.
extension House {
  mutating func showPage(_ path: String) -> Effect<Work> {
    page = path
    return run(settings.pager, [path])
  }

  mutating func removePage() -> Effect<Work> {
    guard let path = page else { return .none }
    page = nil
    return start(.removePage(path))
  }
}

// What is known of rows.
extension House {
  /// Each of them is made: where their number is enough, the tally tells it.
  var stuckLeases: [LeaseRow] { leases?.rows.rows(where: \.isProvablyStuck) ?? [] }

  /// The name of an entry from what is in memory.
  func name(ofEntry id: Int64) -> String {
    if let entry = entryRow(id)?.entry {
      let name = Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)
      return "#\(id) \(name)"
    }
    let lease = leases?.rows.rows(onEntry: id).first { $0.lease.entry != nil }
    return "#\(id)" + (lease.map { " \(LeaseColumns.entry($0.lease))" } ?? "")
  }

  /// More rows than a line of the journal holds for sure.
  static let manyRows = 1000

  static func undoWords(_ count: Int) -> String {
    count <= manyRows
      ? "Undo: u." : "So many rows may not fit into the journal; then there is no undo."
  }
}
