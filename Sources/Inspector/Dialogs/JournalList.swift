internal import CacheKit
internal import TUI

/// The list of changes, the newest first.
struct JournalList: Sendable, Overlay {
  var cursor = 0

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    let lines = Array(inspector.house.journal.lines.reversed())
    switch key {
    case .escape, .backspace, .character("q"), .character("J"), .control("c"):
      inspector.house.overlay = nil
      return .none
    case .down, .character("j"): list.cursor += 1
    case .up, .character("k"): list.cursor -= 1
    case .pageDown: list.cursor += 10
    case .pageUp: list.cursor -= 10
    case .home, .character("g"): list.cursor = 0
    case .end, .character("G"): list.cursor = lines.count - 1
    case .enter, .character("u"):
      if let reason = inspector.house.leaseObstacle {
        inspector.house.refuse(reason, key)
        return .none
      }
      return inspector.house.askUndo(
        lines.indices.contains(list.cursor) ? lines[list.cursor] : nil, key)
    default: break
    }
    list.cursor = max(0, min(list.cursor, lines.count - 1))
    inspector.house.overlay = list
    return .none
  }

  /// A click selects; what takes back a change is a key.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let (box, seen) = place(inspector.house.journal.lines.count, in: inspector.house.size)
    guard box.contains(point) else { return press(.escape, in: &inspector) }
    let index = seen.lowerBound + point.y - box.y - 1
    var list = self
    if point.y > box.y, seen.contains(index) { list.cursor = index }
    inspector.house.overlay = list
    return .none
  }

  /// Where the list stands, and the lines that are seen.
  private func place(_ count: Int, in size: Size) -> (box: Rect, seen: Range<Int>) {
    let width = min(size.columns, 120)
    let height = min(size.rows, max(4, min(count + 3, size.rows - 2)))
    let box = Rect(
      x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    let rows = max(1, height - 3)
    let first = max(0, min(cursor - rows / 2, count - rows))
    return (box, first..<max(first, min(count, first + rows)))
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let house = inspector.house
    let lines = Array(house.journal.lines.reversed())
    let (box, seen) = place(lines.count, in: frame.size)
    let width = box.width
    Panel.draw(box, title: "Journal", frame: &frame)
    let position = lines.isEmpty ? " none " : " \(cursor + 1)/\(lines.count) "
    frame.put(position, x: box.maxX - position.count - 2, y: box.y, style: .dim)
    for (offset, index) in seen.enumerated() {
      let isSelected = index == cursor
      let y = box.y + 1 + offset
      let style = Style(.text, selected: isSelected)
      frame.fill(Rect(x: box.x + 1, y: y, width: width - 2, height: 1), style: style)
      let text = TextCut.end(
        house.words(lines[index]), to: width - 5, glyphs: house.glyphs)
      let marker = isSelected ? house.glyphs.selected : " "
      frame.put("\(marker) \(text)", x: box.x + 1, y: y, width: width - 2, style: style)
      if isSelected { frame.cursor = Point(x: box.x + 1, y: y) }
    }
    let hint = lines.isEmpty ? "no changes made through cachescope yet" : "u undo  Esc close"
    frame.put(hint, x: box.x + 2, y: box.maxY - 2, width: width - 4, style: .dim)
  }
}

extension House {
  /// `14:01:07  ada  release 88:41207:…  (undone)`.
  func words(_ line: JournalLine, isShort: Bool = false) -> String {
    let time =
      isShort
      ? Format.recent(line.time, now: ageNow, utc: settings.usesUTC)
      : Format.time(line.time, utc: settings.usesUTC)
    let command = line.command.prefix(6).map { Format.text($0) }.joined(separator: " ")
    let state =
      journal.isUndone(line) ? "  (undone)" : line.undoObstacle != nil ? "  (not undoable)" : ""
    return "\(time)  \(Format.text(line.user))  \(command)\(state)"
  }
}
