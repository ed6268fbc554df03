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

extension Inspector {
  /// The filter in use, or the last one that was.
  var searchText: String? {
    if !filterText.isEmpty { return filterText }
    return lastFilter[tab] ?? filterHistory[tab]?.last
  }

  /// `n` and `N`: the next row that matches the filter, from the other end where there is none.
  mutating func find(_ step: Int) -> Effect<Work> {
    guard let text = searchText else {
      say("nothing to look for: / sets a filter")
      return .none
    }
    switch tab {
    case .leases:
      let filter = LeaseFilter(text)
      let now = leases.snapshot?.takenAt ?? 0
      let ids = leases.table.ids
      jump(step, text) { inspector, index in
        inspector.leases.row(ids[index]).map { filter.matches($0, now: now) } ?? false
      }
    case .links:
      let filter = LinkFilter(text)
      let ids = links.table.ids
      jump(step, text) { $0.links.row(ids[$1]).map { filter.matches($0) } ?? false }
    case .entries: return findEntry(step, EntryFilter(text))
    case .overview, .migrations: break
    }
    return .none
  }

  private mutating func findEntry(_ step: Int, _ filter: EntryFilter) -> Effect<Work> {
    if let known = entries.matches, known.filter == filter, let ids = known.ids {
      jump(step, filter.text) { ids.contains($0.entries.table.ids[$1]) }
      return .none
    }
    entries.matches = EntryMatches(filter: filter, ids: nil, step: step)
    return start(.entryMatches(filter))
  }

  mutating func takeMatches(_ filter: EntryFilter, _ ids: Set<Int64>) {
    faults[Work.entryMatches(filter).job] = nil
    guard let asked = entries.matches, asked.filter == filter else { return }
    entries.matches?.ids = ids
    guard tab == .entries, overlay == nil else { return }
    jump(asked.step, filter.text) { ids.contains($0.entries.table.ids[$1]) }
  }

  /// Moves to the next row that matches, and says where it went round or found nothing.
  private mutating func jump(
    _ step: Int, _ text: String, matches: (Inspector, Int) -> Bool
  ) {
    let count = currentTable.count
    let start = currentTable.cursor
    let shown = Format.text(text)
    for distance in 1..<max(1, count) {
      let place = start + step * distance
      let row = (place % count + count) % count
      guard matches(self, row) else { continue }
      withTable { $0.move(to: row) }
      if place != row {
        say(step > 0 ? "past the end: on from the top" : "past the top: on from the end")
      }
      return
    }
    let isHere = count > 0 && matches(self, start)
    say(isHere ? "no other row matches '\(shown)'" : "no row matches '\(shown)'")
  }
}
