internal import CacheKit
internal import TUI

/// The filter line while it is typed.
struct FilterLine: Sendable, Overlay {
  var field: TextField
  /// What Esc goes back to.
  var before: String

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    switch key {
    case .enter:
      inspector.house.overlay = nil
      inspector.house.remember(field.text.isEmpty ? before : field.text)
      return .none
    case .escape, .control("c"):
      inspector.house.overlay = nil
      return inspector.setFilter(before)
    default:
      guard line.field.handle(key) else { return .none }
      inspector.house.overlay = line
      return inspector.setFilter(line.field.text)
    }
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    line.field.insert(text)
    inspector.house.overlay = line
    return inspector.setFilter(line.field.text)
  }

  /// The arrows recall what was typed before.
  var leavesListOpen: Bool { true }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    field.draw(after: "/", on: layout.message, frame: &frame)
  }
}

extension TextField {
  /// The line of a question, behind its words.
  func draw(after label: String, on line: Rect, frame: inout Frame) {
    let used = frame.put(label, x: 1, y: line.y, style: .strong)
    draw(x: 1 + used, y: line.y, width: line.width - 2 - used, frame: &frame)
  }
}

extension Inspector {
  mutating func openFilter() {
    let text = room.filterText
    let field = TextField(text, history: house.filterHistory[house.tab] ?? [])
    house.overlay = FilterLine(field: field, before: text)
  }

  mutating func setFilter(_ text: String) -> Effect<Work> {
    withRoom { $0.setFilter(text, in: &$1) }
  }

  /// Shows all rows again; `n` and `N` still know what was looked for.
  mutating func clearFilter() -> Effect<Work> {
    house.lastFilter[house.tab] = room.filterText
    return setFilter("")
  }

  mutating func toggleProblems() -> Effect<Work> {
    room.filterText == "problem" ? clearFilter() : setFilter("problem")
  }

  /// `n` and `N`: the next row that matches the filter in use, or the last one that was.
  mutating func find(_ step: Int) -> Effect<Work> {
    withRoom { room, house in
      let known = house.lastFilter[house.tab] ?? house.filterHistory[house.tab]?.last
      guard let text = room.filterText.isEmpty ? known : room.filterText else {
        house.say("nothing to look for: / sets a filter")
        return .none
      }
      return room.find(step, text, in: &house)
    }
  }
}

extension House {
  mutating func remember(_ text: String) {
    guard !text.isEmpty else { return }
    lastFilter[tab] = text
    guard filterHistory[tab]?.last != text else { return }
    filterHistory[tab, default: []].append(text)
  }
}

extension RoomList {
  /// Moves to the next row that matches, and says where it went round or found nothing.
  mutating func jump(
    _ step: Int, _ text: String, in house: inout House, matches: (RowID) -> Bool
  ) {
    let count = table.ids.count
    let start = table.cursor
    let shown = Format.text(text)
    for distance in 1..<max(1, count) {
      let place = start + step * distance
      let row = (place % count + count) % count
      guard matches(table.ids[row]) else { continue }
      table.move(to: row)
      house.pane.top = 0
      if place != row {
        house.say(step > 0 ? "past the end: on from the top" : "past the top: on from the end")
      }
      return
    }
    let isHere = count > 0 && matches(table.ids[start])
    house.say(isHere ? "no other row matches '\(shown)'" : "no row matches '\(shown)'")
  }
}
