internal import CacheKit
internal import TUI

/// Who came and who went while this program looked, and for how long a lease was held.
struct LeaseLog: Sendable {
  private struct Event: Sendable {
    var time: Int64
    /// `nil` for one that came.
    var held: Int64??
    var who: String
  }

  private var events: [Event] = []
  private static let limit = 500

  var isEmpty: Bool { events.isEmpty }

  /// Notes what differs; `now` is the time of the later picture, in seconds since the epoch.
  mutating func note(before: LeaseRows, after: LeaseRows, now: Int64) {
    let old = Set(before.indices.map(before.id))
    let new = Set(after.indices.map(after.id))
    for id in old.subtracting(new).sorted(by: { $0.rowID < $1.rowID }) {
      guard let row = before.row(id) else { continue }
      let held = row.lease.acquiredAt.map { now.subtractingReportingOverflow($0).partialValue }
      events.append(Event(time: now, held: .some(held), who: Self.who(row)))
    }
    for id in new.subtracting(old).sorted(by: { $0.rowID < $1.rowID }) {
      guard let row = after.row(id) else { continue }
      events.append(Event(time: now, held: nil, who: Self.who(row)))
    }
    if events.count > Self.limit { events.removeFirst(events.count - Self.limit) }
  }

  private static func who(_ row: LeaseRow) -> String {
    let pid = row.lease.id.holderPID.map(String.init) ?? "-"
    return "pid \(pid) \(LeaseColumns.holder(row)) on \(LeaseColumns.entry(row.lease))"
  }

  /// The newest first.
  func lines(utc: Bool, now: Int64) -> [String] {
    events.reversed().map { event in
      let time = Format.recent(event.time, now: now, utc: utc)
      switch event.held {
      case nil: return "\(time)  + \(event.who)"
      case .some(let held):
        let span = held.map { ", held for \(Format.age($0))" } ?? ""
        return "\(time)  - \(event.who)\(span)"
      }
    }
  }
}

extension LeasesRoom {
  var emptyLogWords: String {
    (snapshot?.rows.count ?? 0) < Self.longList
      ? "nobody came or went since the inspector was opened"
      : "so many leases are not followed one by one"
  }

  /// `L`: the log, where the screen has no room for it.
  func openLog(in house: inout House) {
    let lines = log.lines(utc: house.settings.usesUTC, now: house.ageNow)
    let shown = lines.prefix(15).map { Dialog<Change>.Line($0) }
    let none = Dialog<Change>.Line(emptyLogWords, .dim)
    let rest =
      lines.count > 15 ? [Dialog<Change>.Line("and \(lines.count - 15) earlier ones", .dim)] : []
    house.show(
      .notice(
        title: "Leases that came (+) and went (-)", lines: shown.isEmpty ? [none] : shown + rest,
        at: house.clock))
  }
}
