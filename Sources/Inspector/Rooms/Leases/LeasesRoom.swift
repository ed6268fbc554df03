internal import CacheKit
internal import TUI

extension Tab {
  package static let leases = Tab(3, "Leases")
}

/// The list of leases. All that a row says is made when it is shown; the order of a long list is made
/// by a worker.
struct LeasesRoom: Room, ArrangedList {
  static let tab = Tab.leases
  static let offers: Offers = [.list, .details, .shell]
  static let findings: Finding.Place.Rows? = .leases

  var snapshot: LeaseSnapshot?
  var table = TableState<LeaseRow.ID>()
  var order = SortOrder("verdict")
  var filter = LeaseFilter("")
  /// Leases whose end is reported.
  var watched: Set<LeaseRow.ID> = []
  var history = LeaseHistory()
  var log = SeenEvents()
  var columns = ColumnChoice()
  var matches: LeaseMatches?
  /// The bytes of the marked leases' entries, and the marks that they were counted of.
  private(set) var markedBytes: (revision: Int, bytes: Int64) = (-1, 0)
  private(set) var changes = RecentChanges<LeaseRow.ID>()
  /// Rows that have vanished and are still shown for a moment.
  private var gone: [LeaseRow.ID: LeaseRow] = [:]
  /// The places in GC's order by entry; known a little later than the leases.
  private var ranks: [Int64: EvictionRank] = [:]
  /// What a worker is to arrange, until it is taken.
  private var wanted: LeaseArrangement?
  /// Counts arrangements, so that an old one is told from the one that is waited for.
  private(set) var arrangement = 0
  private var isArranged = true

  /// Longer lists are arranged by a worker, so that no key waits for it.
  static let longList = 4000

  init(_ settings: Settings) {}

  /// False while the first order of a long list is made.
  var isShown: Bool { snapshot != nil && (isArranged || !table.ids.isEmpty) }

  func rank(of lease: Lease) -> EvictionRank? { lease.id.entryID.flatMap { ranks[$0] } }

  mutating func take(_ new: [Int64: EvictionRank]) {
    ranks = new
    if order.column == "lru" { rearrange() }
  }

  func row(_ id: LeaseRow.ID) -> LeaseRow? { snapshot?.rows.row(id) ?? gone[id] }
  var selectedRow: LeaseRow? { table.selected.flatMap { row($0) } }
  /// What an action means; a row that has vanished is no target.
  var targets: [LeaseRow] {
    table.targets.filter { !changes.isGone($0) }.compactMap { row($0) }
  }
  /// Each of them is made: where their number is enough, `stuckCount` tells it.
  var stuck: [LeaseRow] { snapshot?.rows.rows(where: \.isProvablyStuck) ?? [] }
  var stuckCount: Int { snapshot?.rows.leases.stuck.count ?? 0 }

  mutating func take(_ snapshot: LeaseSnapshot, at now: Moment) {
    let before = self.snapshot?.rows
    self.snapshot = snapshot
    if snapshot.rows.count < Self.longList {
      log.take(snapshot.rows.leases, at: snapshot.takenAt)
    }
    // Most commits touch no lease: the order of the same rows stays as it is.
    if let before, isArranged, gone.isEmpty, filter.text.isEmpty,
      before.leases.seemsSame(as: snapshot.rows.leases)
    {
      return
    }
    if let before, max(before.count, snapshot.rows.count) < Self.longList {
      changes.note(
        before: Set(before.indices.map(before.id)),
        after: Set(snapshot.rows.indices.map(snapshot.rows.id)), at: now)
    }
    for id in changes.gone { gone[id] = before?.row(id) ?? gone[id] }
    gone = gone.filter { changes.isGone($0.key) }
    rearrange()
  }

  /// Lets the signs of rows that came and went end with their time.
  mutating func forgetChanges(at now: Moment) {
    guard changes.expire(at: now) else { return }
    gone = gone.filter { changes.isGone($0.key) }
    rearrange()
  }

  /// Filters and sorts anew.
  mutating func rearrange() {
    guard let snapshot else { return }
    arrangement += 1
    let new = LeaseArrangement(
      number: arrangement, snapshot: snapshot, gone: changes.gone.compactMap { gone[$0] },
      order: order, filter: filter, ranks: ranks)
    isArranged = snapshot.rows.count < Self.longList
    if isArranged { table.replace(with: new.ids()) }
    wanted = isArranged ? nil : new
  }

  /// What a worker has to arrange now.
  mutating func takeWanted() -> LeaseArrangement? {
    defer { wanted = nil }
    return wanted
  }

  mutating func take(_ ids: [LeaseRow.ID], of done: LeaseArrangement) {
    guard done.number == arrangement else { return }
    isArranged = true
    table.replace(with: ids)
  }
}

extension LeasesRoom {
  /// The bytes of the entries that a stuck lease holds, each counted once.
  var stuckBytes: Int64 { snapshot?.rows.leases.stuck.bytes ?? 0 }
}

extension [LeaseRow] {
  /// The bytes of their entries, each counted once; stays at the largest integer.
  var entryBytes: Int64 {
    let entries = Dictionary(
      map { ($0.lease.id.entryID, $0.lease.entry?.bytes ?? 0) },
      uniquingKeysWith: { first, _ in first })
    return entries.values.reduce(0) { sum, bytes in
      let (value, overflow) = sum.addingReportingOverflow(bytes)
      return overflow ? .max : value
    }
  }
}

extension LeasesRoom {
  mutating func wants(in house: inout House) -> Effect<Work> {
    if markedBytes.revision != table.markRevision {
      markedBytes = (table.markRevision, table.marks.isEmpty ? 0 : targets.entryBytes)
    }
    return takeWanted().map { house.start(.leases(.arrange($0))) } ?? .none
  }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message {
    case .ranks(let ranks): take(ranks)
    case .leaseSnapshot(let snapshot): return takeLeases(snapshot, in: &house)
    default: take(message.own(LeaseNews.self), in: &house)
    }
    return .none
  }

  private mutating func take(_ news: LeaseNews?, in house: inout House) {
    switch news {
    case .arranged(let arrangement, let ids): take(ids, of: arrangement)
    case .found(let text, let wanted, let ids): takeMatches(text, wanted, ids, in: &house)
    case .holderCard(let pid, let card): showCard(pid, card, in: &house)
    case .watchCommandEnded(let event, let code): watchCommandEnded(event, code, in: &house)
    case nil: break
    }
  }

  mutating func changed(_ change: Change) {
    if case .release = change { table.clearMarks() }
    switch change {
    case .release(let leases, _), .fixSafe(let leases, _): log.noteOwn(leases.map(\.id))
    case .collect(let plan, _): log.noteOwn(plan.reaps)
    case .evict(let targets, _): log.noteOwn(targets.ids.flatMap { stuckLeases(onEntry: $0) })
    default: break
    }
  }

  /// What an eviction reaps of an entry first.
  private func stuckLeases(onEntry id: Int64) -> [LeaseID] {
    guard let rows = snapshot?.rows.rows(onEntry: id) else { return [] }
    return rows.filter { $0.judgement.verdict.isProvablyStuck }.map(\.lease.id)
  }

  mutating func tick(in house: inout House) { forgetChanges(at: house.clock) }
  func deadline(in house: House) -> Moment? { changes.deadline }

  private mutating func takeLeases(
    _ snapshot: LeaseSnapshot, in house: inout House
  ) -> Effect<Work> {
    let before = self.snapshot
    take(snapshot, at: house.clock)
    history.note(snapshot.rows.count, at: house.clock)
    rearmReleaseDialog(before: before, now: snapshot, in: &house)
    return reportWatched(in: &house)
  }

  /// A dialog about rows that are gone must not be accepted by a key already on its way.
  private mutating func rearmReleaseDialog(
    before: LeaseSnapshot?, now: LeaseSnapshot, in house: inout House
  ) {
    guard let shown = house.dialog, let before, !before.says(sameAs: now) else { return }
    let named: [Lease]
    switch shown.action {
    case .release(let leases, _), .fixSafe(let leases, _): named = leases
    default: return
    }
    let gone = named.filter { now.rows.row(of: $0) == nil }.count
    let alert =
      gone > 0 ? "list changed: \(Format.count(gone, "row")) gone" : "the list has changed"
    if gone > 0 { askAgain(shown, now, alert, in: &house) }
    guard var dialog = house.dialog, dialog.action != nil else { return }
    dialog.rearm(because: alert, at: house.clock)
    house.overlay = dialog
  }

  /// The same question about what is left; one that is answered by typing stays as it was read.
  private mutating func askAgain(
    _ shown: Dialog<Change>, _ now: LeaseSnapshot, _ alert: String, in house: inout House
  ) {
    switch shown.action {
    case .release(let named, force: false):
      let rows = named.compactMap { now.rows.row(of: $0) }.filter {
        $0.judgement.verdict.isProvablyStuck
      }
      let skipped = shown.lines.first { $0.text.hasPrefix(Self.skippedPrefix) }
      askRelease(rows, skipped: skipped, nil, in: &house)
      if rows.isEmpty { sayNothingIsLeft(alert, in: &house) }
    case .fixSafe:
      if stuckCount == 0, house.figures?.statistics.ghosts.isEmpty ?? true {
        sayNothingIsLeft(alert, in: &house)
      } else {
        _ = house.askFixSafe(nil)
      }
    default: break
    }
  }

  private mutating func sayNothingIsLeft(_ alert: String, in house: inout House) {
    house.show(.notice(title: "Nothing left to do", lines: [.init(alert)], at: house.clock))
  }
}
