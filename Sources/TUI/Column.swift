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
  /// Of the columns that could be wider those with the lowest number become so first.
  package let growOrder: Int
  package let cell: @Sendable (Row, Glyphs) -> CellText

  package init(
    _ id: String, _ title: String, width: ClosedRange<Int>, dropOrder: Int = 0,
    alignment: Alignment = .left, cut: TextCut.Place = .end, growOrder: Int = 1,
    cell: @escaping @Sendable (Row, Glyphs) -> CellText
  ) {
    self.id = id
    self.title = title
    self.width = width
    self.dropOrder = dropOrder
    self.alignment = alignment
    self.cut = cut
    self.growOrder = growOrder
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
  /// `keeping`: ids of columns that are not dropped: the list is sorted by them, or somebody asked for them.
  /// `needs`: by index the cells that the rows in sight fill; what one column leaves empty another gets
  /// whose words would be cut.
  package static func fit<Row>(
    _ columns: [Column<Row>], keeping asked: Set<String> = [], needs: [Int: Int] = [:],
    into width: Int, gap: Int = 1
  ) -> Self {
    var kept = Array(columns.indices)
    func needed() -> Int {
      kept.reduce(0) { $0 + columns[$1].width.lowerBound } + gap * max(0, kept.count - 1)
    }
    while needed() > width,
      let victim = kept.filter({ columns[$0].dropOrder > 0 && !asked.contains(columns[$0].id) })
        .max(by: { columns[$0].dropOrder < columns[$1].dropOrder })
    {
      kept.removeAll { $0 == victim }
    }
    var widths = share(width - needed(), among: kept.map { columns[$0] })
    lend(&widths, by: kept.map { columns[$0].growOrder }, needs: kept.map { needs[$0] })
    return place(columns, kept, widths, gap, width)
  }

  /// Moves cells from columns that do not fill theirs to those whose words are cut, the first to grow first.
  private static func lend(_ widths: inout [Int], by growOrder: [Int], needs: [Int?]) {
    func missing(_ index: Int) -> Int { max(0, (needs[index] ?? 0) - widths[index]) }
    func spare(_ index: Int) -> Int { max(0, widths[index] - (needs[index] ?? widths[index])) }
    let cut = widths.indices.filter { missing($0) > 0 }
      .sorted { (growOrder[$0], $0) < (growOrder[$1], $1) }
    for index in cut {
      while missing(index) > 0,
        let lender = widths.indices.max(by: { spare($0) < spare($1) }), spare(lender) > 0
      {
        let cells = min(missing(index), spare(lender))
        widths[lender] -= cells
        widths[index] += cells
      }
    }
  }

  /// All columns as wide as they can be used, whether a screen has room for them or not.
  package static func whole<Row>(_ columns: [Column<Row>], gap: Int = 1) -> Self {
    place(columns, Array(columns.indices), columns.map(\.width.upperBound), gap, .max)
  }

  private static func place<Row>(
    _ columns: [Column<Row>], _ kept: [Int], _ widths: [Int], _ gap: Int, _ width: Int
  ) -> Self {
    var x = 0
    var places: [Place] = []
    for (index, cells) in zip(kept, widths) {
      let cells = min(cells, max(0, width - x))
      places.append(Place(index: index, x: x, width: cells))
      x += cells + gap
    }
    return ColumnLayout(places: places)
  }

  private static func share<Row>(_ spare: Int, among columns: [Column<Row>]) -> [Int] {
    let ranges = columns.map(\.width)
    var widths = ranges.map(\.lowerBound)
    var spare = spare
    while spare > 0 {
      let all = widths.indices.filter { widths[$0] < ranges[$0].upperBound }
      guard let first = all.map({ columns[$0].growOrder }).min() else { break }
      let open = all.filter { columns[$0].growOrder == first }
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
