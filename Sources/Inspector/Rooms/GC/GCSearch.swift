internal import CacheKit
internal import TUI

// The names of a plan's rows are read window by window, so the index is asked which entries match.
extension GCRoom {
  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let filter = EntryFilter(text)
    if let known = matches, known.filter == filter, let ids = known.ids {
      go(step, text, ids, in: &house)
      return .none
    }
    matches = EntryMatches(filter: filter, ids: nil, step: step)
    return house.start(.collection(.matches(filter)))
  }

  mutating func take(_ filter: EntryFilter, _ ids: Set<Int64>, in house: inout House) {
    guard let asked = matches, asked.filter == filter else { return }
    matches?.ids = ids
    let isOpen = house.overlay == nil || house.overlay is SearchLine
    guard Self.isShown(in: house), isOpen else { return }
    go(asked.step, filter.text, ids, in: &house)
  }

  /// A row matches by its entry, or by what its cells say: an action, or why it stays.
  private mutating func go(_ step: Int, _ text: String, _ ids: Set<Int64>, in house: inout House) {
    let (search, room, view, now) = (TextSearch(text), self, tableView(in: house), house)
    jump(step, text, in: &house) { row in
      guard let id = row.entryID else { return false }
      return ids.contains(id) || search.matches(room.visibleText(row, view, in: now))
    }
  }
}
