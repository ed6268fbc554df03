/// The text of one table cell before it is cut to its column; already safe for a terminal.
package struct CellText: Hashable, Sendable {
  package var text: String
  package var role: Role

  package init(_ text: String, _ role: Role = .text) {
    self.text = text
    self.role = role
  }
}

/// A column of a table over rows of one type.
package struct Column<Row>: Sendable {
  package enum Alignment: Sendable { case left, right }

  /// Stable: used for sorting, in commands and in saved state.
  package let id: String
  package let title: String
  /// The narrowest and the widest useful width, in cells.
  package let width: ClosedRange<Int>
  /// 0 stays; of the others the highest goes first where the screen is narrow.
  package let dropOrder: Int
  package let alignment: Alignment
  package let cut: TextCut.Place
  package let cell: @Sendable (Row, Glyphs) -> CellText

  package init(
    _ id: String, _ title: String, width: ClosedRange<Int>, dropOrder: Int = 0,
    alignment: Alignment = .left, cut: TextCut.Place = .end,
    cell: @escaping @Sendable (Row, Glyphs) -> CellText
  ) {
    self.id = id
    self.title = title
    self.width = width
    self.dropOrder = dropOrder
    self.alignment = alignment
    self.cut = cut
    self.cell = cell
  }
}

/// Where the columns of a table stand at some width.
package struct ColumnLayout: Hashable, Sendable {
  package struct Place: Hashable, Sendable {
    /// The column's index in the table's list.
    package var index: Int
    package var x: Int
    package var width: Int
  }

  package var places: [Place]

  /// Drops what does not fit, then gives the spare cells to the columns that can use them.
  /// `keeping`: the id of a column that is not dropped, since the list is sorted by it.
  package static func fit<Row>(
    _ columns: [Column<Row>], keeping sorted: String? = nil, into width: Int, gap: Int = 1
  ) -> Self {
    var kept = Array(columns.indices)
    func needed() -> Int {
      kept.reduce(0) { $0 + columns[$1].width.lowerBound } + gap * max(0, kept.count - 1)
    }
    while needed() > width,
      let victim = kept.filter({ columns[$0].dropOrder > 0 && columns[$0].id != sorted })
        .max(by: { columns[$0].dropOrder < columns[$1].dropOrder })
    {
      kept.removeAll { $0 == victim }
    }
    let widths = share(width - needed(), among: kept.map { columns[$0].width })
    var x = 0
    var places: [Place] = []
    for (index, cells) in zip(kept, widths) {
      let cells = min(cells, max(0, width - x))
      places.append(Place(index: index, x: x, width: cells))
      x += cells + gap
    }
    return ColumnLayout(places: places)
  }

  private static func share(_ spare: Int, among ranges: [ClosedRange<Int>]) -> [Int] {
    var widths = ranges.map(\.lowerBound)
    var spare = spare
    while spare > 0 {
      let open = widths.indices.filter { widths[$0] < ranges[$0].upperBound }
      if open.isEmpty { break }
      let each = max(1, spare / open.count)
      for index in open where spare > 0 {
        let more = min(each, ranges[index].upperBound - widths[index], spare)
        widths[index] += more
        spare -= more
      }
    }
    return widths
  }
}

/// The column and the direction by which a table is sorted.
package struct SortOrder: Hashable, Sendable {
  package var column: String
  package var isDescending: Bool

  package init(_ column: String, descending: Bool = false) {
    self.column = column
    self.isDescending = descending
  }
}
