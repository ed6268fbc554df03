import TUI
import Testing

@Suite("Table: cursor, marks, columns")
struct TableTests {
  private func state(_ ids: [Int], height: Int = 5) -> TableState<Int> {
    var state = TableState<Int>()
    state.setHeight(height)
    state.replace(with: ids)
    return state
  }

  @Test("the cursor stays on its thing when rows come, go and change places")
  func identity() {
    var table = state(Array(0..<100))
    table.select(50)
    table.replace(with: Array((0..<100).reversed()))
    #expect(table.selected == 50)
    table.replace(with: [7, 50, 9])
    #expect(table.selected == 50)
    #expect(table.cursor == 1)
  }

  @Test("where its thing is gone the cursor stays in its place")
  func gone() {
    var table = state([1, 2, 3, 4])
    table.select(4)
    table.replace(with: [1, 2, 3])
    #expect(table.selected == 3)
    table.replace(with: [])
    #expect(table.selected == nil)
    let result1 = table.handle(.down)
    #expect(result1)
    #expect(table.targets.isEmpty)
  }

  @Test("the cursor is always inside the window")
  func window() {
    var table = state(Array(0..<100))
    let keys: [Key] = [
      .end, .pageUp, .up, .control("u"), .home, .pageDown, .character("G"), .character("g"),
      .control("d"), .character("j"), .character("k"),
    ]
    for key in keys {
      let result2 = table.handle(key)
      #expect(result2)
      #expect(table.window().contains(table.cursor))
    }
    table.setHeight(1)
    #expect(table.window() == table.cursor..<(table.cursor + 1))
  }

  @Test("marks follow the things, and what is gone loses its mark")
  func marks() {
    var table = state([1, 2, 3, 4, 5])
    table.toggleMark()
    table.move(to: 3)
    table.toggleMark()
    #expect(table.targets == [1, 4])
    table.replace(with: [5, 4, 3])
    #expect(table.targets == [4])
    table.clearMarks()
    #expect(table.targets == [4])
  }

  @Test("a range marks what lies between, and inverting turns marks around")
  func range() {
    var table = state([1, 2, 3, 4, 5])
    table.move(to: 1)
    table.toggleRange()
    table.move(to: 3)
    #expect(table.targets == [2, 3, 4])
    table.toggleRange()
    table.invertMarks()
    #expect(table.targets == [1, 5])
  }

  @Test("a range shrinks where the cursor comes back, and leaves the marks from before alone")
  func shrinkingRange() {
    var table = state([1, 2, 3, 4, 5, 6])
    table.toggleMark()
    table.move(to: 2)
    table.toggleRange()
    table.move(to: 5)
    table.move(to: 3)
    #expect(table.targets == [1, 3, 4])
    table.move(to: 0)
    #expect(table.targets == [1, 2, 3])
    let isCancelled = table.cancelRange()
    #expect(isCancelled && table.targets == [1])
    let isOpen = table.cancelRange()
    #expect(!isOpen)
  }

  @Test("other marks end an open range")
  func rangeEnds() {
    for change in [{ $0.markAll() }, { $0.invertMarks() }, { $0.toggleMark() }]
      as [(inout TableState<Int>) -> Void]
    {
      var table = state([1, 2, 3, 4])
      table.toggleRange()
      change(&table)
      let marks = table.marks
      table.move(to: 2)
      #expect(table.marks == marks)
    }
  }

  @Test("a scrolled cell shows a part without a gap, and its end at the most")
  func scrolledCell() {
    let columns: [Column<String>] = [
      Column("n", "N", width: 3...3, alignment: .right) { _, _ in CellText("123") },
      Column("text", "TEXT", width: 8...8, cut: .middle) { row, _ in CellText(row) },
    ]
    let view = TableView(columns: columns, sort: nil)
    var table = TableState<String>()
    table.setHeight(2)
    table.replace(with: ["abcdefghijklmnop", "short"])
    let text = { (table: TableState<String>) in
      var frame = Frame(size: Size(columns: 14, rows: 2))
      view.drawRows(of: table, in: frame.bounds, frame: &frame) { $0 }
      return frame.text
    }
    #expect(text(table) == "▸123 abcd…nop\n 123 short\n")
    table.scrollCells(by: 3)
    #expect(text(table) == "▸123 …efghij…\n 123 short\n")
    table.scrollCells(by: 100)
    #expect(text(table) == "▸123 …jklmnop\n 123 short\n")
    let limit = view.scrollLimit(of: table, width: 14, glyphs: .utf8) { $0 }
    #expect(limit == 8)
    table.limitScroll(to: limit)
    #expect(table.scroll == 8)
  }

  private static let columns: [Column<Int>] = [
    Column("id", "ID", width: 2...4) { row, _ in CellText(String(row)) },
    Column("far", "FAR", width: 5...5, dropOrder: 1) { _, _ in CellText("far") },
    Column("near", "NEAR", width: 5...5, dropOrder: 2) { _, _ in CellText("near") },
  ]

  @Test("columns drop in their order and the rest never leaves the table")
  func layout() {
    let ids = { (width: Int) in
      ColumnLayout.fit(Self.columns, into: width).places.map { Self.columns[$0.index].id }
    }
    #expect(ids(40) == ["id", "far", "near"])
    #expect(ids(10) == ["id", "far"])
    #expect(ids(4) == ["id"])
    for width in 0...40 {
      let places = ColumnLayout.fit(Self.columns, into: width).places
      #expect(places.allSatisfy { $0.x + $0.width <= max(width, $0.x) })
    }
  }

  @Test("the selected row carries the marker and the hardware cursor")
  func view() {
    var table = state([10, 20, 30])
    table.move(to: 1)
    table.toggleMark()
    table.move(to: 2)
    var frame = Frame(size: Size(columns: 12, rows: 4))
    let view = TableView(columns: Self.columns, sort: SortOrder("id", descending: true))
    view.drawHeader(in: Rect(x: 0, y: 0, width: 12, height: 1), frame: &frame)
    view.drawRows(of: table, in: Rect(x: 0, y: 1, width: 12, height: 3), frame: &frame) { $0 }
    #expect(frame.text == " ID▼  FAR\n 10   far\n●20   far\n▸30   far\n")
    #expect(frame.cursor == Point(x: 0, y: 3))
  }

  @Test("room that is left goes to the column that grows first, then to the next")
  func growOrder() {
    let columns: [Column<Int>] = [
      Column("a", "A", width: 2...10, growOrder: 2) { _, _ in CellText("") },
      Column("b", "B", width: 2...10, growOrder: 0) { _, _ in CellText("") },
      Column("c", "C", width: 2...10, growOrder: 2) { _, _ in CellText("") },
    ]
    let widths = { ColumnLayout.fit(columns, into: $0).places.map(\.width) }
    #expect(widths(8) == [2, 2, 2] && widths(16) == [2, 10, 2])
    #expect(widths(20) == [4, 10, 4] && widths(99) == [10, 10, 10])
    #expect(ColumnLayout.whole(columns).places.map(\.x) == [0, 11, 22])
  }

  @Test("cells that the rows in sight leave empty go to a column whose words would be cut")
  func lent() {
    let columns: [Column<(String, String)>] = [
      Column("a", "A", width: 4...20, growOrder: 0) { row, _ in CellText(row.0) },
      Column("b", "B", width: 4...6, growOrder: 1) { row, _ in CellText(row.1) },
      Column("c", "C", width: 3...3) { _, _ in CellText("c") },
    ]
    func widths(_ rows: [(String, String)], _ width: Int) -> [Int] {
      TableView(columns: columns, sort: nil).measured(for: rows, glyphs: .utf8)
        .layout(width: width + 1).places.map(\.width)
    }
    #expect(widths([("short", "1234567890")], 31) == [16, 10, 3])
    #expect(widths([("as long as it gets..", "1234567890")], 31) == [20, 6, 3])
    #expect(widths([("short", "123456")], 31) == [20, 6, 3], "nothing moves where nothing is cut")
    #expect(widths([("abcdef", "12")], 13) == [6, 2, 3])
    #expect(widths([], 31) == [20, 6, 3])
  }

  @Test("a column that somebody asked for is dropped on no screen")
  func asked() {
    let kept = ColumnLayout.fit(Self.columns, keeping: ["near"], into: 8)
    #expect(kept.places.map { Self.columns[$0.index].id } == ["id", "near"])
  }

  @Test("marks of rows that are only out of sight stay, and a range marks no heading")
  func hiddenMarks() {
    var table = state([1, 2, 3, 4, 5])
    table.setMarks([2, 4], to: true)
    let revision = table.markRevision
    table.replace(with: [1, 3, 5], keepingMarks: true)
    #expect(table.marks == [2, 4] && table.markRevision == revision)
    table.dropMarks(outside: [1, 2, 3])
    #expect(table.marks == [2] && table.markRevision != revision)
    table.headings = [3]
    table.move(to: 0)
    table.toggleRange()
    table.move(to: 2)
    #expect(table.marks == [1, 2, 5])
  }

  @Test("in full width the table is scrolled as a whole, its marker is not")
  func wide() {
    let view = TableView(columns: Self.columns, sort: nil, isWide: true)
    var table = state([1, 2], height: 2)
    let picture = { (table: TableState<Int>) in
      var frame = Frame(size: Size(columns: 12, rows: 3))
      var rows = frame.bounds
      view.drawHeader(in: rows.takeTop(1), scroll: table.scroll, frame: &frame)
      view.drawRows(of: table, in: rows, frame: &frame) { $0 }
      return frame.text
    }
    #expect(
      picture(table) == " ID   FAR\n▸1    far\n 2    far\n")
    let limit = view.scrollLimit(of: table, width: 12, glyphs: .utf8) { $0 }
    #expect(limit == 5)
    table.scrollCells(by: limit)
    #expect(picture(table) == " FAR   NEAR\n▸far   near\n far   near\n")
    #expect(
      view.column(at: 8, in: Rect(x: 0, y: 0, width: 12, height: 3), scroll: limit)?.id == "near")
  }
}
