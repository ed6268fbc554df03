internal import CacheKit
internal import TUI

/// The filter line while it is typed. `?` tells what can be typed, Tab completes it.
struct FilterLine: Sendable, Overlay {
  var field: TextField
  /// What Esc goes back to.
  var before: String
  var isHelpShown = false
  var helpTop = 0
  /// What Tab goes through, and which of it stands in the line.
  var completions: [String] = []
  var place = 0

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    switch key {
    case .enter:
      inspector.house.overlay = nil
      inspector.house.remember(field.text.isEmpty ? before : field.text)
      return .none
    case .escape where isHelpShown: line.isHelpShown = false
    case .escape, .control("c"):
      inspector.house.overlay = nil
      return inspector.setFilter(before)
    case .function(1): line.isHelpShown.toggle()
    case .character("?") where term.isEmpty: line.isHelpShown.toggle()
    case .pageDown where isHelpShown: line.helpTop = min(helpTop + 6, 60)
    case .pageUp where isHelpShown: line.helpTop = max(0, helpTop - 6)
    case .tab, .backTab:
      line.complete(key == .tab ? 1 : -1, by: inspector.room.filterGuide)
    default:
      guard line.field.handle(key) else { return .none }
      line.completions = []
    }
    inspector.house.overlay = line
    return line.field.text == field.text ? .none : inspector.setFilter(line.field.text)
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    line.field.insert(text)
    line.completions = []
    inspector.house.overlay = line
    return inspector.setFilter(line.field.text)
  }

  // MARK: Completion
  /// The term at the end of the line, where the cursor is.
  private var term: Substring {
    guard field.cursor == field.characters.count else { return " " }
    return Substring(field.text.split(separator: " ", omittingEmptySubsequences: false).last ?? "")
  }

  /// The longest begin that all have in common, then one after the other.
  private mutating func complete(_ step: Int, by guide: FilterGuide) {
    if completions.isEmpty {
      let found = guide.completions(of: String(term))
      guard !found.isEmpty else { return }
      let common = FilterGuide.commonPrefix(found)
      if found.count == 1 || common.count > term.count { return replaceTerm(with: common) }
      completions = found
      place = step > 0 ? 0 : found.count - 1
    } else {
      place = (place + step + completions.count) % completions.count
    }
    replaceTerm(with: completions[place])
  }

  private mutating func replaceTerm(with text: String) {
    field.set(field.text.dropLast(term.count) + text)
  }

  /// The arrows recall what was typed before.
  var leavesListOpen: Bool { true }

  // MARK: Picture
  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let guide = inspector.room.filterGuide
    if isHelpShown {
      guide.draw(
        above: layout.message.y, title: inspector.house.tab.title, top: helpTop, frame: &frame)
    }
    field.draw(after: "/", on: layout.message, frame: &frame)
    let used = 2 + Width.of(SafeText.escape(field.text)) + 3
    frame.putHint(hint(guide), on: layout.message, after: used)
  }

  /// What Tab would take, or how to learn more.
  private func hint(_ guide: FilterGuide) -> String {
    let found = completions.isEmpty ? guide.completions(of: String(term)) : completions
    let isOpen = found.count > 1 || found.first.map { $0 != term } ?? false
    // Inside a term it is a letter.
    if term.isEmpty { return isHelpShown ? "? closes the help" : "? help  Tab completes" }
    if !isOpen { return "Enter keeps it  Esc gives it up" }
    return found.joined(separator: " ")
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
    house.sought[house.tab] = nil
    return withRoom { $0.setFilter(text, in: &$1) }
  }

  /// Shows all rows again; `n` and `N` still know what was looked for.
  mutating func clearFilter() -> Effect<Work> {
    house.lastFilter[house.tab] = room.filterText
    return setFilter("")
  }

  mutating func toggleProblems() -> Effect<Work> {
    room.filterText == "problem" ? clearFilter() : setFilter("problem")
  }

  /// `n` and `N`: the next row that matches the search, else the filter in use or the last one.
  mutating func find(_ step: Int) -> Effect<Work> {
    withRoom { room, house in
      let known = house.lastFilter[house.tab] ?? house.filterHistory[house.tab]?.last
      let filter = room.filterText.isEmpty ? known : room.filterText
      guard let text = house.sought[house.tab] ?? filter else {
        let filters = Rooms.kind(of: house.tab).offers.contains(.list) ? ", / filters" : ""
        house.say("nothing to look for yet: F3 searches\(filters)")
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
  /// Moves to the next row that matches, and says where it went round or found nothing. With 0 the row
  /// under the cursor counts, too.
  mutating func jump(
    _ step: Int, _ text: String, in house: inout House, matches: (RowID) -> Bool
  ) {
    let count = table.ids.count
    let start = table.cursor
    let shown = Format.text(text)
    let first = step == 0 ? 0 : 1
    for distance in first..<max(first, count) {
      let place = start + (step == 0 ? 1 : step) * distance
      let row = (place % count + count) % count
      guard matches(table.ids[row]) else { continue }
      table.move(to: row)
      house.pane.top = 0
      if step == 0 {
        house.note = nil
      } else if place != row {
        house.say(
          step > 0 ? "end of the list: on from the top" : "top of the list: on from the end")
      }
      return
    }
    let isHere = count > 0 && matches(table.ids[start])
    house.say(isHere ? "no other row matches '\(shown)'" : "no row matches '\(shown)'")
  }
}
