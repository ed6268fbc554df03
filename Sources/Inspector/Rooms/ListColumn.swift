internal import TUI

/// A column of a list that the screen sorts itself: how it looks, and what its rows are sorted by.
struct ListColumn<Cells, Row, Key: Comparable>: Sendable {
  let look: Column<Cells>
  /// True where the most is what people look for.
  let descendsFirst: Bool
  let key: @Sendable (Row) -> Key

  init(
    _ look: Column<Cells>, descendsFirst: Bool = false, key: @escaping @Sendable (Row) -> Key
  ) {
    self.look = look
    self.descendsFirst = descendsFirst
    self.key = key
  }
}

extension [ColumnItem] {
  init<Cells, Row, Key>(_ columns: [ListColumn<Cells, Row, Key>]) {
    self = columns.map { ColumnItem(id: $0.look.id, title: $0.look.title) }
  }
}

extension Sorting {
  init<Cells, Row, Key>(_ columns: [ListColumn<Cells, Row, Key>], _ order: SortOrder) {
    self.init(
      columns: columns.map { ($0.look.id, $0.look.title) }, order: order,
      descendingFirst: Set(columns.filter(\.descendsFirst).map(\.look.id)))
  }
}
