package import TUI

/// Where the parts of the screen stand; a function of the size and of what is shown.
package struct Layout: Hashable, Sendable {
  package enum Mode: Hashable, Sendable { case tooSmall, narrow, single, stacked, wide }

  package var mode: Mode
  package var header: Rect?
  package var tabs: Rect
  package var status: Rect
  /// The header row of the list, then its rows.
  package var list: Rect
  package var details: Rect?
  /// The row of the title above the details, or the column of the line left of them.
  package var divider: Rect?
  /// The heading of the tasks, then their rows.
  package var tasks: Rect?
  package var message: Rect
  package var footer: Rect?

  /// The rows of the list without its header row.
  package var rows: Rect {
    Rect(x: list.x, y: list.y + 1, width: list.width, height: list.height - 1)
  }

  /// True where the details stand right of the list, under a title of their own.
  var areDetailsBeside: Bool { divider.map { $0.width == 1 } ?? false }

  /// The lines that the details have room for.
  var detailLines: Int { (details?.height ?? 0) - (areDetailsBeside ? 1 : 0) }

  package static let smallest = Size(columns: 40, rows: 8)

  static func of(
    _ size: Size, pane: DetailsPane, hasDetails: Bool, detailRows: Int = 7,
    hasTasks: Bool = false
  ) -> Layout {
    let mode = mode(of: size)
    var rest = Rect(x: 0, y: 0, width: size.columns, height: size.rows)
    let header = size.rows >= 16 ? rest.takeTop(1) : nil
    let footer = size.rows >= 10 ? rest.takeBottom(1) : nil
    let tabs = rest.takeTop(1)
    let status = rest.takeTop(1)
    let message = rest.takeBottom(1)
    let tasks = hasTasks && mode == .wide && size.rows >= 20 ? rest.takeBottom(3) : nil
    var layout = Layout(
      mode: mode, header: header, tabs: tabs, status: status, list: rest, tasks: tasks,
      message: message, footer: footer)
    if hasDetails { layout.placeDetails(pane, rows: detailRows) }
    return layout
  }

  private static func mode(of size: Size) -> Mode {
    if size.columns < smallest.columns || size.rows < smallest.rows { return .tooSmall }
    switch size.columns {
    case ..<60: return .narrow
    case ..<80: return .single
    case ..<120: return .stacked
    default: return .wide
    }
  }

  private mutating func placeDetails(_ pane: DetailsPane, rows: Int) {
    if pane.isFull {
      divider = list.takeTop(1)
      details = list
      list = Rect(x: list.x, y: list.y, width: list.width, height: 0)
    } else if mode == .wide, pane.isShown {
      let usual = min(60, max(34, list.width * 3 / 10))
      details = list.takeRight(min(list.width - 40, max(20, usual + pane.growth * 4)))
      divider = list.takeRight(1)
    } else if mode == .stacked, pane.isShown, list.height >= 18 {
      details = list.takeBottom(min(list.height - 5, max(2, rows + pane.growth)))
      divider = list.takeBottom(1)
    }
  }
}

extension House {
  var layout: Layout {
    let room = Rooms.kind(of: tab)
    return .of(
      size, pane: pane, hasDetails: room.offers.contains(.details) || pane.isFull,
      detailRows: room.detailRows, hasTasks: hasTasks)
  }
}
