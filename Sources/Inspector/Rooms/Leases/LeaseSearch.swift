internal import CacheKit
internal import TUI

/// The leases of a long list that match what is looked for, kept so that only the first key asks a worker.
struct LeaseMatches: Sendable {
  var wanted: LeaseArrangement
  /// `nil` while a worker looks.
  var ids: Set<LeaseRow.ID>?
  /// Where the key wants to go once the answer is there.
  var step: Int
}

extension LeasesRoom {
  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    guard let snapshot else { return .none }
    let filter = LeaseFilter(text)
    guard snapshot.rows.count >= Self.longList else {
      let room = self
      jump(step, text, in: &house) { id in
        room.row(id).map { filter.matches($0, now: snapshot.takenAt) } ?? false
      }
      return .none
    }
    if let known = matches, known.wanted.filter == filter, known.wanted.number == arrangement,
      let ids = known.ids
    {
      jump(step, text, in: &house) { ids.contains($0) }
      return .none
    }
    let wanted = LeaseArrangement(
      number: arrangement, snapshot: snapshot, gone: [], order: SortOrder("verdict"),
      filter: filter, ranks: [:])
    matches = LeaseMatches(wanted: wanted, step: step)
    return house.start(.leases(.find(text, wanted)))
  }

  mutating func takeMatches(
    _ text: String, _ done: LeaseArrangement, _ ids: Set<LeaseRow.ID>, in house: inout House
  ) {
    guard let asked = matches, asked.wanted.filter.text == text, asked.wanted == done else {
      return
    }
    matches?.ids = ids
    let isOpen = house.overlay == nil || house.overlay is SearchLine
    guard Self.isShown(in: house), isOpen else { return }
    jump(asked.step, text, in: &house) { ids.contains($0) }
  }
}
