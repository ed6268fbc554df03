internal import CacheKit
internal import TUI

extension Inspector {
  /// Goes to a room that a key names; Esc does not lead back from there.
  mutating func visit(_ tab: Tab) -> Effect<Work> {
    trail = []
    return open(tab)
  }

  /// Goes where a room sent the person; Esc leads back. A filter that is set for it goes with it.
  mutating func grantWish() -> Effect<Work> {
    guard let wish = house.wish else { return .none }
    house.wish = nil
    let from = house.tab
    let effect = open(wish.tab)
    let before = room.filterText
    let filter = withRoom { room, _ in wish.target.flatMap { room.show($0) } }
    trail.append(Step(from: from, to: wish.tab, filter: filter, before: before))
    return effect + (filter.map { setFilter($0) } ?? .none)
  }

  /// Back to where Enter was pressed; `nil` where this room was not reached so.
  private mutating func stepBack() -> Effect<Work>? {
    guard let step = trail.last, step.to == house.tab,
      room.filterText == step.filter ?? step.before
    else { return nil }
    trail.removeLast()
    let effect = step.filter == nil ? .none : setFilter(step.before)
    return effect + open(step.from)
  }

  mutating func open(_ tab: Tab) -> Effect<Work> {
    house.tab = tab
    house.pane.isFull = false
    house.pane.isFocused = false
    house.pane.top = 0
    return withRoom { $0.enter(in: &$1) }
  }

  /// Esc closes one thing at a time and never quits.
  mutating func goBack() -> Effect<Work> {
    if house.pane.isFull {
      house.pane.isFull = false
    } else if house.pane.focus != .list {
      house.pane.focus = .list
    } else if room.hasRange {
      changeTable { _ = $0.cancelRange() }
    } else if let effect = withRoom({ $0.stepOut(in: &$1) }) {
      return effect
    } else if room.markCount == 0, let effect = stepBack() {
      return effect
    } else if !room.filterText.isEmpty {
      return clearFilter()
    } else {
      changeTable { $0.clearMarks() }
    }
    house.pane.top = 0
    return .none
  }

  mutating func interrupt() -> Effect<Work> {
    if !house.runningTasks.isEmpty { return house.leave(130, .control("c")) }
    let reads = house.running.keys.filter { $0.kind == .query }
    guard !reads.isEmpty else { return .quit(130) }
    house.say("cancelled: \(reads.map(\.name).sorted().joined(separator: ", "))", .warn)
    return .batch(reads.sorted { $0.name < $1.name }.map { .cancel($0) })
  }

  // MARK: The list
  /// Moves or marks in the list that is shown.
  mutating func changeTable(_ body: (inout any AnyTable) -> Void) {
    withRoom { room, house in
      room.changeTable(body)
      house.pane.top = 0
    }
  }

  /// Takes back what the last key scrolled past the end of the longest cell.
  mutating func limitScroll() {
    let width = house.layout.rows.width
    withRoom { $0.limitScroll(width: width, in: $1) }
  }

  // MARK: The details
  mutating func scrollDetails(_ key: Key) {
    let page = max(1, house.layout.detailLines - 1)
    switch key {
    case .character("j"), .down: moveDetails(by: 1)
    case .character("k"), .up: moveDetails(by: -1)
    case .pageDown, .control("d"): moveDetails(by: page)
    case .pageUp, .control("u"): moveDetails(by: -page)
    case .character("g"), .home: house.pane.top = 0
    case .character("G"), .end: moveDetails(by: detailLineCount)
    default: break
    }
  }

  /// Scrolls the details, as far as there are lines.
  mutating func moveDetails(by step: Int) {
    let limit = detailLineCount - house.layout.detailLines
    house.pane.top = max(0, min(house.pane.top + step, limit))
  }

  private var detailLineCount: Int {
    room.details(in: house).wrapped(to: house.layout.details?.width ?? 1).count
  }
}

/// One step of Enter to another room.
struct Step: Sendable, Hashable {
  var from: Tab
  var to: Tab
  /// The filter that was set there, and the one before it.
  var filter: String?
  var before: String
}
