internal import CacheKit
internal import TUI

/// The list of changes, the newest first.
struct JournalList: Sendable, Overlay {
  var cursor = 0

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    let lines = Array(inspector.house.journal.lines.reversed())
    switch key {
    case .escape, .character("q"), .character("J"), .control("c"):
      inspector.house.overlay = nil
      return .none
    case .down, .character("j"): list.cursor += 1
    case .up, .character("k"): list.cursor -= 1
    case .pageDown: list.cursor += 10
    case .pageUp: list.cursor -= 10
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

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let house = inspector.house
    let lines = Array(house.journal.lines.reversed())
    let width = min(frame.size.columns, 120)
    let height = min(frame.size.rows, max(4, min(lines.count + 3, frame.size.rows - 2)))
    let box = Rect(
      x: (frame.size.columns - width) / 2, y: (frame.size.rows - height) / 2, width: width,
      height: height)
    Panel.draw(box, title: "Journal", frame: &frame)
    let rows = max(1, height - 3)
    let first = max(0, min(cursor - rows / 2, lines.count - rows))
    for offset in 0..<rows where first + offset < lines.count {
      let isSelected = first + offset == cursor
      let y = box.y + 1 + offset
      let style = Style(.text, selected: isSelected)
      frame.fill(Rect(x: box.x + 1, y: y, width: width - 2, height: 1), style: style)
      let text = TextCut.end(
        house.words(lines[first + offset]), to: width - 5, glyphs: house.glyphs)
      let marker = isSelected ? house.glyphs.selected : " "
      frame.put("\(marker) \(text)", x: box.x + 1, y: y, width: width - 2, style: style)
      if isSelected { frame.cursor = Point(x: box.x + 1, y: y) }
    }
    let hint = lines.isEmpty ? "nothing was changed through cachescope yet" : "u undo  Esc close"
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
