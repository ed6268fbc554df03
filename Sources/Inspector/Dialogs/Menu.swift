internal import TUI

/// A short list where one letter chooses; what cannot be chosen says why.
struct Menu: Sendable {
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

  func draw(into frame: inout Frame) {
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
}

/// A box with a title.
enum Panel {
  static func draw(_ box: Rect, title: String, frame: inout Frame) {
    let glyphs = frame.glyphs
    let style = Style(.border)
    frame.fill(box)
    let line = String(repeating: glyphs.horizontal, count: max(0, box.width - 2))
    frame.put(
      glyphs.topLeft + line + glyphs.topRight, x: box.x, y: box.y, width: box.width, style: style)
    for y in (box.y + 1)..<max(box.y + 1, box.maxY - 1) {
      frame.put(glyphs.vertical, x: box.x, y: y, style: style)
      frame.put(glyphs.vertical, x: box.maxX - 1, y: y, style: style)
    }
    let bottom = glyphs.bottomLeft + line + glyphs.bottomRight
    frame.put(bottom, x: box.x, y: box.maxY - 1, width: box.width, style: style)
    let text = TextCut.end(title, to: max(0, box.width - 6), glyphs: glyphs)
    frame.put(" \(text) ", x: box.x + 2, y: box.y, width: max(0, box.width - 4), style: .strong)
  }
}

extension Inspector {
  mutating func press(_ key: Key, _ menu: Menu) -> Effect<Work> {
    var menu = menu
    overlay = nil
    switch key {
    case .escape, .control("c"), .backspace: return .none
    case .down: menu.cursor = min(menu.cursor + 1, menu.items.count - 1)
    case .up: menu.cursor = max(menu.cursor - 1, 0)
    case .enter where menu.items.indices.contains(menu.cursor):
      return choose(menu.items[menu.cursor])
    case .character(let letter):
      if let item = menu.items.first(where: { $0.key == letter }) { return choose(item) }
    default: break
    }
    overlay = .menu(menu)
    return .none
  }

  mutating func choose(_ item: Menu.Item) -> Effect<Work> {
    if let obstacle = item.obstacle {
      say(obstacle, .warn)
      return .none
    }
    switch item.choice {
    case .sort(let column): return sort(by: column)
    case .copy(let what): return copy(what)
    case .cancel(let id):
      say("cancelled: \(SafeText.escape(id.name))", .warn)
      return .cancel(id)
    case .binding(let id):
      guard let binding = Binding.named(id) else { return .none }
      return run(binding, binding.keys.first ?? .unknown)
    }
  }

  /// `t`: what the workers do now; a letter cancels.
  mutating func openTasks() {
    let jobs = running.filter { $0.key.kind != .watch }.sorted { $0.value < $1.value }
    guard !jobs.isEmpty else {
      say("no task is running")
      return
    }
    let items = zip("abcdefghijklmnop", jobs).map { letter, job in
      let seconds = clock.milliseconds(since: job.value) / 1000
      let isChange = job.key.kind == .change
      return Menu.Item(
        key: letter, words: "\(SafeText.escape(job.key.name))  \(seconds)s",
        obstacle: isChange ? "a change is finished, not cancelled" : nil, choice: .cancel(job.key))
    }
    overlay = .menu(Menu(title: "Tasks: a letter cancels", items: items))
  }

  mutating func openActionMenu() {
    let items = Binding.all.filter { $0.isForRow && $0.isValid(on: tab) }.map { binding in
      Menu.Item(
        key: letter(of: binding), words: words(binding), obstacle: binding.hindrance(self),
        choice: .binding(binding.id))
    }
    overlay = .menu(Menu(title: "Actions", items: items))
  }

  private func letter(of binding: Binding) -> Character {
    if case .character(let character) = binding.keys.first { return character }
    return "g"
  }
}
