internal import CacheKit
internal import TUI

extension House {

  /// The rows that the strip has room for.
  var seenTasks: Range<Int> {
    let room = max(1, (layout.tasks?.height ?? 1) - 1)
    let count = taskRows.count
    let first = areTasksFocused ? max(0, min(tasks.cursor, count - room)) : 0
    return first..<min(count, first + room)
  }

  func drawTasks(
    _ layout: Layout, frame: inout Frame, progress: (JobID, Moment) -> String
  ) {
    guard let strip = layout.tasks else { return }
    let rows = taskRows
    let seen = seenTasks
    let title = areTasksFocused ? "\(glyphs.selected) tasks" : "tasks"
    let more = rows.count > seen.count ? "\(seen.upperBound)/\(rows.count)  " : ""
    frame.rule(y: strip.y, width: strip.width, title: title, trailing: "\(more)t")
    if layout.areDetailsBeside, let divider = layout.divider {
      frame.put(glyphs.joinUp, x: divider.x, y: strip.y, style: Style(.border))
    }
    for (offset, index) in seen.enumerated() {
      let isSelected = areTasksFocused && index == tasks.cursor
      let rect = Rect(x: strip.x, y: strip.y + 1 + offset, width: strip.width, height: 1)
      draw(words(rows[index], progress), in: rect, isSelected: isSelected, frame: &frame)
      if isSelected { frame.cursor = Point(x: rect.x, y: rect.y) }
    }
  }

  private func draw(
    _ words: (text: String, role: Role, hint: String), in rect: Rect, isSelected: Bool,
    frame: inout Frame
  ) {
    let (text, role, hint) = words
    let style = Style(role, selected: isSelected)
    if isSelected {
      frame.fill(rect, style: style)
      frame.put(glyphs.selected, x: rect.x, y: rect.y, style: style)
    }
    let room = rect.width - 16
    frame.put(
      TextCut.end(text, to: room, glyphs: glyphs), x: rect.x + 2, y: rect.y, width: room,
      style: style)
    frame.put(
      hint, x: rect.maxX - 11, y: rect.y, width: 10,
      style: isSelected ? style : Style(.strong))
  }

  private func words(
    _ row: TaskRow, _ progress: (JobID, Moment) -> String
  ) -> (text: String, role: Role, hint: String) {
    switch row {
    case .running(let id):
      let since = running[id] ?? clock
      let turn = Int(clock.milliseconds(since: since) / 125)
      let spinner = glyphs.spinner[turn % glyphs.spinner.count]
      let text = "\(clockText(wallTime(at: since)))  \(spinner) \(progress(id, since))"
      return (text, .strong, id.kind == .change ? "" : "x cancel")
    case .result(let result):
      let hint = canUndo(result) ? "u undo" : ""
      return ("\(clockText(result.at))  \(result.text)", result.role, hint)
    }
  }

  /// `14:02:31`.
  func clockText(_ seconds: Int64?) -> String {
    guard let seconds else { return "        " }
    return String(Format.time(seconds, utc: settings.usesUTC).suffix(8))
  }
}
