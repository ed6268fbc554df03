internal import CacheKit
internal import TUI

/// The picture of a room. Who has a plain table draws nothing himself.
protocol RoomView: RoomList {
  associatedtype Cells

  func tableView(in house: House) -> TableView<Cells>
  /// `nil` where the row is not in memory.
  func cells(_ id: RowID, in house: House) -> Cells?
  func marking(in house: House) -> RowMarking<RowID>
  /// Why there is no row, without what the filter has to do with it.
  func emptyWords(in house: House) -> String
  /// Draws everything but the details.
  func draw(_ layout: Layout, in house: House, frame: inout Frame)
  /// Where the rows stand, for the mouse and for the height of the table.
  func listRows(_ layout: Layout, in house: House) -> Rect
  /// How far the longest cell of the window can be scrolled.
  func scrollLimit(width: Int, in house: House) -> Int
  /// What the pane says about the row under the cursor.
  func details(in house: House) -> Details

  /// A read that failed, where there is nothing else to show.
  func fault(in house: House) -> CacheError?
  func isEmpty(in house: House) -> Bool

  /// What the marked rows come to: `3.8 MiB, 2.4 MiB evictable`; `nil` where that says nothing.
  func markWords(in house: House) -> String?
  /// What is copied of all marked rows: `what` names a part as the menu does; `nil` where only the row
  /// under the cursor is copied.
  func copyMarked(_ what: String, in house: inout House) -> Effect<Work>?
  /// The times whose ages are on the screen.
  func shownTimes(in house: House) -> [Int64?]
  /// What of this row can be copied.
  func copies(in house: House) -> [Copyable]
  /// Where a shell opens.
  func folder(in house: House) -> RowPlace
}

struct Details: Sendable, Hashable {
  var title: String
  var lines: [DetailLine] = []
}

extension RoomView {
  func marking(in house: House) -> RowMarking<RowID> { RowMarking() }
  func emptyWords(in house: House) -> String { "reading" }

  func draw(_ layout: Layout, in house: House, frame: inout Frame) {
    drawTable(layout, in: house, frame: &frame)
  }

  /// The table with its columns fitted to the rows in sight.
  func fittedView(in house: House) -> TableView<Cells> {
    let rows = table.ids[table.window()].compactMap { cells($0, in: house) }
    return tableView(in: house).measured(for: rows, glyphs: house.glyphs)
  }

  /// The headings, then the window of the list.
  func drawTable(_ layout: Layout, in house: House, frame: inout Frame) {
    var header = layout.list
    header = header.takeTop(1)
    let view = fittedView(in: house)
    view.drawHeader(in: header, scroll: table.scroll, frame: &frame)
    if table.ids.isEmpty {
      EmptyList(words: emptyWords(in: house), filter: filterText, problem: filterProblem)
        .draw(layout.rows, frame: &frame)
    }
    view.drawRows(of: table, in: layout.rows, frame: &frame, marking: marking(in: house)) {
      cells($0, in: house)
    }
  }

  func listRows(_ layout: Layout, in house: House) -> Rect { layout.rows }
  func details(in house: House) -> Details { Details(title: "") }

  func fault(in house: House) -> CacheError? { house.fault }
  func isEmpty(in house: House) -> Bool { table.ids.isEmpty }

  func markWords(in house: House) -> String? { nil }
  /// What the head says of the marks: `marked 3 (3.8 MiB)`; nothing where there is none.
  func markedHead(in house: House) -> [String] {
    guard markCount > 0 else { return [] }
    let words = markWords(in: house).map { " (\($0))" } ?? ""
    return ["marked \(Format.grouped(markCount))\(words)"]
  }

  func copyMarked(_ what: String, in house: inout House) -> Effect<Work>? { nil }
  func shownTimes(in house: House) -> [Int64?] { [] }
  func copies(in house: House) -> [Copyable] { [] }
  func folder(in house: House) -> RowPlace { .cache }

  func scrollLimit(width: Int, in house: House) -> Int {
    fittedView(in: house).scrollLimit(of: table, width: width, glyphs: house.glyphs) {
      cells($0, in: house)
    }
  }

  /// The column to sort by that a click on the headings means.
  func sortColumn(at x: Int, _ layout: Layout, in house: House) -> String? {
    let column = fittedView(in: house).column(at: x, in: layout.list, scroll: table.scroll)?.id
    let known = sorting.map { $0.columns + $0.others } ?? []
    return known.first { $0.id == column }?.id
  }

  mutating func arrange(_ layout: Layout, in house: House) {
    table.setHeight(max(1, listRows(layout, in: house).height))
  }
}
