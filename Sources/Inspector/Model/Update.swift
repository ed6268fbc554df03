package import TUI

extension Inspector {
  package mutating func update(_ event: Event<Message>, at now: Moment) -> Effect<Work> {
    clock = now
    var effect = react(to: event)
    arrange()
    effect = effect + fetchVisibleRows() + lookUpRank() + arrangeLeases()
    return effect
  }

  private mutating func react(to event: Event<Message>) -> Effect<Work> {
    switch event {
    case .started: return begin()
    case .key(let key): return press(key)
    case .paste(let text): return paste(text)
    case .mouse(let mouse): return handle(mouse)
    case .resize(let size): self.size = size
    case .message(let message): return receive(message)
    case .ended(let id): return jobEnded(id)
    case .tick: return tick()
    case .resumed: return .redraw
    case .childEnded(let code): return childEnded(code) + removePage()
    case .focus: break
    }
    return .none
  }

  private mutating func childEnded(_ code: Int32) -> Effect<Work> {
    if let started = shellStarted {
      shellStarted = nil
      shellEnded(code, started: started)
    } else if let failure = Self.childFailure(child ?? "the program", code) {
      // What was to be edited is not reported on: this is the news.
      links.edited = nil
      say(failure, .bad)
    }
    child = nil
    return reloadAll()
  }

  private mutating func begin() -> Effect<Work> {
    let first: [Work] = [.watch, .facts, .migrations, .leases, .figures, .journal]
    return loadEntries() + first.reduce(Effect<Work>.none) { $0 + start($1) }
  }

  /// Pointers wait for the first page: their list reads the index too, and nobody sees it yet.
  private mutating func beginLinks(_ ended: JobID) -> Effect<Work> {
    guard owesLinks, ended == Work.entryPage(entries.query, limit: 0).job else { return .none }
    owesLinks = false
    return start(.links(.list(links.root, onlyProjects: true)))
  }

  // MARK: Jobs

  mutating func start(_ work: Work) -> Effect<Work> {
    running[work.job] = running[work.job] ?? clock
    return .start(work, as: work.job)
  }

  /// Reads again; where that read runs already, once more after it, so that it always comes to an end.
  mutating func refresh(_ work: Work) -> Effect<Work> {
    guard running[work.job] == nil else {
      stale.insert(work.job)
      return .none
    }
    return start(work)
  }

  /// What is read again when the index changed.
  private var reads: [Work] {
    [.facts, .migrations, .leases, .figures, .journal, entries.wholeList]
  }

  /// The same where somebody changed the index; where that never ends, not too often.
  mutating func reloadInTurn() -> Effect<Work> {
    pace.mustWait(at: clock) ? .none : reloadAll()
  }

  mutating func reloadAll() -> Effect<Work> {
    pace.start(at: clock)
    entries.areRowsStale = true
    entries.rank.renew(at: clock)
    entries.matches = nil
    return reads.reduce(Effect<Work>.none) { $0 + refresh($1) } + refreshLinks()
  }

  private mutating func jobEnded(_ id: JobID) -> Effect<Work> {
    running[id] = nil
    if id == LinkWork.fetchJob { links.fetching.transfers = [:] }
    if waitingChange == nil { lockHolders = nil }
    let links = beginLinks(id) + leaveOnceDone()
    let isLast = !reads.contains { running[$0.job] != nil }
    if isLast, reads.contains(where: { $0.job == id }) { pace.ended(at: clock) }
    guard stale.remove(id) != nil, !pace.mustWait(at: clock) else { return links }
    return links + ((reads + [listLinks]).first { $0.job == id }.map { start($0) } ?? .none)
  }

  // MARK: Time

  package var deadline: Moment? {
    var times: [Moment] = []
    if let expires = note?.expires { times.append(expires) }
    if let age = nextAge { times.append(age) }
    if let end = leases.changes.deadline { times.append(end) }
    if let spinner = nextSpinnerTurn { times.append(spinner) }
    if let time = entries.rank.dueAt { times.append(time) }
    if let time = pace.dueAt { times.append(time) }
    return times.min()
  }

  /// The oldest job that has run long enough to be worth a sign of life.
  var slowJob: (id: JobID, since: Moment)? {
    running.filter { $0.key.kind != .watch }.min { $0.value < $1.value }.map { ($0.key, $0.value) }
  }

  private var nextSpinnerTurn: Moment? {
    guard let slowJob else { return nil }
    let shownFrom = slowJob.since.advanced(milliseconds: 150)
    return max(shownFrom, clock.advanced(milliseconds: 125))
  }

  /// A change that takes so long that somebody else must hold the lock.
  var waitingChange: JobID? {
    running.first { $0.key.kind == .change && clock.milliseconds(since: $0.value) >= 400 }?.key
  }

  private mutating func askWhoHoldsTheLock() -> Effect<Work> {
    guard waitingChange != nil, lockHolders == nil, running[Work.lockHolders.job] == nil else {
      return .none
    }
    return start(.lockHolders)
  }

  private mutating func tick() -> Effect<Work> {
    if let expires = note?.expires, expires <= clock { note = nil }
    leases.forgetChanges(at: clock)
    let late: Effect<Work> = pace.isDue(at: clock) && !isPaused ? reloadAll() : .none
    return late + askWhoHoldsTheLock()
  }

  /// Says something on the message line: good news for four seconds, bad news until a key.
  mutating func say(_ text: String, _ role: Role = .text) {
    let isGood = role == .text || role == .ok
    note = Note(text, role, expires: isGood ? clock.advanced(milliseconds: 4000) : nil)
  }
}
