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

extension EntriesRoom {
  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let filter = EntryFilter(text)
    if let known = matches, known.filter == filter, let ids = known.ids {
      jump(step, filter.text, in: &house) { ids.contains($0) }
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
    jump(asked.step, filter.text, in: &house) { ids.contains($0) }
  }
}
