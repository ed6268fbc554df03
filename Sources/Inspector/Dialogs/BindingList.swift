internal import TUI

/// A list of commands, narrowed down by typing: the help has the keys that work here, the palette
/// every command by its words, best match first.
struct BindingList: Sendable, Overlay {
  enum Kind: Sendable { case help, palette }

  let kind: Kind
  var field = TextField()
  var cursor = 0

  private func bindings(of inspector: Inspector) -> [Binding] {
    switch kind {
    case .help: inspector.helpBindings(field.text)
    case .palette: inspector.paletteBindings(field.text)
    }
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    let bindings = bindings(of: inspector)
    if let effect = list.pick(key, from: bindings, in: &inspector) { return effect }
    if field.text.isEmpty, closingKeys.contains(key) {
      inspector.house.overlay = nil
      return .none
    }
    if !Self.moves.contains(key), list.field.handle(key) { list.cursor = 0 }
    inspector.house.overlay = list
    return .none
  }

  private var closingKeys: [Key] {
    kind == .help ? [.character("q"), .character("?"), .function(1)] : []
  }

  private static let moves: Set<Key> = [.up, .down, .pageUp, .pageDown, .home, .end]

  /// Esc and Enter end the choice; the arrows move in it.
  private mutating func pick(
    _ key: Key, from list: [Binding], in inspector: inout Inspector
  ) -> Effect<Work>? {
    switch key {
    case .escape, .control("c"):
      inspector.house.overlay = nil
      return Effect.none
    case .enter:
      inspector.house.overlay = nil
      guard list.indices.contains(cursor) else { return Effect.none }
      let binding = list[cursor]
      let way = inspector.elsewhere(binding).map { inspector.visit($0) } ?? Effect.none
      return way + inspector.run(binding, binding.keys.first ?? .unknown)
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

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var list = self
    list.field.insert(text)
    inspector.house.overlay = list
    return .none
  }

  /// The first click may scroll the list: the second one means the same row.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    if inspector.isSecondClick(at: point) { return press(.enter, in: &inspector) }
    let (box, rows) = place(bindings(of: inspector).count, in: inspector.house.size)
    let index = rows.lowerBound + point.y - box.y - 2
    let isInside = box.contains(point) && point.y >= box.y + 2
    var list = self
    if isInside, rows.contains(index) { list.cursor = index }
    inspector.house.overlay = list
    return .none
  }

  // MARK: Picture
  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let bindings = bindings(of: inspector)
    let (box, seen) = place(bindings.count, in: frame.size)
    let title = kind == .help ? "Keys on \(inspector.house.tab.title)" : "Commands"
    Panel.draw(box, title: title, frame: &frame)
    for (line, index) in seen.enumerated() {
      let place = Point(x: box.x + 1, y: box.y + 2 + line)
      draw(
        bindings[index], at: place, width: box.width - 2, index == cursor, of: inspector,
        frame: &frame)
    }
    let place = bindings.isEmpty ? " none " : " \(cursor + 1)/\(bindings.count) "
    frame.put(place, x: box.maxX - place.count - 2, y: box.y, style: .dim)
    let prompt = kind == .help ? "search: " : ": "
    let used = frame.put(prompt, x: box.x + 2, y: box.y + 1, style: .dim)
    field.draw(x: box.x + 2 + used, y: box.y + 1, width: box.width - 4 - used, frame: &frame)
    guard kind == .help else { return }
    frame.put(
      " the mouse with Shift selects text to copy ", x: box.x + 2, y: box.maxY - 1,
      width: max(0, box.width - 4), style: .dim)
  }

  /// Where the list of help and palette stands, and the rows that are seen.
  private func place(_ count: Int, in size: Size) -> (box: Rect, rows: Range<Int>) {
    let width = min(size.columns, 78)
    let height = max(4, min(size.rows - 2, count + 3))
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    let rows = max(1, box.height - 3)
    let first = max(0, min(cursor - rows / 2, count - rows))
    return (box, first..<max(first, min(count, first + rows)))
  }

  private func draw(
    _ binding: Binding, at place: Point, width: Int, _ isSelected: Bool, of inspector: Inspector,
    frame: inout Frame
  ) {
    let glyphs = inspector.glyphs
    let keysWidth = min(20, width / 3)
    let reason = binding.hindrance(inspector)
    let base = Style(reason == nil ? .text : .dim, selected: isSelected)
    frame.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: base)
    let marker = isSelected ? glyphs.selected : " "
    frame.put(marker, x: place.x, y: place.y, style: base)
    let keys = TextCut.end(binding.keyNames, to: keysWidth, glyphs: glyphs)
    frame.put(
      keys, x: place.x + 2, y: place.y,
      style: isSelected ? base : Style(reason == nil ? .strong : .dim))
    let help = inspector.place(of: binding) + binding.help
    let text = reason.map { "\(help) (\($0))" } ?? help
    let room = width - keysWidth - 4
    frame.put(
      TextCut.end(text, to: room, glyphs: glyphs), x: place.x + keysWidth + 3, y: place.y,
      width: max(0, room), style: base)
  }
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
    let saved = house.settings.savedFilters.enumerated().map { $1.binding($0) }
    let scored = (saved + everyBinding).enumerated().compactMap { place, binding in
      Match.score(search, words: binding.words, help: binding.help)
        .map { (binding: binding, score: $0, place: place) }
    }
    return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.binding)
  }

  /// What is offered here, and below it what other screens offer.
  private var everyBinding: [Binding] {
    let here = Binding.valid(in: self)
    let others = Binding.all.filter { !$0.isValid(on: house.tab) }
    return (here + others).filter { $0.isOffered(self) }
  }

  /// `Entries: ` before what belongs to other screens.
  fileprivate func place(of binding: Binding) -> String {
    guard let tab = elsewhere(binding) else { return "" }
    return "\(tab.title): "
  }

  /// The screen of a binding that means nothing on this one.
  fileprivate func elsewhere(_ binding: Binding) -> Tab? {
    guard !binding.isValid(on: house.tab), !(house.areTasksFocused && binding.id == "cancel-task")
    else {
      return nil
    }
    return Tab.allCases.first { binding.isValid(on: $0) }
  }
}
