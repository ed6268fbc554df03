/// What happened between two looks at a cache: a value that is given each look in turn. Pure.
public struct LeaseLog: Sendable {
  private var leases: [LeaseID: JudgedLease]?
  /// What was seen last, to tell quickly that nothing has changed.
  private var list = JudgedLeases()
  private var locks: [RawText: LockLook]?
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
      ? .cachescope : lease.judgement.verdict.isProvablyStuck ? .reaped : .released
    return event
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

  /// The install locks as they are now.
  public mutating func take(_ now: [LockLook], at time: Int64) -> [LeaseEvent] {
    let new = Dictionary(now.map { ($0.lock.path, $0) }) { first, _ in first }
    let before = locks
    locks = new
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

  // MARK: What is taken

  /// What the index holds now; the first look tells nothing. `isOwn` says what cachescope took.
  mutating func take(
    _ now: CacheStock, at time: Int64, isOwn: (CacheLook.Loss) -> Bool
  ) -> [LeaseEvent] {
    defer { stock = now }
    guard let before = stock else { return [] }
    return now.look.losses(since: before.look).map { loss in
      var event = LeaseEvent(.taken, at: time)
      event.entryID = loss.entryID
      event.name = [loss.names[0], loss.names[1], loss.names[3]].map { RawText($0) }
      event.phase = loss.phase
      event.bytes = before.bytes[loss.entryID]?[loss.phase]
      event.cause = isOwn(loss) ? .cachescope : .others
      return event
    }
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

  /// `nil` for an index that is too large to be compared at each change.
  static func read(_ db: Database) throws -> CacheStock? {
    guard let look = try CacheLook.read(db) else { return nil }
    var stock = CacheStock(look: look)
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return stock }
    let phases = CachePhase.allCases
    let columns = ["id"] + phases.map { "\($0.rawValue)_bytes" }
    let cells = columns.map { shape.columnSQL($0, of: "entries") }.joined(separator: ", ")
    let rows = try LenientRow.fetchCursor(db, sql: "SELECT \(cells) FROM entries NOT INDEXED")
    while let row = try rows.next() {
      let sizes = zip(phases, CInt(1)...).filter { !row.isNull($0.1) }
        .map { ($0.0, row.count($0.1)) }
      stock.bytes[row.count(0)] = Dictionary(sizes) { first, _ in first }
    }
    return stock
  }
}
