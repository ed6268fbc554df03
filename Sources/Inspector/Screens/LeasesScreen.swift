internal import CacheKit
internal import TUI

/// The list of leases; all of them are in memory, for verdicts need them all.
struct LeasesScreen: Sendable {
  var snapshot: LeaseSnapshot?
  var table = TableState<LeaseRow.ID>()
  var order = SortOrder("verdict")
  var filter = LeaseFilter("")
  /// Leases whose end is reported.
  var watched: Set<LeaseRow.ID> = []
  private(set) var changes = RecentChanges<LeaseRow.ID>()
  private var rows: [LeaseRow.ID: LeaseRow] = [:]
  /// The places in GC's order by entry; known a little later than the leases.
  private var ranks: [Int64: EvictionRank] = [:]

  func rank(of lease: Lease) -> EvictionRank? { lease.id.entryID.flatMap { ranks[$0] } }

  mutating func take(_ new: [Int64: EvictionRank]) {
    ranks = new
    if order.column == "lru" { rearrange() }
  }

  func row(_ id: LeaseRow.ID) -> LeaseRow? { rows[id] }
  var selectedRow: LeaseRow? { table.selected.flatMap { rows[$0] } }
  /// What an action means; a row that has vanished is no target.
  var targets: [LeaseRow] {
    table.targets.filter { !changes.isGone($0) }.compactMap { rows[$0] }
  }
  var stuck: [LeaseRow] { snapshot?.rows.filter(\.judgement.verdict.isProvablyStuck) ?? [] }

  mutating func take(_ snapshot: LeaseSnapshot, at now: Moment) {
    let before = rows
    let isFirst = self.snapshot == nil
    self.snapshot = snapshot
    rows = Dictionary(snapshot.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    if !isFirst { changes.note(before: Set(before.keys), after: Set(rows.keys), at: now) }
    for id in changes.gone { rows[id] = before[id] }
    rearrange()
  }

  /// Lets the signs of rows that came and went end with their time.
  mutating func forgetChanges(at now: Moment) {
    guard changes.expire(at: now) else { return }
    let present = Set(snapshot?.rows.map(\.id) ?? [])
    rows = rows.filter { present.contains($0.key) }
    rearrange()
  }

  /// Filters and sorts anew.
  mutating func rearrange() {
    guard let snapshot else { return }
    let all = snapshot.rows + changes.gone.compactMap { rows[$0] }
    let shown = all.filter { filter.matches($0, now: snapshot.takenAt) }
    let column = LeaseColumns.order(order.column, ranks: ranks)
    let sorted = shown.sorted { left, right in
      let ascending = column(left, right)
      if ascending == .same { return left.lease.rowID < right.lease.rowID }
      return (ascending == .before) != order.isDescending
    }
    table.replace(with: sorted.map(\.id))
  }
}

extension LeasesScreen {
  /// The bytes of the entries that a stuck lease holds, each counted once.
  var stuckBytes: Int64 { stuck.entryBytes }
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

extension Inspector {
  mutating func takeLeases(_ snapshot: LeaseSnapshot) -> Effect<Work> {
    faults[Work.leases.job] = nil
    let before = leases.snapshot
    leases.take(snapshot, at: clock)
    history.note(snapshot.rows.count, at: clock)
    rearmReleaseDialog(before: before, now: snapshot)
    overview.replace(with: problems)
    return reportWatched()
  }

  /// A dialog about rows that are gone must not be accepted by a key already on its way.
  private mutating func rearmReleaseDialog(before: LeaseSnapshot?, now: LeaseSnapshot) {
    guard case .dialog(let shown) = overlay, let before, !before.says(sameAs: now) else { return }
    let named: [Lease]
    switch shown.action {
    case .release(let leases, _), .fixSafe(let leases, _): named = leases
    default: return
    }
    let present = Set(now.rows.map(\.lease))
    let gone = named.filter { !present.contains($0) }.count
    let alert =
      gone > 0 ? "list changed: \(Format.count(gone, "row")) gone" : "list changed underneath"
    if gone > 0 { askAgain(shown, now, alert) }
    guard case .dialog(var dialog) = overlay, dialog.action != nil else { return }
    dialog.rearm(because: alert, at: clock)
    overlay = .dialog(dialog)
  }

  /// The same question about what is left; one that is answered by typing stays as it was read.
  private mutating func askAgain(_ shown: Dialog<Change>, _ now: LeaseSnapshot, _ alert: String) {
    switch shown.action {
    case .release(let named, force: false):
      let wanted = Set(named)
      let rows = now.rows.filter {
        $0.judgement.verdict.isProvablyStuck && wanted.contains($0.lease)
      }
      let skipped = shown.lines.first { $0.text.hasPrefix(Self.skippedPrefix) }
      askRelease(rows, skipped: skipped, nil)
      if rows.isEmpty { sayNothingIsLeft(alert) }
    case .fixSafe:
      if leases.stuck.isEmpty, figures?.statistics.ghosts.isEmpty ?? true {
        sayNothingIsLeft(alert)
      } else {
        _ = askFixSafe(nil)
      }
    default: break
    }
  }

  private mutating func sayNothingIsLeft(_ alert: String) {
    show(.notice(title: "Nothing is left to do", lines: [.init(alert)], at: clock))
  }
}
