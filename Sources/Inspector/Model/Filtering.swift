internal import CacheKit
internal import TUI

/// The filter line while it is typed.
struct FilterState: Sendable {
  var field: TextField
  /// What Esc goes back to.
  var before: String
}

extension Inspector {
  /// The filter of the screen that is shown; empty where it has none.
  var filterText: String {
    switch tab {
    case .entries: entries.query.filter.text
    case .leases: leases.filter.text
    case .links: links.filter.text
    default: ""
    }
  }

  /// What is wrong with the filter of the screen that is shown: it matches nothing; or `nil`.
  var filterProblem: String? {
    switch tab {
    case .entries: entries.query.filter.problem
    case .leases: leases.filter.problem
    case .links: links.filter.problem
    default: nil
    }
  }

  mutating func openFilter() {
    let field = TextField(filterText, history: filterHistory[tab] ?? [])
    overlay = .filter(FilterState(field: field, before: filterText))
  }

  /// Sets the filter of the screen that is shown; the cursor stays on its thing.
  mutating func setFilter(_ text: String) -> Effect<Work> {
    switch tab {
    case .entries:
      return setQuery { $0.filter = EntryFilter(text) }
    case .leases:
      leases.filter = LeaseFilter(text)
      leases.rearrange()
    case .links:
      links.filter = LinkFilter(text)
      links.rearrange()
    default: break
    }
    return .none
  }

  /// Shows all rows again; `n` and `N` still know what was looked for.
  mutating func clearFilter() -> Effect<Work> {
    lastFilter[tab] = filterText
    return setFilter("")
  }

  mutating func setQuery(_ change: (inout EntryQuery) -> Void) -> Effect<Work> {
    var query = entries.query
    change(&query)
    guard query != entries.query else { return .none }
    entries.wanted = entries.wanted ?? entries.table.selected
    let isFilterOnly =
      query.sort == entries.query.sort
      && query.isDescending == entries.query.isDescending
    entries.query = query
    entries.isComplete = false
    if entries.isGrouped, isFilterOnly { return start(.entryGroups(query.filter)) }
    entries.isGrouped = false
    entries.headings = [:]
    running[Work.entryIDs(query).job] = nil
    stale.remove(Work.entryIDs(query).job)
    return .cancel(Work.entryIDs(query).job) + loadEntries()
  }

  mutating func press(_ key: Key, _ state: FilterState) -> Effect<Work> {
    var state = state
    switch key {
    case .enter:
      overlay = nil
      remember(state.field.text.isEmpty ? state.before : state.field.text)
      return .none
    case .escape, .control("c"):
      overlay = nil
      return setFilter(state.before)
    default:
      guard state.field.handle(key) else { return .none }
      overlay = .filter(state)
      return setFilter(state.field.text)
    }
  }

  mutating func remember(_ text: String) {
    guard !text.isEmpty else { return }
    lastFilter[tab] = text
    guard filterHistory[tab]?.last != text else { return }
    filterHistory[tab, default: []].append(text)
  }

  mutating func toggleProblems() -> Effect<Work> {
    filterText == "problem" ? clearFilter() : setFilter("problem")
  }
}
