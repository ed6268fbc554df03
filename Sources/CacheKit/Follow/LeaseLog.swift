/// What happened between two looks at a cache: a value that is given each look in turn. Pure.
public struct LeaseLog: Sendable {
  private var leases: [LeaseID: JudgedLease]?
  /// What was seen last, to tell quickly that nothing has changed.
  private var list = JudgedLeases()
  private var locks: [RawText: LockLook]?
  /// Locks that were not told of yet.
  private var newcomers: [RawText: LockLook] = [:]
  private var stock: CacheStock?
  private var isUnreadable = false

  /// An install lock and what is proved of its owner.
  public struct LockLook: Sendable, Hashable {
    public var lock: InstallLock
    public var verdict: InstallLock.Verdict
  }

  public init() {}

  /// The leases as they are now; the first look tells all of them as held.
  ///
  /// `ownReleases`: those that cachescope released since the last look, as the journal says.
  public mutating func take(
    _ now: JudgedLeases, at time: Int64, ownReleases: Set<LeaseID> = []
  ) -> [LeaseEvent] {
    if leases != nil, now.saysSame(as: list) { return [] }
    let before = leases
    let new = Dictionary(now.map { ($0.lease.id, $0) }) { first, _ in first }
    (leases, list) = (new, now)
    guard let before else { return now.map { .of(.held, $0, at: time) } }
    let gone = list(before) { new[$0] == nil }.map { Self.went($0, time, ownReleases) }
    let come = now.filter { before[$0.lease.id] == nil }.map { LeaseEvent.of(.came, $0, at: time) }
    let changed = now.compactMap { lease in
      before[lease.lease.id].flatMap { Self.changed($0, lease, time) }
    }
    return gone + changed + come
  }

  /// In the order of the rows.
  private func list(
    _ leases: [LeaseID: JudgedLease], where condition: (LeaseID) -> Bool
  ) -> [JudgedLease] {
    leases.filter { condition($0.key) }.values.sorted { $0.lease.rowID < $1.lease.rowID }
  }

  private static func went(
    _ lease: JudgedLease, _ time: Int64, _ own: Set<LeaseID>
  ) -> LeaseEvent {
    var event = LeaseEvent.of(.went, lease, at: time)
    event.held = lease.lease.acquiredAt.flatMap { taken in
      let span = time.subtractingReportingOverflow(taken)
      return span.overflow || span.partialValue < 0 ? nil : span.partialValue
    }
    event.cause =
      own.contains(lease.lease.id)
      ? .cachescope
      : lease.judgement.verdict.isProvablyStuck || isNobody(lease) ? .reaped : .released
    return event
  }

  /// No process has such an id, so that every GC of fbuild reaps it.
  private static func isNobody(_ lease: JudgedLease) -> Bool {
    lease.judgement.verdict != .pin
      && lease.lease.id.holderPID.map { !(1...Int64(Int32.max)).contains($0) } ?? false
  }

  private static func changed(
    _ old: JudgedLease, _ new: JudgedLease, _ time: Int64
  ) -> LeaseEvent? {
    if new.judgement.verdict.isProvablyStuck, !old.judgement.verdict.isProvablyStuck {
      return .of(.holderGone, new, at: time)
    }
    return old.lease.refcount == new.lease.refcount ? nil : .of(.changed, new, at: time)
  }

  // MARK: Locks

  /// The install locks as they are now. Newcomers are told of later, at the latest when they are gone.
  public mutating func take(
    _ now: [LockLook], at time: Int64, newcomers fresh: Set<RawText>
  ) -> [LeaseEvent] {
    let known = locks.map { Array($0.values) }
    func isHere(_ look: LockLook) -> Bool {
      now.contains { $0.lock.path == look.lock.path && $0.lock.identity == look.lock.identity }
    }
    let missed = newcomers.values.filter { !isHere($0) }
    let early = missed.isEmpty ? [] : take((known ?? []) + missed, at: time)
    // One that was told of is no newcomer, whatever it lost since.
    let waiting = now.filter { look in
      fresh.contains(look.lock.path) && locks?[look.lock.path]?.lock.identity != look.lock.identity
    }
    newcomers = Dictionary(waiting.map { ($0.lock.path, $0) }) { first, _ in first }
    return early + take(now.filter { newcomers[$0.lock.path] == nil }, at: time)
  }

  /// The install locks as they are now.
  public mutating func take(_ now: [LockLook], at time: Int64) -> [LeaseEvent] {
    let new = Dictionary(now.map { ($0.lock.path, $0) }) { first, _ in first }
    let before = locks
    locks = new.mapValues { Self.named($0, before?[$0.lock.path]) }
    guard let before else { return now.map { .of(.lockHeld, $0, at: time) } }
    // A lock that was taken again meanwhile is another one.
    let gone = before.values.filter { new[$0.lock.path]?.lock.identity != $0.lock.identity }
      .sorted { $0.lock.path.readable < $1.lock.path.readable }
      .map { look in
        var event = LeaseEvent.of(.lockWent, look, at: time)
        event.held = max(0, time - Int64(look.lock.takenAt.rounded(.down)))
        return event
      }
    let come = now.filter { before[$0.lock.path]?.lock.identity != $0.lock.identity }
      .map { LeaseEvent.of(.lockCame, $0, at: time) }
    let dead = now.filter { look in
      guard let old = before[look.lock.path], old.lock.identity == look.lock.identity else {
        return false
      }
      return look.verdict.isGone && !old.verdict.isGone
    }.map { LeaseEvent.of(.lockOwnerGone, $0, at: time) }
    return gone + dead + come
  }

  /// Its owner is forgotten first where a lock is removed; what it said before is still worth telling.
  private static func named(_ look: LockLook, _ earlier: LockLook?) -> LockLook {
    guard let earlier, earlier.lock.identity == look.lock.identity, look.lock.owner == nil,
      earlier.lock.owner != nil
    else { return look }
    return LockLook(lock: earlier.lock, verdict: look.verdict)
  }

  // MARK: What is taken

  /// What the index holds now; the first look tells nothing. `isOwn` says what cachescope took.
  mutating func take(
    _ now: CacheStock, at time: Int64, isOwn: (CacheLook.Loss) -> Bool,
    isThere: (RawText) -> Bool = { _ in false }
  ) -> [LeaseEvent] {
    defer { stock = now }
    guard let before = stock else { return [] }
    return now.look.losses(since: before.look).map { loss in
      var event = LeaseEvent(.taken, at: time)
      event.entryID = loss.entryID
      event.name = [loss.names[0], loss.names[1], loss.names[3]].map { RawText($0) }
      event.phase = loss.phase
      event.bytes = before.bytes[loss.entryID]?[loss.phase]
      let path = before.paths[loss.entryID]?[loss.phase]
      // A GC removes the files first.
      let cause: LeaseEvent.Cause = path.map(isThere) == true ? .rowGone : .others
      event.cause = isOwn(loss) ? .cachescope : cause
      return event
    }
  }

  /// What the leases that went have to do with the rest: with an entry that was evicted, or with an index that
  /// is another one and tells nothing of what happened.
  static func explain(
    _ events: inout [LeaseEvent], isReplaced: Bool, isGone: (Int64) -> Bool
  ) {
    let taken = Dictionary(grouping: events.filter { $0.kind == .taken }) { $0.entryID ?? 0 }
    for place in events.indices where events[place].kind == .went {
      guard let entry = events[place].entryID, events[place].cause != .cachescope else { continue }
      let losses = taken[entry] ?? []
      if isReplaced || losses.contains(where: { $0.cause == .rowGone }) {
        events[place].cause = isReplaced ? nil : .rowGone
      } else if events[place].cause == .released, !losses.isEmpty, isGone(entry) {
        events[place].cause = .evicted
      }
    }
    guard isReplaced else { return }
    // Rows of another file: only what has lost its files, too, was taken by anybody.
    events.removeAll { $0.kind == .taken && $0.cause == .rowGone }
  }

  // MARK: The index

  /// A look failed; it is told once.
  public mutating func take(_ failure: CacheError, at time: Int64) -> [LeaseEvent] {
    if isUnreadable { return [] }
    isUnreadable = true
    var event = LeaseEvent(.unreadable, at: time)
    event.message = failure.message
    return [event]
  }

  /// A look went well.
  public mutating func takeSuccess(at time: Int64) -> [LeaseEvent] {
    defer { isUnreadable = false }
    return isUnreadable ? [LeaseEvent(.readable, at: time)] : []
  }
}

extension LeaseEvent {
  fileprivate static func of(_ kind: Kind, _ lease: JudgedLease, at time: Int64) -> LeaseEvent {
    var event = LeaseEvent(kind, at: time)
    event.lease = lease
    event.entryID = lease.lease.id.entryID
    if let entry = lease.lease.entry {
      event.name = [entry.kind, entry.stem, entry.version].map { $0 ?? RawText("-") }
      event.bytes = entry.bytes
    }
    return event
  }

  fileprivate static func of(_ kind: Kind, _ look: LeaseLog.LockLook, at time: Int64) -> LeaseEvent
  {
    var event = LeaseEvent(kind, at: time)
    event.lock = look.lock
    event.lockVerdict = look.verdict
    return event
  }
}

/// What an index holds, with sizes.
struct CacheStock: Sendable {
  var look: CacheLook
  /// As the index says, by entry.
  var bytes: [Int64: [CachePhase: Int64]] = [:]
  /// Where the files are, by entry.
  var paths: [Int64: [CachePhase: RawText]] = [:]

  /// `nil` for an index that is too large to be compared at each change.
  static func read(_ db: Database) throws -> CacheStock? {
    guard let look = try CacheLook.read(db) else { return nil }
    var stock = CacheStock(look: look)
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return stock }
    let phases = CachePhase.allCases
    let columns =
      ["id"] + phases.map { "\($0.rawValue)_bytes" } + phases.map { "\($0.rawValue)_path" }
    let cells = columns.map { shape.columnSQL($0, of: "entries") }.joined(separator: ", ")
    let rows = try LenientRow.fetchCursor(db, sql: "SELECT \(cells) FROM entries NOT INDEXED")
    while let row = try rows.next() {
      let sizes = zip(phases, CInt(1)...).filter { !row.isNull($0.1) }
        .map { ($0.0, row.count($0.1)) }
      stock.bytes[row.count(0)] = Dictionary(sizes) { first, _ in first }
      let places = zip(phases, CInt(1 + phases.count)...).compactMap { phase, column in
        path(row, column).map { (phase, $0) }
      }
      stock.paths[row.count(0)] = Dictionary(places) { first, _ in first }
    }
    return stock
  }

  private static func path(_ row: LenientRow, _ column: CInt) -> RawText? {
    guard case .value(let text) = row.text(column, limit: 4096), !text.isEmpty, !text.isCut else {
      return nil
    }
    return text
  }
}
