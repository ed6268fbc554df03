internal import CacheKit
internal import TUI

/// The list of changes, the newest first.
struct JournalState: Sendable {
  var cursor = 0
}

extension Inspector {
  /// The newest change that was not taken back.
  var lastChange: JournalLine? { journalName.flatMap { journal.lastChange(of: $0) } }

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

  func drawRecent(_ rect: Rect, frame: inout Frame) {
    guard !journal.lines.isEmpty, rect.height > 1 else { return }
    frame.put(" RECENT", x: rect.x, y: rect.y, style: .strong)
    frame.put("J journal, u undo", x: max(9, rect.width - 19), y: rect.y, style: .dim)
    for (index, line) in journal.lines.suffix(rect.height - 1).reversed().enumerated() {
      let text = TextCut.end(words(line, isShort: true), to: rect.width - 3, glyphs: glyphs)
      frame.put(text, x: rect.x + 2, y: rect.y + 1 + index, width: rect.width - 3)
    }
  }

  mutating func press(_ key: Key, _ state: JournalState) -> Effect<Work> {
    var state = state
    let lines = Array(journal.lines.reversed())
    switch key {
    case .escape, .character("q"), .character("J"), .control("c"):
      overlay = nil
      return .none
    case .down, .character("j"): state.cursor += 1
    case .up, .character("k"): state.cursor -= 1
    case .pageDown: state.cursor += 10
    case .pageUp: state.cursor -= 10
    case .enter, .character("u"):
      if let reason = leaseObstacle {
        refuse(reason, key)
        return .none
      }
      return askUndo(lines.indices.contains(state.cursor) ? lines[state.cursor] : nil, key)
    default: break
    }
    state.cursor = max(0, min(state.cursor, lines.count - 1))
    overlay = .journal(state)
    return .none
  }

  func drawJournal(_ state: JournalState, frame: inout Frame) {
    let lines = Array(journal.lines.reversed())
    let width = min(frame.size.columns, 120)
    let height = min(frame.size.rows, max(4, min(lines.count + 3, frame.size.rows - 2)))
    let box = Rect(
      x: (frame.size.columns - width) / 2, y: (frame.size.rows - height) / 2, width: width,
      height: height)
    Panel.draw(box, title: "Journal", frame: &frame)
    let rows = max(1, height - 3)
    let first = max(0, min(state.cursor - rows / 2, lines.count - rows))
    for offset in 0..<rows where first + offset < lines.count {
      let isSelected = first + offset == state.cursor
      let y = box.y + 1 + offset
      let style = Style(.text, selected: isSelected)
      frame.fill(Rect(x: box.x + 1, y: y, width: width - 2, height: 1), style: style)
      let text = TextCut.end(words(lines[first + offset]), to: width - 5, glyphs: glyphs)
      let marker = isSelected ? glyphs.selected : " "
      frame.put("\(marker) \(text)", x: box.x + 1, y: y, width: width - 2, style: style)
      if isSelected { frame.cursor = Point(x: box.x + 1, y: y) }
    }
    let hint = lines.isEmpty ? "nothing was changed through cachescope yet" : "u undo  Esc close"
    frame.put(hint, x: box.x + 2, y: box.maxY - 2, width: width - 4, style: .dim)
  }
}
