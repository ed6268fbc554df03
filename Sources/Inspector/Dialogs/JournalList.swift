internal import CacheKit
internal import TUI

/// The list of changes, the newest first.
struct JournalList: Sendable, Overlay {
  var cursor = 0

  private static let width = 120

  private func panel(_ lines: [JournalLine]) -> ListPanel {
    ListPanel(count: lines.count, cursor: cursor)
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    let lines = Array(inspector.house.journal.lines.reversed())
    switch key {
    case .escape, .backspace, .character("q"), .character("J"), .control("c"):
      inspector.house.overlay = nil
    case .enter, .character("u"):
      if let reason = inspector.house.leaseObstacle {
        inspector.house.refuse(reason, key)
        return .none
      }
      return inspector.house.askUndo(lines.indices.contains(cursor) ? lines[cursor] : nil, key)
    default:
      let place = panel(lines).moved(by: key) ?? cursor
      inspector.house.overlay = JournalList(cursor: max(0, min(place, lines.count - 1)))
    }
    return .none
  }

  /// A click selects; what takes back a change is a key.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let house = inspector.house
    let panel = ListPanel(count: house.journal.lines.count, cursor: cursor)
    guard let place = panel.clicked(point, width: Self.width, in: house.size) else {
      return press(.escape, in: &inspector)
    }
    inspector.house.overlay = JournalList(cursor: place)
    return .none
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let house = inspector.house
    let lines = Array(house.journal.lines.reversed())
    let hint = lines.isEmpty ? "no changes made through cachescope yet" : "u undo  Esc close"
    panel(lines).draw(title: "Journal", hint: hint, width: Self.width, frame: &frame) {
      (house.words(lines[$0]), .text)
    }
  }
}

extension House {
  /// `14:01:07  ada  release 88:41207:…  (undone)`.
  func words(_ line: JournalLine, isShort: Bool = false) -> String {
    let time =
      isShort
      ? Format.recent(line.time, now: ageNow, utc: settings.usesUTC)
      : Format.time(line.time, utc: settings.usesUTC)
    let command = line.command.prefix(6).map { ShellQuote.quote(Format.text($0)) }
      .joined(separator: " ")
    let state =
      journal.isUndone(line) ? "  (undone)" : line.undoObstacle != nil ? "  (not undoable)" : ""
    return "\(time)  \(Format.text(line.user))  \(command)\(state)"
  }
}
