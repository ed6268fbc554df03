internal import TUI

/// A short list where one letter chooses; what cannot be chosen says why.
struct Menu: Sendable, Overlay {
  enum Choice: Sendable, Hashable {
    case binding(String)
    case sort(String)
    case copy(String)
    case cancel(JobID)
  }

  struct Item: Sendable {
    var key: Character
    var words: String
    var obstacle: String?
    var choice: Choice
  }

  var title: String
  var items: [Item]
  var cursor = 0

  private var texts: [String] {
    items.map { $0.words + ($0.obstacle.map { "  (\($0))" } ?? "") }
  }

  /// Where the menu stands, and the items that are seen.
  func place(in size: Size) -> (box: Rect, items: Range<Int>) {
    let longest = (texts.map { Width.of($0) } + [Width.of(title)]).max() ?? 0
    let width = min(size.columns, max(24, longest + 9))
    let height = min(size.rows, items.count + 2)
    let box = Rect(
      x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    let shown = max(1, height - 2)
    let first = max(0, cursor - shown + 1)
    return (box, first..<min(items.count, first + shown))
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let glyphs = frame.glyphs
    let (box, seen) = place(in: frame.size)
    let width = box.width
    Panel.draw(box, title: title, frame: &frame)
    for (line, index) in seen.enumerated() {
      let item = items[index]
      let y = box.y + 1 + line
      let style = Style(item.obstacle == nil ? .text : .dim, selected: index == cursor)
      frame.fill(Rect(x: box.x + 1, y: y, width: width - 2, height: 1), style: style)
      let marker = index == cursor ? glyphs.selected : " "
      frame.put("\(marker) \(item.key)  ", x: box.x + 1, y: y, width: width - 2, style: style)
      let text = TextCut.end(texts[index], to: width - 8, glyphs: glyphs)
      frame.put(text, x: box.x + 6, y: y, width: max(0, width - 8), style: style)
      if index == cursor { frame.cursor = Point(x: box.x + 1, y: y) }
    }
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var menu = self
    inspector.house.overlay = nil
    switch key {
    case .escape, .control("c"), .backspace: return .none
    case .down: menu.cursor = min(menu.cursor + 1, menu.items.count - 1)
    case .up: menu.cursor = max(menu.cursor - 1, 0)
    case .enter where menu.items.indices.contains(menu.cursor):
      return inspector.choose(menu.items[menu.cursor])
    case .character(let letter):
      if let item = menu.items.first(where: { $0.key == letter }) { return inspector.choose(item) }
    default: break
    }
    inspector.house.overlay = menu
    return .none
  }

  /// An item is chosen by one click, as by its letter; one beside the menu closes it.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let (box, seen) = place(in: inspector.house.size)
    guard box.contains(point) else { return press(.escape, in: &inspector) }
    let index = seen.lowerBound + point.y - box.y - 1
    guard point.y > box.y, seen.contains(index) else { return .none }
    inspector.house.overlay = nil
    return inspector.choose(items[index])
  }
}

extension Inspector {
  fileprivate mutating func choose(_ item: Menu.Item) -> Effect<Work> {
    if let obstacle = item.obstacle {
      house.say(obstacle, .warn)
      return .none
    }
    switch item.choice {
    case .sort(let column): return sort(by: column)
    case .copy(let what): return copy(what)
    case .cancel(let id):
      house.say("cancelled: \(SafeText.escape(id.name))", .warn)
      return .cancel(id)
    case .binding(let id):
      guard let binding = Binding.named(id) else { return .none }
      return run(binding, binding.keys.first ?? .unknown)
    }
  }

  mutating func openActionMenu() {
    let items = Binding.all.filter { $0.isForRow && $0.isValid(on: house.tab) }.map { binding in
      Menu.Item(
        key: letter(of: binding), words: words(binding), obstacle: binding.hindrance(self),
        choice: .binding(binding.id))
    }
    house.overlay = Menu(title: "Actions", items: items)
  }

  private func letter(of binding: Binding) -> Character {
    if case .character(let character) = binding.keys.first { return character }
    return "g"
  }
}
