internal import CacheKit
package import TUI

extension Inspector {
  package mutating func update(_ event: Event<Message>, at now: Moment) -> Effect<Work> {
    house.clock = now
    let effect = react(to: event)
    arrange()
    return effect + withEachRoom { $0.wants(in: &$1) }
  }

  private mutating func react(to event: Event<Message>) -> Effect<Work> {
    switch event {
    case .started: return begin()
    case .key(let key): return press(key)
    case .paste(let text): return paste(text)
    case .mouse(let mouse): return handle(mouse)
    case .resize(let size): house.size = size
    case .message(let message): return receive(message)
    case .ended(let id): return jobEnded(id)
    case .tick: return tick()
    case .resumed: return .redraw
    case .childEnded(let code): return childEnded(code)
    case .background(let background): house.take(background)
    case .focus: break
    }
    return .none
  }

  private mutating func begin() -> Effect<Work> {
    house.pace.start()
    let first: [Work] = [.watch, .facts, .migrations, .leases, .figures, .journal]
    let rooms = withEachRoom { $0.begin(in: &$1) }
    // The room that a person left last time: they come in again.
    let entering = house.tab == .overview ? Effect.none : withRoom { $0.enter(in: &$1) }
    return first.reduce(rooms + house.askBackground() + entering) { $0 + house.start($1) }
  }

  private mutating func childEnded(_ code: Int32) -> Effect<Work> {
    var hasFailed = false
    if let started = house.shellStarted {
      house.shellStarted = nil
      house.shellEnded(code, started: started)
    } else if let failure = ShellProgram.failure(house.child ?? "the program", code) {
      hasFailed = true
      house.say(failure, .bad)
    }
    house.child = nil
    let rooms = withEachRoom { $0.childEnded(hasFailed: hasFailed, in: &$1) }
    return reloadAll() + house.removePage() + rooms
  }

  /// Tells the tables how much of them is visible.
  private mutating func arrange() {
    let layout = house.layout
    if layout.tasks == nil, house.pane.focus == .tasks { house.pane.focus = .list }
    house.tasks.cursor = max(0, min(house.tasks.cursor, house.taskRows.count - 1))
    _ = withEachRoom { room, house in
      room.arrange(layout, in: house)
      return .none
    }
  }

  // MARK: Jobs
  /// What is read again when the index changed: what all rooms need, then what each of them does.
  private var reads: [Work] {
    [.facts, .migrations, .leases, .figures, .journal] + rooms.flatMap { $0.reads(in: house) }
  }

  mutating func reloadAll(forOthers: Bool = false) -> Effect<Work> {
    house.pace.start(forOthers: forOthers)
    let own = withEachRoom { $0.reload(in: &$1) }
    return reads.reduce(Effect<Work>.none) { $0 + house.refresh($1) } + own
  }

  /// The same where somebody changed the index; where that never ends, not too often.
  mutating func reloadInTurn() -> Effect<Work> {
    // A read that was cancelled tells no end.
    if !reads.contains(where: { house.running[$0.job] != nil }) {
      house.pace.ended(at: house.clock)
    }
    return follow()
  }

  private mutating func follow() -> Effect<Work> {
    house.pace.mustWait(at: house.clock) ? .none : reloadAll(forOthers: true)
  }

  private mutating func jobEnded(_ id: JobID) -> Effect<Work> {
    let began = house.running.removeValue(forKey: id)
    house.quiet.remove(id)
    // What has come to its end is no longer in trouble.
    let hasFailed = house.failed.remove(id) != nil
    if !hasFailed { house.faults[id] = nil }
    if house.waitingChange == nil { house.lockHolders = nil }
    let next = withEachRoom { $0.jobEnded(id, in: &$1) } + house.leaveOnceDone(failed: hasFailed)
    if id.kind == .query, let began { house.pace.spend(since: began, at: house.clock) }
    let reads = reads
    let isLast = !reads.contains { house.running[$0.job] != nil || house.stale.contains($0.job) }
    if isLast, reads.contains(where: { $0.job == id }) { house.pace.ended(at: house.clock) }
    guard house.stale.remove(id) != nil else { return next }
    let all = reads + rooms.flatMap { $0.ownReads(in: house) }
    return next + (all.first { $0.job == id }.map { house.start($0) } ?? .none)
  }

  // MARK: Time
  package var deadline: Moment? {
    let times = [house.note?.expires, nextAge, house.nextSpinnerTurn, house.pace.dueAt]
    return (times + rooms.map { $0.deadline(in: house) }).compactMap(\.self).min()
  }

  /// The next full minute, when ages on the screen change; `nil` where none is shown or none grows.
  private var nextAge: Moment? {
    guard house.facts?.snapshot == nil, !house.isPaused, let now = house.wallTime(at: house.clock),
      room.shownTimes(in: house).contains(where: { $0 != nil })
    else { return nil }
    return house.clock.advanced(milliseconds: (60 - now % 60) * 1000)
  }

  private mutating func tick() -> Effect<Work> {
    if let expires = house.note?.expires, expires <= house.clock { house.note = nil }
    _ = withEachRoom { room, house in
      room.tick(in: &house)
      return .none
    }
    let isLate = house.pace.isDue(at: house.clock) && !house.isPaused
    let late: Effect<Work> = isLate ? reloadAll(forOthers: true) : .none
    return late + house.askWhoHoldsTheLock()
  }
}

extension House {
  fileprivate var nextSpinnerTurn: Moment? {
    guard let slowJob else { return nil }
    let shownFrom = slowJob.since.advanced(milliseconds: 150)
    return max(shownFrom, clock.advanced(milliseconds: 125))
  }

  fileprivate mutating func askWhoHoldsTheLock() -> Effect<Work> {
    guard waitingChange != nil, lockHolders == nil, running[Work.lockHolders.job] == nil else {
      return .none
    }
    return start(.lockHolders)
  }
}
