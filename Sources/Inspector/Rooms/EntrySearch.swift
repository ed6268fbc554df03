internal import CacheKit
internal import TUI

/// The entries that match a filter, kept so that only the first `n` has to ask the index.
struct EntryMatches: Sendable {
  var filter: EntryFilter
  /// `nil` while a worker looks.
  var ids: Set<Int64>?
  /// Where the key wants to go once the answer is there.
  var step: Int
}

/// A list that is searched by what the index says of its entries: most rows are not in memory.
protocol EntrySearch: RoomView {
  var matches: EntryMatches? { get set }
  /// Goes to the next row of these entries.
  mutating func jump(
    _ step: Int, _ text: String, among ids: Set<Int64>, in house: inout House)
}

extension EntrySearch where Self: Room {
  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let filter = EntryFilter(text)
    if let known = matches, known.filter == filter, let ids = known.ids {
      jump(step, text, among: ids, in: &house)
      return .none
    }
    matches = EntryMatches(filter: filter, ids: nil, step: step)
    return house.start(.entries(.matches(filter)))
  }

  mutating func takeMatches(_ filter: EntryFilter, _ ids: Set<Int64>, in house: inout House) {
    guard let asked = matches, asked.filter == filter else { return }
    matches?.ids = ids
    let isOpen = house.overlay == nil || house.overlay is SearchLine
    guard Self.isShown(in: house), isOpen else { return }
    jump(asked.step, filter.text, among: ids, in: &house)
  }
}

extension EntriesRoom: EntrySearch {
  mutating func jump(
    _ step: Int, _ text: String, among ids: Set<Int64>, in house: inout House
  ) {
    jump(step, text, in: &house) { ids.contains($0) }
  }
}

extension GCRoom: EntrySearch {
  /// A row matches by its entry, or by what its cells say: an action, or why it stays.
  mutating func jump(
    _ step: Int, _ text: String, among ids: Set<Int64>, in house: inout House
  ) {
    let (search, room, view, now) = (TextSearch(text), self, tableView(in: house), house)
    jump(step, text, in: &house) { row in
      guard let id = row.entryID else { return false }
      return ids.contains(id) || search.matches(room.visibleText(row, view, in: now))
    }
  }
}
