internal import TUI

extension Inspector {
  /// The mouse over a menu, a list or a dialog. A dialog is never accepted by a click.
  mutating func handleOverOverlay(_ mouse: Mouse) -> Effect<Work> {
    switch mouse.button {
    case .wheelUp, .wheelDown: return turnWheelOverOverlay(mouse.button == .wheelUp)
    case .left: return clickOverlay(mouse.point)
    case .middle, .right: return .none
    }
  }

  private mutating func turnWheelOverOverlay(_ isUp: Bool) -> Effect<Work> {
    switch overlay {
    // The arrows there recall what was typed before; the list lies in the open.
    case .filter, .folder:
      withTable { $0.move(by: isUp ? -3 : 3) }
      return .none
    case .menu, .help, .palette, .journal, .dialog, .leaving, nil:
      return press(isUp ? .up : .down)
    }
  }

  private mutating func clickOverlay(_ point: Point) -> Effect<Work> {
    switch overlay {
    case .menu(let menu): return click(menu, at: point)
    case .help(var state):
      // The first click may have scrolled the list: the second one means the same row.
      if isSecondClick(at: point) { return press(.enter) }
      let count = helpBindings(state.field.text).count
      state.cursor = listRow(at: point, count, cursor: state.cursor) ?? state.cursor
      overlay = .help(state)
      return .none
    case .palette(var state):
      if isSecondClick(at: point) { return press(.enter) }
      let count = paletteBindings(state.field.text).count
      state.cursor = listRow(at: point, count, cursor: state.cursor) ?? state.cursor
      overlay = .palette(state)
      return .none
    case .dialog(var dialog):
      guard let button = dialog.button(at: point, in: size) else { return .none }
      return settle(dialog, dialog.click(button), nil)
    case .leaving(var dialog):
      guard let button = dialog.button(at: point, in: size) else { return .none }
      return settle(dialog, dialog.click(button))
    case .filter, .folder, .journal, nil: return .none
    }
  }

  /// An item is chosen by one click, as by its letter; one beside the menu closes it.
  private mutating func click(_ menu: Menu, at point: Point) -> Effect<Work> {
    let (box, items) = menu.place(in: size)
    guard box.contains(point) else { return press(.escape) }
    let index = items.lowerBound + point.y - box.y - 1
    guard point.y > box.y, items.contains(index) else { return .none }
    overlay = nil
    return choose(menu.items[index])
  }

  private func listRow(at point: Point, _ count: Int, cursor: Int) -> Int? {
    let (box, rows) = Self.listPlace(count, cursor: cursor, in: size)
    let index = rows.lowerBound + point.y - box.y - 2
    let isInside = box.contains(point) && point.y >= box.y + 2
    return isInside && rows.contains(index) ? index : nil
  }
}
