internal import CacheKit
package import TUI

/// What is kept from one run to the next: order and columns of each list, and what was typed.
///
/// Written as lines: `sort leases age descending`, `columns leases verdict -user`, and
/// `history leases verdict:dead`. A line that is
/// not understood is left out, so an older or newer version's file does no harm.
package struct SavedState: Sendable, Hashable {
  package var orders: [Tab: SortOrder] = [:]
  package var columns: [Tab: ColumnChoice] = [:]
  /// The oldest first.
  package var history: [Tab: [String]] = [:]

  package static let historyLimit = 50

  package init() {}

  package init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) { take(line) }
  }

  private mutating func take(_ line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let tab = Tab.allCases.first(where: { $0.word == parts[1] }) else {
      return
    }
    switch parts[0] {
    case "sort":
      let words = parts[2].split(separator: " ")
      guard words.count == 2, words[1] == "ascending" || words[1] == "descending" else { return }
      orders[tab] = SortOrder(String(words[0]), descending: words[1] == "descending")
    case "columns": columns[tab] = ColumnChoice(words: parts[2]) ?? columns[tab]
    case "history": add(String(parts[2].prefix(1000)), on: tab)
    default: break
    }
  }

  package mutating func add(_ typed: String, on tab: Tab) {
    guard !typed.isEmpty, !typed.contains(where: \.isNewline) else { return }
    let others = history[tab, default: []].filter { $0 != typed }
    history[tab] = Array((others + [typed]).suffix(Self.historyLimit))
  }

  package var text: String {
    let sorts = Tab.allCases.compactMap { tab in
      orders[tab].map {
        "sort \(tab.word) \($0.column) \($0.isDescending ? "descending" : "ascending")"
      }
    }
    let chosen = Tab.allCases.compactMap { tab in
      columns[tab].flatMap { $0.words.isEmpty ? nil : "columns \(tab.word) \($0.words)" }
    }
    let typed = Tab.allCases.flatMap { tab in
      history[tab, default: []].map { "history \(tab.word) \($0)" }
    }
    return (["# what cachescope's inspector keeps between runs"] + sorts + chosen + typed)
      .map { $0 + "\n" }.joined()
  }

  /// What another run left, with what this one changed since its start.
  package func applied(over other: SavedState, since start: SavedState) -> SavedState {
    var result = other
    for (tab, order) in orders where order != start.orders[tab] { result.orders[tab] = order }
    for tab in Tab.allCases where columns[tab] != start.columns[tab] {
      result.columns[tab] = columns[tab]
    }
    for (tab, typed) in history {
      let known = start.history[tab, default: []]
      // What was known and is the last one now was typed once more.
      for text in typed where !known.contains(text) || (typed.last == text && known.last != text) {
        result.add(text, on: tab)
      }
    }
    return result
  }
}

extension Inspector {
  /// Begins where the last run ended; a column that is not known any more leaves the usual order.
  mutating func restore(_ state: SavedState) {
    house.filterHistory = state.history
    for (tab, order) in state.orders {
      house.tab = tab
      withRoom { room, _ in
        let known = room.sorting.map { $0.columns + $0.others } ?? []
        if known.contains(where: { $0.id == order.column }) { room.restore(order) }
      }
    }
    for (tab, choice) in state.columns {
      house.tab = tab
      withRoom { room, _ in room.columns = choice }
    }
    house.tab = .overview
  }

  /// What the next run begins with.
  package var savedState: SavedState {
    var state = SavedState()
    for (tab, room) in zip(Tab.allCases, rooms) { state.orders[tab] = room.sorting?.order }
    for (tab, room) in zip(Tab.allCases, rooms) where !room.columns.isUsual {
      state.columns[tab] = room.columns
    }
    for (tab, typed) in house.filterHistory { for text in typed { state.add(text, on: tab) } }
    return state
  }
}
