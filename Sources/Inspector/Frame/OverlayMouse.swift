internal import TUI

extension Inspector {
  /// The mouse over a menu, a list or a dialog. A dialog is never accepted by a click.
  mutating func handle(_ mouse: Mouse, over overlay: any Overlay) -> Effect<Work> {
    switch mouse.button {
    case .wheelUp, .wheelDown:
      let isUp = mouse.button == .wheelUp
      guard overlay.leavesListOpen else { return press(isUp ? .up : .down) }
      changeTable { $0.move(by: isUp ? -3 : 3) }
      return .none
    case .left: return overlay.click(mouse.point, in: &self)
    case .middle, .right: return .none
    }
  }
}
