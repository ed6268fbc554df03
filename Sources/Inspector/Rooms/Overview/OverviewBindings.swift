internal import CacheKit
internal import TUI

extension OverviewRoom {
  static let bindings: [Binding] = [
    own(
      "go", [.enter], "go", "go to the rows of this problem or bar, or into the group", footer: 1,
      isForRow: true
    ) { room, house, _ in
      room.follow(in: &house)
      return .none
    },
    own(
      "go-for-key", [.character("x"), .character("p"), .character("f")], "go for this key",
      "go to the rows that this key of KEY, or beside a bar, is for; it asks there", isForRow: true
    ) { room, house, key in
      guard room.offers(key, in: house) else {
        house.say("no action on '\(key.name)' for what is under the cursor, ? for help")
        return .none
      }
      room.follow(in: &house)
      return .none
    },
    own(
      "fix-safe", [.character("X")], "fix all safe…",
      "release what is provably stuck and repair ghost pins, after one dialog", tier: .confirm,
      isChange: true, footer: 2, obstacle: { $1.leaseObstacle },
      run: { _, house, key in house.askFixSafe(key) }),
    own(
      "picture", [.tab, .backTab], "pictures",
      "the keys go to the next picture, or to the problems",
      footer: 3,
      obstacle: { room, _ in room.map == nil ? nil : "Esc closes the map first" },
      run: { room, house, key in
        room.turn(key, in: &house)
        return .none
      }),
    Binding(
      "map", [.character("m")], "map", "the cache as a map: the area is the size, hatched is held",
      tabs: [.overview, .entries], footer: 56
    ) { inspector, _ in
      if inspector.house.tab == tab {
        inspector.with(Self.self) { room, _ in room.map = room.map == nil ? CacheMap() : nil }
      } else {
        inspector.house.go(to: tab, .row("map"))
      }
      return .none
    },
  ]

  /// True where the row under the cursor names the key.
  private func offers(_ key: Key, in house: House) -> Bool {
    if let spot { return tail(of: spot) == key.name }
    return map == nil && selectedProblem?.key == key.name
  }

  private mutating func follow(in house: inout House) {
    if map != nil {
      if let goal = map?.open(in: house.layout.list) { house.go(to: goal.tab, goal.target) }
    } else if let spot {
      if let goal = goal(of: spot, in: house) { house.go(to: goal.tab, goal.target) }
    } else {
      followProblem(in: &house)
    }
  }

  private func followProblem(in house: inout House) {
    guard let problem = selectedProblem else { return }
    if let tab = problem.tab {
      house.go(to: tab, .rows(filter: problem.finding.place.filter))
    } else {
      house.say("this is about the cache as a whole: no list has a row for it")
    }
  }
}
