internal import CacheKit
internal import TUI

/// What `leases --follow` would have told while this program looked; bounded.
struct SeenEvents: Sendable {
  private var log = LeaseLog()
  private(set) var events: [LeaseEvent] = []
  private static let limit = 500
  /// What this program has released, until it is seen to be gone.
  private var own: Set<LeaseID> = []

  /// A change of ours has released these, whether or not their end was seen already.
  mutating func noteOwn(_ ids: some Sequence<LeaseID>) {
    own.formUnion(ids)
    for place in events.indices where events[place].kind == .went {
      guard let id = events[place].lease?.lease.id, own.remove(id) != nil else { continue }
      events[place].cause = .cachescope
    }
  }

  /// `time`: that of the picture, in seconds since the epoch. The first one tells nothing.
  mutating func take(_ leases: JudgedLeases, at time: Int64) {
    let new = log.take(leases, at: time, ownReleases: own).filter { $0.kind != .held }
    own.subtract(new.lazy.filter { $0.kind == .went }.compactMap { $0.lease?.lease.id })
    events += new
    if events.count > Self.limit { events.removeFirst(events.count - Self.limit) }
  }

  /// The newest first.
  func lines(utc: Bool, now: Int64) -> [String] {
    events.reversed().map { event in
      let time = Format.recent(event.time, now: now, utc: utc)
      // The full name of a lease stands in the list; here it would push the reason out of the line.
      let pid = event.lease.map { "pid \($0.lease.id.holderPID.map(String.init) ?? "-")" }
      let words = event.words
      return "\(time)  \(event.word.text)  \(pid ?? event.subject)"
        + (words.isEmpty ? "" : "  \(words)")
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
        title: "Leases that came and went", lines: shown.isEmpty ? [none] : shown + rest,
        at: house.clock))
  }
}
