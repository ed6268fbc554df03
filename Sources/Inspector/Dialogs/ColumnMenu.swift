internal import TUI

/// The columns of a list: shown or hidden, and in which order. The list behind follows at once.
struct ColumnMenu: Sendable, Overlay {
  /// The column under the cursor.
  var selected: String

  private static let hints = ["Space shows or hides", "< > move it, r: as usual", "Enter closes"]

  private func items(_ inspector: Inspector) -> [ColumnItem] {
    let all = inspector.room.columnItems
    let known = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
    return inspector.room.columns.ordered(all.map(\.id)).compactMap { known[$0] }
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var menu = self
    let ids = items(inspector).map(\.id)
    let place = ids.firstIndex(of: selected) ?? 0
    inspector.house.overlay = nil
    switch key {
    case .escape, .enter, .control("c"), .character("q"), .character("c"): return .none
    case .down, .character("j"): menu.selected = ids[min(place + 1, ids.count - 1)]
    case .up, .character("k"): menu.selected = ids[max(place - 1, 0)]
    case .home: menu.selected = ids[0]
    case .end: menu.selected = ids[ids.count - 1]
    case .character(" "): toggle(selected, in: &inspector)
    case .character("<"), .left, .character("K"): move(-1, in: &inspector)
    case .character(">"), .right, .character("J"): move(1, in: &inspector)
    case .character("r"): inspector.withRoom { room, _ in room.columns = ColumnChoice() }
    default: break
    }
    inspector.house.overlay = menu
    return .none
  }

  private func toggle(_ id: String, in inspector: inout Inspector) {
    inspector.withRoom { room, house in
      let usual = room.usualColumns(in: house)
      room.columns.toggle(id, of: room.columnItems.map(\.id), usual: usual)
    }
  }

  private func move(_ step: Int, in inspector: inout Inspector) {
    inspector.withRoom { room, _ in
      room.columns.move(selected, by: step, of: room.columnItems.map(\.id))
    }
  }

  // MARK: Picture
  private func place(_ count: Int, _ cursor: Int, in size: Size) -> (box: Rect, seen: Range<Int>) {
    let width = min(size.columns, 30)
    let height = min(size.rows, count + 2 + Self.hints.count)
    let box = Rect(
      x: size.columns - width, y: max(0, (size.rows - height) / 2), width: width, height: height)
    let rows = max(1, height - 2 - Self.hints.count)
    let first = max(0, cursor - rows + 1)
    return (box, first..<min(count, first + rows))
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let items = items(inspector)
    let cursor = items.firstIndex { $0.id == selected } ?? 0
    let (box, seen) = place(items.count, cursor, in: frame.size)
    let usual = inspector.room.usualColumns(in: inspector.house)
    Panel.draw(box, title: "Columns", frame: &frame)
    for (line, index) in seen.enumerated() {
      let item = items[index]
      let isShown = inspector.room.columns.shows(item.id, usual: usual)
      let style = Style(isShown ? .text : .dim, selected: index == cursor)
      let y = box.y + 1 + line
      frame.fill(Rect(x: box.x + 1, y: y, width: box.width - 2, height: 1), style: style)
      let marker = index == cursor ? frame.glyphs.selected : " "
      frame.put(
        "\(marker) [\(isShown ? "x" : " ")] \(item.title)", x: box.x + 1, y: y,
        width: box.width - 2, style: style)
      if index == cursor { frame.cursor = Point(x: box.x + 1, y: y) }
    }
    for (line, hint) in Self.hints.enumerated() {
      let y = box.maxY - 1 - Self.hints.count + line
      if y > box.y { frame.put(hint, x: box.x + 2, y: y, width: box.width - 4, style: .dim) }
    }
  }

  /// A click beside the menu closes it; one on a column shows or hides that.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let items = items(inspector)
    let cursor = items.firstIndex { $0.id == selected } ?? 0
    let (box, seen) = place(items.count, cursor, in: inspector.house.size)
    guard box.contains(point) else { return press(.escape, in: &inspector) }
    let index = seen.lowerBound + point.y - box.y - 1
    guard point.y > box.y, seen.contains(index) else { return .none }
    toggle(items[index].id, in: &inspector)
    inspector.house.overlay = ColumnMenu(selected: items[index].id)
    return .none
  }

  var leavesListOpen: Bool { true }
}

extension Inspector {
  mutating func openColumnMenu() {
    let ids = room.columns.ordered(room.columnItems.map(\.id))
    guard let first = ids.first else { return }
    house.overlay = ColumnMenu(selected: first)
  }

  /// `W`: every column at its full width, and the table scrolled sideways; or back.
  mutating func toggleWide() {
    withRoom { room, house in
      room.columns.isWide.toggle()
      let words = "all columns in full: left and right scroll, W goes back"
      house.say(room.columns.isWide ? words : "the columns that fit")
    }
    limitScroll()
  }
}
