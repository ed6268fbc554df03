internal import TUI

/// A list of commands, narrowed down by typing: the help has all keys and marks by screen, the palette
/// every command by its name, best match first.
struct BindingList: Sendable, Overlay {
  enum Kind: Sendable { case help, palette }

  let kind: Kind
  var field = TextField()
  /// Counted without headings.
  var cursor = 0

  private func parts(of inspector: Inspector) -> [HelpPart] {
    switch kind {
    case .help: inspector.helpParts(field.text)
    case .palette:
      [HelpPart(title: "", rows: inspector.paletteBindings(field.text).map { .binding($0) })]
    }
  }

  // MARK: Keys
  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    let rows = parts(of: inspector).flatMap(\.rows)
    if let effect = list.pick(key, from: rows, in: &inspector) { return effect }
    if field.text.isEmpty, closingKeys.contains(key) {
      inspector.house.overlay = nil
      return .none
    }
    if !Self.moves.contains(key), list.field.handle(key) { list.cursor = 0 }
    inspector.house.overlay = list
    return .none
  }

  private var closingKeys: [Key] {
    kind == .help
      ? [.character("q"), .character("?"), .function(1), .backspace] : [.backspace, .function(10)]
  }

  private static let moves: Set<Key> = [.up, .down, .pageUp, .pageDown, .home, .end]

  /// Esc and Enter end the choice; the arrows move in it.
  private mutating func pick(
    _ key: Key, from list: [HelpRow], in inspector: inout Inspector
  ) -> Effect<Work>? {
    switch key {
    case .escape, .control("c"):
      inspector.house.overlay = nil
      return Effect.none
    case .enter:
      guard list.indices.contains(cursor) else { return Effect.none }
      return run(list[cursor], in: &inspector)
    case .down: cursor += 1
    case .up: cursor -= 1
    case .pageDown: cursor += 10
    case .pageUp: cursor -= 10
    case .home: cursor = 0
    case .end: cursor = list.count - 1
    default: return nil
    }
    cursor = max(0, min(cursor, list.count - 1))
    return nil
  }

  /// Goes to the screen of the command and runs it there; a mark only says what it means.
  private func run(_ row: HelpRow, in inspector: inout Inspector) -> Effect<Work> {
    guard case .binding(let binding) = row else { return .none }
    inspector.house.overlay = nil
    let way = inspector.elsewhere(binding).map { inspector.visit($0) } ?? Effect.none
    return way + inspector.run(binding, binding.keys.first ?? .unknown)
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    list.field.insert(text)
    list.cursor = 0
    inspector.house.overlay = list
    return .none
  }

  /// The first click may scroll the list: the second one means the same row.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    if inspector.isSecondClick(at: point) { return press(.enter, in: &inspector) }
    let page = page(of: inspector, in: inspector.house.size)
    guard page.box.contains(point) else { return press(.escape, in: &inspector) }
    var list = self
    let line = page.seen.lowerBound + point.y - page.box.y - 2
    if point.y >= page.box.y + 2, page.seen.contains(line), let row = page.lines[line].place {
      list.cursor = row
    }
    inspector.house.overlay = list
    return .none
  }

  // MARK: Picture
  /// A heading, or a row with its place among the rows.
  private struct Line {
    var title: String?
    var row: HelpRow?
    var place: Int?
  }

  private struct Page {
    var box: Rect
    var lines: [Line]
    /// The lines that are seen.
    var seen: Range<Int>
    var count: Int
  }

  private func page(of inspector: Inspector, in size: Size) -> Page {
    var lines: [Line] = []
    var count = 0
    for part in parts(of: inspector) {
      if !part.title.isEmpty { lines.append(Line(title: part.title)) }
      for row in part.rows {
        lines.append(Line(row: row, place: count))
        count += 1
      }
    }
    let width = min(size.columns, max(78, min(120, size.columns - 10)))
    let height = max(4, min(size.rows - 2, lines.count + 3))
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    let room = max(1, box.height - 3)
    let selected = lines.firstIndex { $0.place == cursor } ?? 0
    let first = max(0, min(selected - room / 2, lines.count - room))
    return Page(
      box: box, lines: lines, seen: first..<max(first, min(lines.count, first + room)), count: count
    )
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let page = page(of: inspector, in: frame.size)
    let box = page.box
    let title = kind == .help ? "Help for \(inspector.house.tab.title)" : "Commands"
    Panel.draw(box, title: title, frame: &frame)
    for (offset, index) in page.seen.enumerated() {
      let place = Point(x: box.x + 1, y: box.y + 2 + offset)
      draw(page.lines[index], at: place, width: box.width - 2, of: inspector, frame: &frame)
    }
    let position = page.count == 0 ? " none " : " \(cursor + 1)/\(page.count) "
    frame.put(position, x: box.maxX - position.count - 2, y: box.y, style: .dim)
    let prompt = kind == .help ? "search: " : ": "
    let used = frame.put(prompt, x: box.x + 2, y: box.y + 1, style: .dim)
    field.draw(x: box.x + 2 + used, y: box.y + 1, width: box.width - 4 - used, frame: &frame)
    let foot =
      kind == .help
      ? " Enter runs it  Home End  Shift and the mouse select text " : " Enter runs it  Esc closes "
    frame.put(
      foot, x: box.x + 2, y: box.maxY - 1, width: max(0, box.width - 4), style: .dim)
  }

  private func draw(
    _ line: Line, at place: Point, width: Int, of inspector: Inspector, frame: inout Frame
  ) {
    if let title = line.title {
      frame.put(title, x: place.x + 1, y: place.y, width: width - 1, style: Style(.title))
    }
    guard let row = line.row else { return }
    let isSelected = line.place == cursor
    let cells = cells(row, width: width, of: inspector)
    let role: Role = cells.isPossible ? .text : .dim
    let base = Style(role, selected: isSelected)
    frame.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: base)
    frame.put(isSelected ? frame.glyphs.selected : " ", x: place.x, y: place.y, style: base)
    if isSelected { frame.cursor = Point(x: place.x, y: place.y) }
    var x = place.x + 2
    for cell in cells.texts {
      let room = min(cell.width, place.x + width - x)
      guard room > 0 else { break }
      let style = isSelected ? base : Style(cell.isStrong && cells.isPossible ? .strong : role)
      let text = TextCut.end(cell.text, to: room, glyphs: frame.glyphs)
      frame.put(text, x: x, y: place.y, width: room, style: style)
      x += room + 1
    }
  }

  private struct Cells {
    var texts: [(text: String, width: Int, isStrong: Bool)]
    var isPossible = true
  }

  /// Keys and a sentence in the help; in the palette the name stands between them.
  private func cells(_ row: HelpRow, width: Int, of inspector: Inspector) -> Cells {
    switch row {
    case .sign(let line):
      let sign = min(20, width / 3)
      return Cells(texts: [(line.sign, sign, true), (line.words, width - sign - 4, false)])
    case .binding(let binding):
      let reason = binding.hindrance(inspector)
      let help = reason.map { "\(binding.help) (\($0))" } ?? binding.help
      let keys = kind == .help ? min(20, width / 3) : 10
      let names = kind == .help ? binding.keyNames : binding.keys.first?.name ?? ""
      var texts = [(names, keys, true)]
      if kind == .palette { texts.append((inspector.name(of: binding), min(26, width - 12), true)) }
      let used = texts.reduce(3) { $0 + $1.1 + 1 }
      if width - used >= 12 { texts.append((help, width - used, false)) }
      return Cells(texts: texts, isPossible: reason == nil)
    }
  }
}
