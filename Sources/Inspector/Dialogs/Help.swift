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
  /// The bindings that the help lists, those of the screen first, then those of the others.
  func helpBindings(_ search: String) -> [Binding] {
    let words = search.lowercased().split(separator: " ")
    return everyBinding.filter { binding in
      let text = "\(place(of: binding)) \(binding.keyNames) \(binding.words) \(binding.help)"
      return words.allSatisfy { text.lowercased().contains($0) }
    }
  }

  func paletteBindings(_ search: String) -> [Binding] {
    let saved = settings.savedFilters.enumerated().map { $1.binding($0) }
    let scored = (saved + everyBinding).enumerated().compactMap { place, binding in
      Match.score(search, words: binding.words, help: binding.help)
        .map { (binding: binding, score: $0, place: place) }
    }
    return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.binding)
  }

  /// What is offered here, and below it what other screens offer.
  private var everyBinding: [Binding] {
    let here = Binding.valid(in: self)
    let others = Binding.all.filter { !$0.isValid(on: tab) }
    return (here + others).filter { $0.isOffered(self) }
  }

  /// `Entries: ` before what belongs to other screens.
  private func place(of binding: Binding) -> String {
    guard let tab = elsewhere(binding) else { return "" }
    return "\(tab.title): "
  }

  /// The screen of a binding that means nothing on this one.
  private func elsewhere(_ binding: Binding) -> Tab? {
    guard !binding.isValid(on: tab), !(areTasksFocused && binding.id == "cancel-task") else {
      return nil
    }
    return Tab.allCases.first { binding.isValid(on: $0) }
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

  private static let moves: Set<Key> = [.up, .down, .pageUp, .pageDown, .home, .end]

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
      let binding = list[cursor]
      let way = elsewhere(binding).map { visit($0) } ?? Effect.none
      return way + run(binding, binding.keys.first ?? .unknown)
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
    let place = bindings.isEmpty ? " none " : " \(cursor + 1)/\(bindings.count) "
    frame.put(place, x: box.maxX - place.count - 2, y: box.y, style: .dim)
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
    let help = self.place(of: binding) + binding.help
    let text = reason.map { "\(help) (\($0))" } ?? help
    let room = width - keysWidth - 4
    frame.put(
      TextCut.end(text, to: room, glyphs: glyphs), x: place.x + keysWidth + 3, y: place.y,
      width: max(0, room), style: base)
  }
}

/// How well a command is found by what was typed.
enum Match {
  /// Higher is better; `nil` where it is not meant. The name counts before the help, the whole word
  /// before its begin, and the begin before the middle.
  static func score(_ search: String, words: String, help: String) -> Int? {
    let wanted = search.lowercased().split(separator: " ").map(String.init)
    guard !wanted.isEmpty else { return 0 }
    var total = 0
    for part in wanted {
      guard let score = best(part, words.lowercased(), help.lowercased()) else { return nil }
      total += score
    }
    let whole = wanted.joined(separator: " ")
    return total + (words.lowercased().hasPrefix(whole) ? 500 : 0)
  }

  private static func best(_ part: String, _ words: String, _ help: String) -> Int? {
    if let score = grade(part, words) { return 100 + score }
    if let score = grade(part, help) { return score }
    return isSpelled(part, words) ? 1 : nil
  }

  private static func grade(_ part: String, _ text: String) -> Int? {
    let all = text.split { !$0.isLetter && !$0.isNumber }
    if all.contains(where: { $0 == part }) { return 30 }
    if all.contains(where: { $0.hasPrefix(part) }) { return 20 }
    return text.contains(part) ? 10 : nil
  }

  /// The letters in order, with others between them.
  private static func isSpelled(_ part: String, _ text: String) -> Bool {
    var rest = part[...]
    for character in text where character == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}
