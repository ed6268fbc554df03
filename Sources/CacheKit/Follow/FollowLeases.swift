import Glibc
import SystemPackage

/// Tells what happens to leases, to what they hold and to install locks, as it happens. Looks and never writes.
///
/// Nothing is asked again and again: the kernel wakes it. Every two seconds it looks whether a holder has ended,
/// which leaves no trace in the index; many holders are looked at less often.
public struct FollowLeases: CacheAction {
  /// Waits at most so many seconds for news.
  public var wait: @Sendable (_ seconds: Double) -> ChangeWatch.News
  /// Told of each event in turn.
  public var tell: @Sendable ([LeaseEvent]) -> Void

  public init(
    wait: @escaping @Sendable (Double) -> ChangeWatch.News,
    tell: @escaping @Sendable ([LeaseEvent]) -> Void
  ) {
    self.wait = wait
    self.tell = tell
  }

  public var command: [String] { ["leases", "--follow"] }

  /// Ends once `wait` says so; the reason is the result.
  public func perform(in context: ActionContext) throws(CacheError) -> ChangeWatch.News {
    guard context.recorded == nil else {
      throw CacheError(
        .invalidInput, "in a snapshot nothing happens any more", hint: "Leave out --from")
    }
    var follower = Follower(context, try context.inspect())
    tell(try follower.begin())
    while true {
      var news = wait(follower.rest)
      // Locks come and go while the index, which is more to read, has to wait.
      while case .changed = news, follower.pause > 0 {
        tellAny(follower.lookAtLocks())
        news = wait(follower.pause)
      }
      switch news {
      case .stopped, .readerGone: return news
      case .changed, .timeUp:
        tellAny(follower.look())
      }
    }
  }

  private func tellAny(_ events: [LeaseEvent]) {
    if !events.isEmpty { tell(events) }
  }
}

/// What is followed, as it was seen last.
private struct Follower {
  let context: ActionContext
  let inspected: InspectedCache
  private var log = LeaseLog()
  private var token: ChangeToken?
  private var pulse = 0
  /// When the index was made, as it says.
  private var birth: Int64?
  private var holders: [Int64] = []
  private let journal: JournalFollower?
  private var seenLines: Set<String> = []
  /// Seconds until the next look where nothing wakes it.
  private(set) var rest = Self.period

  /// Seconds until an index that changes all the time is read again.
  var pause: Double { max(0, readFrom - Uptime.seconds()) }
  private var readFrom = 0.0
  private var locksFrom = 0.0
  private var hasNewcomers = false

  private static let period = 2.0
  /// Reading rows takes one part in so many of the time.
  private static let readShare = 15.0
  private static let busyPeriod = 0.25
  /// Seconds that an owner has to name itself; fbuild takes a thousandth.
  private static let naming = 0.25
  /// Looking at holders takes one part in so many of the time.
  private static let share = 200.0

  init(_ context: ActionContext, _ inspected: InspectedCache) {
    self.context = context
    self.inspected = inspected
    let name = context.location.journalName
    journal = context.journal.map { JournalFollower($0, of: name) }
  }

  private var now: Int64 { context.options.clock.now() }

  mutating func begin() throws(CacheError) -> [LeaseEvent] {
    seenLines = Set(journal?.read().lines.map(\.id) ?? [])
    token = try? inspected.changeToken()
    let events = try readRows()
    return events + lockEvents()
  }

  mutating func look() -> [LeaseEvent] {
    let start = Self.used
    let time = now
    rest = Self.period
    var isQuiet = true
    // What a look at nothing new costs, on any machine and beside any load.
    defer {
      if isQuiet { rest = max(Self.period, min(60, (Self.used - start) * Self.share)) }
      if hasNewcomers { rest = min(rest, Self.naming) }
    }
    do throws(CacheError) {
      var events: [LeaseEvent] = []
      let current = try inspected.changeToken()
      let latest = HolderPulse.of(holders, procRoot: context.procRoot)
      if current != token || latest != pulse {
        isQuiet = false
        events += try readRows(isOtherFile: token.map { !current.isSameFile(as: $0) } ?? false)
        // That of before: what was committed while the rows were read is found by the next look.
        token = current
      }
      return log.takeSuccess(at: time) + events + lockEvents()
    } catch {
      isQuiet = false
      token = nil
      // Somebody holds the index; a look soon after finds it.
      if error.code == .busy {
        rest = Self.busyPeriod
        return lockEvents()
      }
      return log.take(error, at: time) + lockEvents()
    }
  }

  private mutating func readRows(isOtherFile: Bool = false) throws(CacheError) -> [LeaseEvent] {
    let (time, start) = (now, Uptime.seconds())
    defer {
      let end = Uptime.seconds()
      readFrom = end + min(5, (end - start) * Self.readShare)
    }
    let (leases, damage) = try inspected.judgedLeases(context)
    let stock = try inspected.reader.read { try CacheStock.read($0) }.value
    if let damage, leases.isEmpty { throw damage }
    let isReplaced = isBornAnew(stock?.look.birth) || isOtherFile
    let lines = newLines()
    var events = log.take(leases, at: time, ownReleases: Self.releases(lines))
    if let stock {
      events += log.take(
        stock, at: time,
        isOwn: { loss in
          lines.contains { EvictedStep($0.command)?.names(loss.entryID, loss.phase) == true }
        },
        isThere: { path in
          // A full path wins over the root, as fbuild joins them.
          FileStatus(unfollowed: context.location.root.pushing(FilePath(bytes: path.bytes))) != nil
        })
    }
    LeaseLog.explain(&events, isReplaced: isReplaced) { stock?.look.rows[$0] == nil }
    if isReplaced { events.insert(LeaseEvent(.indexReplaced, at: time), at: 0) }
    holders = leases.holderPIDs
    pulse = HolderPulse.of(holders, procRoot: context.procRoot)
    return events
  }

  /// A file that is made anew may get the number of the one that was deleted: it says when it was made.
  private mutating func isBornAnew(_ latest: Int64?) -> Bool {
    guard let latest else { return false }
    defer { birth = latest }
    return birth.map { $0 != latest } ?? false
  }

  /// What cachescope noted since the last look.
  private mutating func newLines() -> [JournalLine] {
    let lines = journal?.read().lines.filter { !seenLines.contains($0.id) } ?? []
    seenLines.formUnion(lines.map(\.id))
    return lines
  }

  private static func releases(_ lines: [JournalLine]) -> Set<LeaseID> {
    lines.reduce(into: []) { found, line in
      for case .lease(let row) in line.before {
        found.insert(
          LeaseID(entryID: row.entryID, holderPID: row.holderPID, nonce: row.nonce))
      }
    }
  }

  /// For what cannot wait until the index is read.
  mutating func lookAtLocks() -> [LeaseEvent] {
    guard Uptime.seconds() >= locksFrom else { return [] }
    return lockEvents()
  }

  private mutating func lockEvents() -> [LeaseEvent] {
    var processes = context.processTable()
    let time = now
    locksFrom = Uptime.seconds() + Self.naming
    let looks = PackageShelves.locks(context.location).locks.map { lock in
      LeaseLog.LockLook(lock: lock, verdict: lock.judge(&processes).verdict)
    }
    // An owner that is about to name itself is waited for, so that the event says who it is.
    let newcomers = looks.filter { look in
      look.lock.owner?.pid == nil
        && (0..<Self.naming).contains(processes.host.now - look.lock.changedAt)
    }
    hasNewcomers = !newcomers.isEmpty
    return log.take(looks, at: time, newcomers: Set(newcomers.map(\.lock.path)))
  }

  /// Seconds of the processor that this thread has used.
  private static var used: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
