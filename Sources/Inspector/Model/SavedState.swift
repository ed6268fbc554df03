internal import CacheKit
package import TUI

/// What is kept from one run to the next: the screen, the row and the size of the details, order and
/// columns of each list, and what was typed.
///
/// Written as lines: `sort leases age descending`, `columns leases verdict -user`, and
/// `history leases verdict:dead`. A line that is
/// not understood is left out, so an older or newer version's file does no harm.
package struct SavedState: Sendable, Hashable {
  package var tab: Tab?
  package var pane: Pane?
  package var orders: [Tab: SortOrder] = [:]
  package var columns: [Tab: ColumnChoice] = [:]
  /// The oldest first.
  package var history: [Tab: [String]] = [:]
  /// The cache that the rows are of.
  package var cache: String?
  /// By the names that `RoomList.rowName` gives.
  package var rows: [Tab: String] = [:]

  /// The size of the details.
  package struct Pane: Sendable, Hashable {
    package var isShown = true
    package var growth = 0
  }

  package static let historyLimit = 50

  package init() {}

  package init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) { take(line) }
  }

  // MARK: Lines
  private mutating func take(_ line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    switch parts[0] {
    case "tab": tab = Tab.allCases.first { $0.word == parts[1] }
    case "pane": pane = Self.pane(parts[1])
    case "cache": cache = String(parts[1])
    default: take(parts[0], parts[1])
    }
  }

  /// What belongs to one screen.
  private mutating func take(_ word: Substring, _ rest: Substring) {
    let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let tab = Tab.allCases.first(where: { $0.word == parts[0] }) else {
      return
    }
    switch word {
    case "sort":
      let words = parts[1].split(separator: " ")
      guard words.count == 2, words[1] == "ascending" || words[1] == "descending" else { return }
      orders[tab] = SortOrder(String(words[0]), descending: words[1] == "descending")
    case "columns": columns[tab] = ColumnChoice(words: parts[1]) ?? columns[tab]
    case "history": add(String(parts[1].prefix(1000)), on: tab)
    case "row": rows[tab] = String(parts[1].prefix(4096))
    default: break
    }
  }

  private static func pane(_ text: Substring) -> Pane? {
    let words = text.split(separator: " ")
    guard words.count == 2, words[0] == "shown" || words[0] == "hidden", let growth = Int(words[1]),
      growth.magnitude <= 1000
    else { return nil }
    return Pane(isShown: words[0] == "shown", growth: growth)
  }

  package mutating func add(_ typed: String, on tab: Tab) {
    guard !typed.isEmpty, !typed.contains(where: \.isNewline) else { return }
    let others = history[tab, default: []].filter { $0 != typed }
    history[tab] = Array((others + [typed]).suffix(Self.historyLimit))
  }

  package var text: String {
    var lines = ["# what cachescope's inspector keeps between runs"]
    if let tab { lines.append("tab \(tab.word)") }
    if let pane { lines.append("pane \(pane.isShown ? "shown" : "hidden") \(pane.growth)") }
    lines += Tab.allCases.compactMap { tab in
      orders[tab].map {
        "sort \(tab.word) \($0.column) \($0.isDescending ? "descending" : "ascending")"
      }
    }
    lines += Tab.allCases.compactMap { tab in
      columns[tab].flatMap { $0.words.isEmpty ? nil : "columns \(tab.word) \($0.words)" }
    }
    lines += Tab.allCases.flatMap { tab in
      history[tab, default: []].map { "history \(tab.word) \($0)" }
    }
    // A name of two lines would be read as something else.
    if let cache, !cache.contains(where: \.isNewline) {
      lines.append("cache \(cache)")
      let names = rows.filter { !$0.value.contains(where: \.isNewline) }
      lines += Tab.allCases.compactMap { tab in names[tab].map { "row \(tab.word) \($0)" } }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: Two runs
  /// What another run left, with what this one changed since its start.
  package func applied(over other: SavedState, since start: SavedState) -> SavedState {
    var result = other
    if tab != start.tab { result.tab = tab }
    if pane != start.pane { result.pane = pane }
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
    let moved = rows.filter { $0.value != start.rows[$0.key] }
    if !moved.isEmpty {
      if result.cache != cache { result.rows = [:] }
      result.cache = cache
      result.rows.merge(moved) { $1 }
    }
    return result
  }
}

extension Inspector {
  /// Begins where the last run ended; what is not known any more leaves the usual.
  mutating func restore(_ state: SavedState) {
    house.filterHistory = state.history
    if let pane = state.pane {
      house.pane.isShown = pane.isShown
      house.pane.growth = pane.growth
    }
    let rows = state.cache != nil && state.cache == house.settings.cacheName ? state.rows : [:]
    for tab in Tab.allCases {
      house.tab = tab
      withRoom { room, _ in
        let known = room.sorting.map { $0.columns + $0.others } ?? []
        if let order = state.orders[tab], known.contains(where: { $0.id == order.column }) {
          room.restore(order)
        }
        if let choice = state.columns[tab] { room.columns = choice }
        if let name = rows[tab] { room.awaitRow(name) }
      }
    }
    house.tab = state.tab ?? .overview
  }

  /// What the next run begins with.
  package var savedState: SavedState {
    var state = SavedState()
    state.tab = house.tab
    state.pane = SavedState.Pane(isShown: house.pane.isShown, growth: house.pane.growth)
    state.cache = house.settings.cacheName
    for (tab, room) in zip(Tab.allCases, rooms) {
      state.orders[tab] = room.sorting?.order
      if !room.columns.isUsual { state.columns[tab] = room.columns }
      if state.cache != nil { state.rows[tab] = room.keptRow }
    }
    for (tab, typed) in house.filterHistory { for text in typed { state.add(text, on: tab) } }
    return state
  }
}
