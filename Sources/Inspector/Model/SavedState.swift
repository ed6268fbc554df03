internal import CacheKit
package import TUI

/// What is kept from one run to the next: the sort order of each list, and what was typed.
///
/// Written as lines, `sort leases age descending` and `history leases verdict:dead`; a line that is
/// not understood is left out, so an older or newer version's file does no harm.
package struct SavedState: Sendable, Hashable {
  package var orders: [Tab: SortOrder] = [:]
  /// The oldest first.
  package var history: [Tab: [String]] = [:]

  package static let historyLimit = 50

  package init() {}

  package init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) { take(line) }
  }

  private mutating func take(_ line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let tab = Tab.allCases.first(where: { $0.stateName == parts[1] }) else {
      return
    }
    switch parts[0] {
    case "sort":
      let words = parts[2].split(separator: " ")
      guard words.count == 2, words[1] == "ascending" || words[1] == "descending" else { return }
      orders[tab] = SortOrder(String(words[0]), descending: words[1] == "descending")
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
        "sort \(tab.stateName) \($0.column) \($0.isDescending ? "descending" : "ascending")"
      }
    }
    let typed = Tab.allCases.flatMap { tab in
      history[tab, default: []].map { "history \(tab.stateName) \($0)" }
    }
    return (["# what cachescope's inspector keeps between runs"] + sorts + typed)
      .map { $0 + "\n" }.joined()
  }

  /// What another run left, with what this one changed since its start.
  package func applied(over other: SavedState, since start: SavedState) -> SavedState {
    var result = other
    for (tab, order) in orders where order != start.orders[tab] { result.orders[tab] = order }
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

extension Tab {
  fileprivate var stateName: String { title.lowercased() }
}

extension Inspector {
  /// Begins where the last run ended; a column that is not known any more leaves the usual order.
  mutating func restore(_ state: SavedState) {
    filterHistory = state.history
    for (tab, order) in state.orders {
      self.tab = tab
      guard sorting.columns.contains(where: { $0.id == order.column }) else { continue }
      switch tab {
      case .entries:
        guard let column = EntryColumn(rawValue: order.column) else { continue }
        entries.query.sort = column
        entries.query.isDescending = order.isDescending
      case .leases: leases.order = order
      case .links: links.order = order
      case .overview, .migrations: break
      }
    }
    tab = .overview
  }

  /// What the next run begins with.
  package var savedState: SavedState {
    var state = SavedState()
    state.orders = [
      .entries: SortOrder(entries.query.sort.rawValue, descending: entries.query.isDescending),
      .leases: leases.order, .links: links.order,
    ]
    for (tab, typed) in filterHistory { for text in typed { state.add(text, on: tab) } }
    return state
  }
}
