internal import TUI

/// The help: the keys that work here, narrowed down by typing.
struct HelpState: Sendable {
  var field = TextField()
  var cursor = 0
}

/// The palette: every command by its words, best match first.
struct PaletteState: Sendable {
  var field = TextField()
  var cursor = 0
}

extension Inspector {
  /// The bindings that the help lists, those of the screen first.
  func helpBindings(_ search: String) -> [Binding] {
    let words = search.lowercased().split(separator: " ")
    return Binding.valid(in: self)
      .filter { $0.isOffered(self) }
      .filter { binding in
        let text = "\(binding.keyNames) \(binding.words) \(binding.help)".lowercased()
        return words.allSatisfy { text.contains($0) }
      }
  }

  func paletteBindings(_ search: String) -> [Binding] {
    let letters = Array(search.lowercased().filter { $0 != " " })
    let saved = settings.savedFilters.enumerated().map { $1.binding($0) }
    let all = saved + Binding.all.filter { $0.isValid(on: tab) }
    let scored = all.compactMap { binding in
      Fuzzy.score(letters, in: "\(binding.words) \(binding.help)").map { (binding, $0) }
    }
    return scored.sorted { $0.1 > $1.1 }.map(\.0)
  }

  mutating func press(_ key: Key, _ state: HelpState) -> Effect<Work> {
    var state = state
    let list = helpBindings(state.field.text)
    if let effect = pick(key, from: list, cursor: &state.cursor) { return effect }
    let isClosing =
      state.field.text.isEmpty && [.character("q"), .character("?"), .function(1)].contains(key)
    if isClosing {
      overlay = nil
      return .none
    }
    if !Self.moves.contains(key), state.field.handle(key) { state.cursor = 0 }
    overlay = .help(state)
    return .none
  }

  mutating func press(_ key: Key, _ state: PaletteState) -> Effect<Work> {
    var state = state
    let list = paletteBindings(state.field.text)
    if let effect = pick(key, from: list, cursor: &state.cursor) { return effect }
    if !Self.moves.contains(key), state.field.handle(key) { state.cursor = 0 }
    overlay = .palette(state)
    return .none
  }

  private static let moves: Set<Key> = [.up, .down, .pageUp, .pageDown]

  /// Esc and Enter end the choice; the arrows move in it.
  private mutating func pick(
    _ key: Key, from list: [Binding], cursor: inout Int
  ) -> Effect<Work>? {
    switch key {
    case .escape, .control("c"):
      overlay = nil
      return Effect.none
    case .enter:
      overlay = nil
      guard list.indices.contains(cursor) else { return Effect.none }
      return run(list[cursor], list[cursor].keys.first ?? .unknown)
    case .down: cursor += 1
    case .up: cursor -= 1
    case .pageDown: cursor += 10
    case .pageUp: cursor -= 10
    default: return nil
    }
    cursor = max(0, min(cursor, list.count - 1))
    return nil
  }

  func drawHelp(_ state: HelpState, frame: inout Frame) {
    drawList(
      title: "Keys on \(tab.title)", prompt: "search: ", field: state.field, cursor: state.cursor,
      bindings: helpBindings(state.field.text), frame: &frame)
    let count = helpBindings(state.field.text).count
    let (box, _) = Self.listPlace(count, cursor: state.cursor, in: frame.size)
    frame.put(
      " the mouse with Shift selects text to copy ", x: box.x + 2, y: box.maxY - 1,
      width: max(0, box.width - 4), style: .dim)
  }

  func drawPalette(_ state: PaletteState, frame: inout Frame) {
    drawList(
      title: "Commands", prompt: ": ", field: state.field, cursor: state.cursor,
      bindings: paletteBindings(state.field.text), frame: &frame)
  }

  /// Where the list of help and palette stands, and the rows that are seen.
  static func listPlace(_ count: Int, cursor: Int, in size: Size) -> (box: Rect, rows: Range<Int>) {
    let width = min(size.columns, 78)
    let height = max(4, min(size.rows - 2, count + 3))
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    let rows = max(1, box.height - 3)
    let first = max(0, min(cursor - rows / 2, count - rows))
    return (box, first..<max(first, min(count, first + rows)))
  }

  private func drawList(
    title: String, prompt: String, field: TextField, cursor: Int, bindings: [Binding],
    frame: inout Frame
  ) {
    let (box, seen) = Self.listPlace(bindings.count, cursor: cursor, in: frame.size)
    let width = box.width
    Panel.draw(box, title: title, frame: &frame)
    for (line, index) in seen.enumerated() {
      let place = Point(x: box.x + 1, y: box.y + 2 + line)
      draw(bindings[index], at: place, width: width - 2, index == cursor, frame: &frame)
    }
    let used = frame.put(prompt, x: box.x + 2, y: box.y + 1, style: .dim)
    field.draw(x: box.x + 2 + used, y: box.y + 1, width: width - 4 - used, frame: &frame)
  }

  private func draw(
    _ binding: Binding, at place: Point, width: Int, _ isSelected: Bool, frame: inout Frame
  ) {
    let keysWidth = min(20, width / 3)
    let reason = binding.hindrance(self)
    let base = Style(reason == nil ? .text : .dim, selected: isSelected)
    frame.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: base)
    let marker = isSelected ? glyphs.selected : " "
    frame.put(marker, x: place.x, y: place.y, style: base)
    let keys = TextCut.end(binding.keyNames, to: keysWidth, glyphs: glyphs)
    frame.put(
      keys, x: place.x + 2, y: place.y,
      style: isSelected ? base : Style(reason == nil ? .strong : .dim))
    let text = reason.map { "\(binding.help) (\($0))" } ?? binding.help
    let room = width - keysWidth - 4
    frame.put(
      TextCut.end(text, to: room, glyphs: glyphs), x: place.x + keysWidth + 3, y: place.y,
      width: max(0, room), style: base)
  }
}

/// How well letters, in order, are found in a text.
enum Fuzzy {
  /// Higher is better; `nil` where a letter is missing.
  static func score(_ letters: [Character], in text: String) -> Int? {
    var score = 0
    var wanted = letters[...]
    var previous: Character = " "
    var wasHit = false
    for character in text.lowercased() {
      guard let next = wanted.first else { break }
      let isHit = character == next
      if isHit {
        score += wasHit ? 5 : previous == " " ? 4 : 1
        wanted = wanted.dropFirst()
      }
      wasHit = isHit
      previous = character
    }
    return wanted.isEmpty ? score : nil
  }
}
