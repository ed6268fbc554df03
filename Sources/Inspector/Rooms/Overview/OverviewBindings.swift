internal import CacheKit
internal import TUI

extension OverviewRoom {
  static let bindings: [Binding] = [
    own("go", [.enter], "go", "go to the rows of this problem", footer: 1, isForRow: true) {
      room, house, _ in room.followProblem(in: &house)
    },
    own(
      "fix-safe", [.character("X")], "fix all safe…",
      "release what is provably stuck and repair ghost pins, after one dialog", tier: .confirm,
      isChange: true, footer: 2, obstacle: { $1.leaseObstacle },
      run: { _, house, key in house.askFixSafe(key) }),
  ]

  private mutating func followProblem(in house: inout House) -> Effect<Work> {
    guard let problem = selectedProblem else { return .none }
    if let tab = problem.tab {
      house.go(to: tab, .rows(filter: problem.finding.place.filter))
    } else {
      house.say("this is about the cache as a whole: no list has a row for it")
    }
    return .none
  }
}
