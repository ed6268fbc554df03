internal import TUI

extension Inspector {
  /// Sorts by a column; by the same once more turns the order around.
  mutating func sort(by column: String) -> Effect<Work> {
    guard let sorting = room.sorting else { return .none }
    let isDescending =
      sorting.order.column == column
      ? !sorting.order.isDescending : sorting.descendingFirst.contains(column)
    return setOrder(SortOrder(column, descending: isDescending))
  }

  mutating func reverseSort() -> Effect<Work> {
    guard let order = room.sorting?.order else { return .none }
    return setOrder(SortOrder(order.column, descending: !order.isDescending))
  }

  mutating func moveSort(_ step: Int) -> Effect<Work> {
    guard let sorting = room.sorting, !sorting.columns.isEmpty else { return .none }
    let columns = sorting.columns
    let place = columns.firstIndex { $0.id == sorting.order.column } ?? 0
    return sort(by: columns[(place + step + columns.count) % columns.count].id)
  }

  mutating func openSortMenu() {
    guard let sorting = room.sorting else { return }
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let items = zip(letters, sorting.columns + sorting.others).map { letter, column in
      let arrow = sorting.order.isDescending ? glyphs.down : glyphs.up
      let mark = column.id == sorting.order.column ? " \(arrow)" : ""
      return Menu.Item(
        key: letter, words: column.title + mark, obstacle: nil, choice: .sort(column.id))
    }
    house.overlay = Menu(title: "Sort by", items: items)
  }

  private mutating func setOrder(_ order: SortOrder) -> Effect<Work> {
    withRoom { $0.setOrder(order, in: &$1) }
  }
}

extension House {
  /// `sort age▼`, for the status line.
  func words(_ sorting: Sorting) -> String {
    let order = sorting.order
    let title = (sorting.columns + sorting.others).first { $0.id == order.column }?.title
      .lowercased()
    return "sort \(title ?? order.column)\(order.isDescending ? glyphs.down : glyphs.up)"
  }
}
