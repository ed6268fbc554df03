/// What sets single rows of a table apart.
package struct RowMarking<ID> {
  /// A sign in column 0 of a row that is neither marked nor selected.
  package var sign: (ID) -> String?
  /// True for a row that is about to go.
  package var isFaded: (ID) -> Bool
  /// The words of a row that is a heading instead of a thing.
  package var heading: (ID) -> String?

  package init(
    sign: @escaping (ID) -> String? = { _ in nil },
    isFaded: @escaping (ID) -> Bool = { _ in false },
    heading: @escaping (ID) -> String? = { _ in nil }
  ) {
    self.sign = sign
    self.isFaded = isFaded
    self.heading = heading
  }
}

/// Draws a table: a header row, then the window of the list.
package struct TableView<Row> {
  package var columns: [Column<Row>]
  package var sort: SortOrder?
  /// True where all columns stand at their full width, and the whole table is scrolled.
  package var isWide: Bool
  /// Columns that are shown on the narrowest screen, too.
  package var kept: Set<String>
  /// By column what the rows in sight fill; empty where nobody measured them.
  private var needs: [Int: Int] = [:]

  package init(
    columns: [Column<Row>], sort: SortOrder?, isWide: Bool = false, keeping kept: Set<String> = []
  ) {
    self.columns = columns
    self.sort = sort
    self.kept = kept.union(sort.map { [$0.column] } ?? [])
    self.isWide = isWide
  }

  /// The same table with its columns fitted to these rows, the ones in sight.
  package func measured(for rows: [Row], glyphs: Glyphs) -> Self {
    guard !isWide else { return self }
    var view = self
    for (index, column) in columns.enumerated() where column.width.count > 1 {
      let title = Width.of(column.title) + (sort?.column == column.id ? 1 : 0)
      view.needs[index] = rows.reduce(title) { most, row in
        max(most, Width.of(column.cell(row, glyphs).text))
      }
    }
    return view
  }

  /// Column 0 of a row is its marker, so the cells begin one to the right.
  package func layout(width: Int) -> ColumnLayout {
    var layout =
      isWide
      ? ColumnLayout.whole(columns)
      : ColumnLayout.fit(columns, keeping: kept, needs: needs, into: width - 1)
    for index in layout.places.indices { layout.places[index].x += 1 }
    return layout
  }

  /// The column whose header or cells lie under a cell of the screen.
  package func column(at x: Int, in rect: Rect, scroll: Int = 0) -> Column<Row>? {
    let place = places(in: rect, scroll).last { rect.x + $0.x <= x }
    return place.map { columns[$0.index] }
  }

  /// The columns that are seen; one that begins left of the screen lies partly behind its edge.
  private func places(in rect: Rect, _ scroll: Int) -> [ColumnLayout.Place] {
    let places = layout(width: rect.width).places
    guard isWide else { return places }
    return places.compactMap { place in
      var moved = place
      moved.x -= scroll
      moved.width = min(place.width, rect.width - moved.x)
      return moved.x + place.width > 1 && moved.width > 0 ? moved : nil
    }
  }

  package func drawHeader(in rect: Rect, scroll: Int = 0, frame: inout Frame) {
    for place in places(in: rect, scroll) {
      let column = columns[place.index]
      var title = column.title
      if let sort, sort.column == column.id {
        title += sort.isDescending ? frame.glyphs.down : frame.glyphs.up
      }
      let text = fitted(title, place.width, column.alignment, frame.glyphs, .end)
      frame.put(text, x: rect.x + place.x, y: rect.y, width: place.width, style: .strong)
    }
  }

  package func drawRows<ID: Hashable & Sendable>(
    of state: TableState<ID>, in rect: Rect, hasCursor: Bool = true, frame: inout Frame,
    marking: RowMarking<ID> = .init(), row: (ID) -> Row?
  ) {
    let places = places(in: rect, state.scroll)
    let window = state.ids.dropFirst(state.top).prefix(rect.height)
    let cuts = cuts(of: window.compactMap(row), places, frame.glyphs)
    for line in 0..<rect.height {
      let index = state.top + line
      guard index < state.ids.count else { break }
      let id = state.ids[index]
      let isSelected = hasCursor && index == state.cursor
      let isMarked = state.marks.contains(id)
      let y = rect.y + line
      let base = Style(.text, selected: isSelected, marked: isMarked)
      if isSelected { frame.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1), style: base) }
      let glyphs = frame.glyphs
      let marker = isMarked ? glyphs.marked : isSelected ? glyphs.selected : marking.sign(id)
      defer { frame.put(marker ?? " ", x: rect.x, y: y, width: 1, style: base) }
      if isSelected { frame.cursor = Point(x: rect.x, y: y) }
      if let heading = marking.heading(id) {
        let text = TextCut.end(heading, to: rect.width - 1, glyphs: glyphs)
        let style = isSelected ? base : .strong
        frame.put(text, x: rect.x + 1, y: y, width: rect.width - 1, style: style)
        continue
      }
      let place = Point(x: rect.x, y: y)
      let isFaded = marking.isFaded(id)
      draw(
        row(id), places: places, cuts: cuts, at: place, scroll: isWide ? 0 : state.scroll,
        base: base,
        isFaded: isFaded, frame: &frame)
    }
  }

  /// By column the cells of the window that an ordinary cut would make alike.
  private func cuts(
    of rows: [Row], _ places: [ColumnLayout.Place], _ glyphs: Glyphs
  ) -> [Int: [String: String]] {
    var cuts: [Int: [String: String]] = [:]
    for place in places where columns[place.index].cut == .middle {
      let texts = rows.map { columns[place.index].cell($0, glyphs).text }
      cuts[place.index] = TextCut.apart(texts, to: place.width, glyphs: glyphs)
    }
    return cuts
  }

  private func draw(
    _ row: Row?, places: [ColumnLayout.Place], cuts: [Int: [String: String]], at start: Point,
    scroll: Int, base: Style, isFaded: Bool, frame: inout Frame
  ) {
    guard let row else {
      frame.put(frame.glyphs.ellipsis, x: start.x + 1, y: start.y, style: base)
      return
    }
    for place in places where place.width > 0 {
      let column = columns[place.index]
      let cell = column.cell(row, frame.glyphs)
      var style = base
      // The selected row has one look: its words and signs say what the colours said.
      if !base.isSelected { style.role = isFaded ? .dim : cell.role }
      let text =
        scrolled(cell.text, place.width, column, by: scroll, frame.glyphs)
        ?? cuts[place.index]?[cell.text]
        ?? fitted(cell.text, place.width, column.alignment, frame.glyphs, column.cut)
      frame.put(text, x: start.x + place.x, y: start.y, width: place.width, style: style)
    }
  }

  /// How far the longest cell of the window can be scrolled before its end is seen.
  package func scrollLimit<ID: Hashable & Sendable>(
    of state: TableState<ID>, width: Int, glyphs: Glyphs, row: (ID) -> Row?
  ) -> Int {
    let places = layout(width: width).places
    if isWide { return max(0, (places.last.map { $0.x + $0.width } ?? 0) - width) }
    return state.ids[state.window()].compactMap(row).reduce(0) { longest, row in
      places.reduce(longest) { longest, place in
        let column = columns[place.index]
        guard column.alignment == .left else { return longest }
        return max(longest, Width.of(column.cell(row, glyphs).text) - place.width)
      }
    }
  }

  /// The part of a cell that is too long, without a gap; `nil` where all of it fits.
  private func scrolled(
    _ text: String, _ width: Int, _ column: Column<Row>, by cells: Int, _ glyphs: Glyphs
  ) -> String? {
    guard cells > 0, column.alignment == .left, width > 1 else { return nil }
    let hidden = Width.of(text) - width
    guard hidden > 0 else { return nil }
    let rest = TextCut.drop(text, min(cells, hidden) + 1)
    return TextCut.end(glyphs.ellipsis + rest, to: width, glyphs: glyphs)
  }

  private func fitted(
    _ text: String, _ width: Int, _ alignment: Column<Row>.Alignment, _ glyphs: Glyphs,
    _ cut: TextCut.Place
  ) -> String {
    let text = TextCut.cut(text, to: width, at: cut, glyphs: glyphs)
    guard alignment == .right else { return text }
    return String(repeating: " ", count: max(0, width - Width.of(text))) + text
  }
}
