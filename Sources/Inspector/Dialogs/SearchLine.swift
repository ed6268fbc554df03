internal import TUI

/// The line of a search while it is typed: the cursor goes to the first row that matches, and no row
/// is hidden.
struct SearchLine: Sendable, Overlay {
  var field: TextField
  /// The row that the search began at; Esc goes back to it.
  var origin: Int

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    switch key {
    case .enter:
      inspector.house.overlay = nil
      inspector.house.noteSearch(field.text)
      return .none
    case .escape, .control("c"):
      inspector.house.overlay = nil
      inspector.house.note = nil
      inspector.changeTable { [origin] in $0.move(to: origin) }
      return .none
    case .function(3), .control("f"), .tab: return find(1, in: &inspector)
    case .function(15), .backTab: return find(-1, in: &inspector)
    default:
      guard line.field.handle(key) else { return .none }
      return line.follow(in: &inspector)
    }
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var line = self
    line.field.insert(text)
    return line.follow(in: &inspector)
  }

  private func find(_ step: Int, in inspector: inout Inspector) -> Effect<Work> {
    guard !field.text.isEmpty else { return .none }
    return inspector.withRoom { $0.find(step, field.text, in: &$1) }
  }

  /// From where the search began on: a letter more may leave that row where it is.
  private func follow(in inspector: inout Inspector) -> Effect<Work> {
    inspector.house.overlay = self
    inspector.house.note = nil
    inspector.changeTable { [origin] in $0.move(to: origin) }
    return find(0, in: &inspector)
  }

  var leavesListOpen: Bool { true }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let line = layout.message
    frame.fill(line)
    let label = "search: "
    field.draw(after: label, on: line, frame: &frame)
    let used = 1 + label.count + Width.of(SafeText.escape(field.text)) + 3
    frame.putHint(inspector.house.note?.text ?? "F3 next, Esc back", on: line, after: used)
  }
}

extension Inspector {
  /// F3: looks for what was looked for last where Up recalls it.
  mutating func openSearch() {
    let field = TextField(history: house.searches[house.tab] ?? [])
    house.overlay = SearchLine(field: field, origin: room.cursor)
  }
}

extension House {
  fileprivate mutating func noteSearch(_ text: String) {
    guard !text.isEmpty else { return }
    sought[tab] = text
    guard searches[tab]?.last != text else { return }
    searches[tab, default: []].append(text)
  }
}

extension Frame {
  /// A hint at the right end of a line that is typed in, where there is room for a part worth reading.
  mutating func putHint(_ text: String, on line: Rect, after used: Int) {
    let room = line.width - used - 1
    guard room >= 12 else { return }
    let text = TextCut.end(text, to: room, glyphs: glyphs)
    put(text, x: line.width - Width.of(text) - 1, y: line.y, style: .dim)
  }
}
