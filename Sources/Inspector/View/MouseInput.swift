internal import TUI

extension Inspector {
  /// Click selects, a second click opens, the wheel moves, headers sort, tabs and hints act.
  mutating func handle(_ mouse: Mouse) -> Effect<Work> {
    if overlay != nil { return handleOverOverlay(mouse) }
    let layout = layout
    switch mouse.button {
    case .wheelUp, .wheelDown: turnWheel(mouse.button == .wheelUp ? -3 : 3, at: mouse.point)
    case .left: return click(mouse.point, layout)
    case .middle, .right: break
    }
    return .none
  }

  /// The wheel moves what the pointer is over.
  private mutating func turnWheel(_ step: Int, at point: Point) {
    if layout.details?.contains(point) == true {
      moveDetails(by: step)
    } else {
      withTable { $0.move(by: step) }
    }
  }

  private mutating func click(_ point: Point, _ layout: Layout) -> Effect<Work> {
    if layout.tabs.contains(point) {
      let hit = tabPlaces(width: size.columns).last { $0.x <= point.x }
      guard let hit, point.x < hit.x + Width.of(hit.text) else { return .none }
      return visit(hit.tab)
    }
    if let footer = layout.footer, footer.contains(point) { return clickFooter(point, footer) }
    if point.y == layout.list.y, layout.list.contains(point) { return clickHeader(point, layout) }
    let rows = listRows(layout)
    if rows.contains(point) { return clickRow(point.y - rows.y, at: point) }
    if layout.details?.contains(point) == true { pane.isFocused = true }
    if let strip = layout.tasks, strip.contains(point) { return clickTasks(point.y - strip.y - 1) }
    return .none
  }

  private func listRows(_ layout: Layout) -> Rect {
    guard tab == .overview else { return layout.rows }
    let height = problemRows(in: layout.list)
    return Rect(
      x: 0, y: layout.list.y + OverviewScreen.barRows, width: layout.list.width, height: height)
  }

  private mutating func clickFooter(_ point: Point, _ footer: Rect) -> Effect<Work> {
    let hit = footerHints(width: footer.width).last { $0.x <= point.x }
    guard let hit, point.x < hit.x + Width.of(hit.text) else { return .none }
    return run(hit.binding, hit.binding.keys.first ?? .unknown)
  }

  private mutating func clickHeader(_ point: Point, _ layout: Layout) -> Effect<Work> {
    switch tab {
    case .leases:
      return leaseTable.column(at: point.x, in: layout.list).map { sort(by: $0.id) } ?? .none
    case .entries:
      let column = entryTable.column(at: point.x, in: layout.list)
      guard let column, sorting.columns.contains(where: { $0.id == column.id }) else {
        return .none
      }
      return sort(by: column.id)
    case .links:
      return linkTable.column(at: point.x, in: layout.list).map { sort(by: $0.id) } ?? .none
    case .overview, .migrations: return .none
    }
  }

  private mutating func clickRow(_ line: Int, at point: Point) -> Effect<Work> {
    let row = currentTable.top + line
    guard row < currentTable.count else { return .none }
    let isDouble = isSecondClick(at: point)
    pane.isFocused = false
    withTable { $0.move(to: row) }
    guard isDouble, let binding = Binding.find(.enter, on: tab) else { return .none }
    return run(binding, .enter)
  }

  /// True where the row was clicked just now; the one after that is a first click again.
  mutating func isSecondClick(at point: Point) -> Bool {
    if let last = lastClick, last.point.y == point.y, clock.milliseconds(since: last.at) < 400 {
      lastClick = nil
      return true
    }
    lastClick = (point, clock)
    return false
  }
}
