internal import CacheKit
internal import TUI

/// The list of changes, the newest first.
struct JournalList: Sendable, Overlay {
  var cursor = 0

  private static let width = 120

  private func panel(_ lines: [JournalRun]) -> ListPanel {
    ListPanel(count: lines.count, cursor: cursor)
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    let runs = inspector.house.journal.runs()
    switch key {
    case .escape, .backspace, .character("q"), .character("J"), .control("c"):
      inspector.house.overlay = nil
    case .enter, .character("u"):
      if let reason = inspector.house.leaseObstacle {
        inspector.house.refuse(reason, key)
        return .none
      }
      return inspector.house.askUndo(runs.indices.contains(cursor) ? runs[cursor].line : nil, key)
    default:
      let place = panel(runs).moved(by: key) ?? cursor
      inspector.house.overlay = JournalList(cursor: max(0, min(place, runs.count - 1)))
    }
    return .none
  }

  /// A click selects; what takes back a change is a key.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let house = inspector.house
    let panel = panel(house.journal.runs())
    guard let place = panel.clicked(point, width: Self.width, in: house.size) else {
      return press(.escape, in: &inspector)
    }
    inspector.house.overlay = JournalList(cursor: place)
    return .none
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let house = inspector.house
    let runs = house.journal.runs()
    let hint =
      runs.isEmpty ? "no changes made through cachescope yet  Esc close" : "u undo  Esc close"
    panel(runs).draw(title: "Journal", hint: hint, width: Self.width, frame: &frame) {
      (house.words(runs[$0]), .text)
    }
  }
}

extension House {
  /// `14:01:07  ada  (undone)  release 88:41207:…`.
  func words(_ run: JournalRun, isShort: Bool = false) -> String {
    let line = run.line
    let time =
      isShort
      ? Format.recent(line.time, now: ageNow, utc: settings.usesUTC)
      : Format.time(line.time, utc: settings.usesUTC)
    let command = line.command.prefix(6).map { ShellQuote.quote(Format.text($0)) }
      .joined(separator: " ")
    let more = run.count > 1 ? " and \(Format.count(run.count - 1, "more step"))" : ""
    return "\(time)  \(Format.text(line.user))  \(state(of: line))\(command)\(more)"
  }

  private func state(of line: JournalLine) -> String {
    if journal.isUndone(line) { return "(undone)  " }
    if line.undoes != nil { return "" }
    if let until = line.keptUntil, until > (wallTime(at: clock) ?? 0) {
      let time = Format.recent(until, now: ageNow, utc: settings.usesUTC).prefix { $0 != " " }
      return "(kept until \(time))  "
    }
    return line.undoObstacle != nil ? "(not undoable)  " : ""
  }
}
