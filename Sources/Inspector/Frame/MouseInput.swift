internal import TUI

extension Inspector {
  /// Click selects, a second click opens, the wheel moves, headers sort, tabs and hints act.
  mutating func handle(_ mouse: Mouse) -> Effect<Work> {
    if let overlay = house.overlay { return handle(mouse, over: overlay) }
    let layout = house.layout
    switch mouse.button {
    case .wheelUp, .wheelDown: turnWheel(mouse.button == .wheelUp ? -3 : 3, at: mouse.point)
    case .left: return click(mouse.point, layout)
    case .middle, .right: break
    }
    return .none
  }

  /// The wheel moves what the pointer is over.
  private mutating func turnWheel(_ step: Int, at point: Point) {
    if house.layout.details?.contains(point) == true {
      moveDetails(by: step)
    } else {
      changeTable { $0.move(by: step) }
    }
  }

  private mutating func click(_ point: Point, _ layout: Layout) -> Effect<Work> {
    if layout.tabs.contains(point) {
      let hit = tabPlaces(width: house.size.columns).last { $0.x <= point.x }
      guard let hit, point.x < hit.x + Width.of(hit.text) else { return .none }
      return visit(hit.tab)
    }
    if let footer = layout.footer, footer.contains(point) { return clickFooter(point, footer) }
    if withRoom({ $0.click(point, layout, in: &$1) }) { return open(at: point) }
    if point.y == layout.list.y, layout.list.contains(point) { return clickHeader(point, layout) }
    let rows = room.listRows(layout, in: house)
    if rows.contains(point) { return clickRow(point.y - rows.y, at: point) }
    if layout.details?.contains(point) == true { house.pane.isFocused = true }
    if let strip = layout.tasks, strip.contains(point) {
      return house.clickTasks(point.y - strip.y - 1)
    }
    return .none
  }

  private mutating func clickFooter(_ point: Point, _ footer: Rect) -> Effect<Work> {
    let hit = footerHints(width: footer.width).last { $0.x <= point.x }
    guard let hit, point.x < hit.x + Width.of(hit.text) else { return .none }
    return run(hit.binding, hit.binding.keys.first ?? .unknown)
  }

  private mutating func clickHeader(_ point: Point, _ layout: Layout) -> Effect<Work> {
    room.sortColumn(at: point.x, layout, in: house).map { sort(by: $0) } ?? .none
  }

  private mutating func clickRow(_ line: Int, at point: Point) -> Effect<Work> {
    let row = room.top + line
    guard row < room.rowCount else { return .none }
    let isDouble = isSecondClick(at: point)
    house.pane.isFocused = false
    changeTable { $0.move(to: row) }
    return isDouble ? enter() : .none
  }

  /// What was clicked just now is under the cursor.
  private mutating func open(at point: Point) -> Effect<Work> {
    isSecondClick(at: point) ? enter() : .none
  }

  private mutating func enter() -> Effect<Work> {
    Binding.find(.enter, on: house.tab).map { run($0, .enter) } ?? .none
  }

  /// True where the row was clicked just now; the one after that is a first click again.
  mutating func isSecondClick(at point: Point) -> Bool {
    if let last = house.lastClick, last.point.y == point.y,
      house.clock.milliseconds(since: last.at) < 400
    {
      house.lastClick = nil
      return true
    }
    house.lastClick = (point, house.clock)
    return false
  }
}
