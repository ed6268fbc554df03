internal import CacheKit
internal import TUI

// Where the cursor goes: over the problems, past them to the bars around, and over the map.
extension OverviewRoom {
  mutating func move(_ key: Key, in house: inout House) -> Bool {
    guard map == nil else {
      map?.move(key, in: house.layout.list)
      return true
    }
    guard let direction = Direction(key) else {
      // Whatever goes to the first or last row means the list.
      spot = nil
      return false
    }
    if spot == nil, !leavesList(direction) { return false }
    moveSpot(direction, in: house)
    return true
  }

  /// True where an arrow leads out of the list of problems.
  private func leavesList(_ direction: Direction) -> Bool {
    switch direction {
    case .up: table.cursor == 0
    case .down: table.cursor >= table.ids.count - 1
    case .left, .right: false
    }
  }

  private mutating func moveSpot(_ direction: Direction, in house: House) {
    let layout = house.layout
    let spots = spots(layout, in: house)
    let list = arranged(layout.list, in: house).problems
    // The cursor of the list stands at its left.
    let left = Rect(x: list.x, y: list.y, width: min(20, list.width), height: list.height)
    let place = spot.flatMap { spot in spots.first { $0.spot == spot }?.rect } ?? left
    if spot != nil, let next = neighbour(direction) {
      spot = next
      return
    }
    // The list is one place among those of the bars.
    let others = spots.filter { $0.spot.picture != spot?.picture }
    let places = others.map(\.rect) + (spot == nil || problems.isEmpty ? [] : [list])
    guard let index = direction.nearest(to: place, in: places) else {
      if spot == nil, direction == .down { turnPicture(1, in: house) }
      return
    }
    guard index < others.count else {
      spot = nil
      table.move(to: direction == .down ? 0 : table.ids.count - 1)
      return
    }
    spot = others[index].spot
  }

  /// The row above or below in the same picture.
  private func neighbour(_ direction: Direction) -> Spot? {
    guard let spot, direction == .up || direction == .down else { return nil }
    let count = spot.picture == .budgets ? 4 : picture(spot.picture)?.rows.count ?? 0
    let row = spot.row + (direction == .down ? 1 : -1)
    return (0..<count).contains(row) ? Spot(picture: spot.picture, row: row) : nil
  }

  /// Tab and shift-Tab: the problems, each picture, the tasks, and round.
  mutating func turn(_ key: Key, in house: inout House) {
    let step = key == .backTab ? -1 : 1
    let hasTasks = house.layout.tasks != nil
    let isInTasks = house.pane.focus == .tasks
    house.pane.focus = .list
    switch (isInTasks, step) {
    case (true, 1): spot = nil
    case (false, -1) where spot == nil && hasTasks: house.pane.focus = .tasks
    default:
      if turnPicture(step, in: house) == nil, step > 0, hasTasks { house.pane.focus = .tasks }
    }
  }

  private func picturesInTurn(in house: House) -> [Picture.ID] {
    guard house.figures != nil else { return [] }
    return Picture.ID.allCases.filter { $0 == .budgets || picture($0)?.rows.isEmpty == false }
  }

  /// The next picture; `nil` where that is the list again.
  @discardableResult
  private mutating func turnPicture(_ step: Int, in house: House) -> Spot? {
    let all = picturesInTurn(in: house)
    let now = spot.flatMap { all.firstIndex(of: $0.picture) }
    let next = now.map { $0 + step } ?? (step > 0 ? 0 : all.count - 1)
    // Budgets in short show the total alone.
    spot = all.indices.contains(next) ? Spot(picture: all[next], row: 0) : nil
    if spot?.picture == .budgets, arranged(house.layout.list, in: house).form == .short {
      spot?.row = 2
    }
    return spot
  }

  /// Esc: up in the map, out of it, back to the problems.
  mutating func stepBack(in house: inout House) -> Bool {
    if map != nil {
      if map?.goUp() == true { return true }
      map = nil
      return false
    }
    guard spot != nil else { return false }
    spot = nil
    return true
  }

  mutating func click(_ point: Point, _ layout: Layout, in house: inout House) -> Bool {
    if map != nil { return map?.click(point, in: layout.list) ?? false }
    guard let hit = spots(layout, in: house).first(where: { $0.rect.contains(point) }) else {
      spot = nil
      return false
    }
    spot = hit.spot
    return true
  }
}
