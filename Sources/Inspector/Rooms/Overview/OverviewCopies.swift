internal import TUI

extension OverviewRoom {
  func copies(in house: House) -> [Copyable] {
    let list = [
      Copyable("y", "problem", selectedProblem?.title),
      Copyable("f", "fix", selectedProblem?.command),
      Copyable("c", "command", house.command("status")),
    ]
    return list.compactMap(\.self)
  }
}
