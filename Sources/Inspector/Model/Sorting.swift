internal import CacheKit
internal import TUI

extension Inspector {
  /// The columns that the screen can be sorted by, and the order in use.
  var sorting: (columns: [(id: String, title: String)], order: SortOrder) {
    switch tab {
    case .leases:
      return (LeaseColumns.all.map { ($0.id, $0.title) }, leases.order)
    case .links:
      return (LinkColumns.all.map { ($0.id, $0.title) }, links.order)
    default:
      let order = SortOrder(entries.query.sort.rawValue, descending: entries.query.isDescending)
      return (EntryColumns.sortable.map { ($0.id, $0.title) }, order)
    }
  }

  /// Sorts by a column; by the same once more turns the order around.
  mutating func sort(by column: String) -> Effect<Work> {
    let order = sorting.order
    if order.column == column {
      return setOrder(SortOrder(column, descending: !order.isDescending))
    }
    return setOrder(SortOrder(column, descending: Self.descendsFirst(column)))
  }

  /// Columns where the most is what people look for; those of entries as the command line has them.
  private static func descendsFirst(_ column: String) -> Bool {
    EntryColumn(rawValue: column)?.descendsFirst
      ?? ["ref", "blocks", "age", "acquired"].contains(column)
  }

  private mutating func setOrder(_ order: SortOrder) -> Effect<Work> {
    if tab == .links {
      links.order = order
      links.rearrange()
      return .none
    }
    guard tab == .entries else {
      leases.order = order
      leases.rearrange()
      return .none
    }
    return setQuery { query in
      query.sort = EntryColumn(rawValue: order.column) ?? query.sort
      query.isDescending = order.isDescending
    }
  }

  mutating func reverseSort() -> Effect<Work> {
    let order = sorting.order
    return setOrder(SortOrder(order.column, descending: !order.isDescending))
  }

  mutating func moveSort(_ step: Int) -> Effect<Work> {
    let (columns, order) = sorting
    guard !columns.isEmpty else { return .none }
    let place = columns.firstIndex { $0.id == order.column } ?? 0
    return sort(by: columns[(place + step + columns.count) % columns.count].id)
  }

  mutating func openSortMenu() {
    let (columns, order) = sorting
    let letters = Array("abcdefghijklmnop")
    let items = zip(letters, columns).map { letter, column in
      let arrow = order.isDescending ? glyphs.down : glyphs.up
      let mark = column.id == order.column ? " \(arrow)" : ""
      return Menu.Item(
        key: letter, words: column.title + mark, obstacle: nil, choice: .sort(column.id))
    }
    overlay = .menu(Menu(title: "Sort by", items: items))
  }
}
