internal import CacheKit
internal import TUI

/// What is used of a limit, as the bars show it.
struct BudgetBar: Hashable, Sendable {
  var name: String
  var used: Int64
  var limit: Int64
  var blocked: Int64
  /// `nil` for the file system, of which nothing is evicted.
  var goal: Goal

  var isOver: Bool { used > limit }
  var evictable: Int64 { max(0, used - blocked) }
  var percent: String {
    guard limit > 0 else { return used > 0 ? "over" : "0 %" }
    let share = (Double(used) / Double(limit) * 100).rounded()
    return share < 100_000 ? "\(Int(share)) %" : "over"
  }

  /// Installed, archives, and both together.
  static func all(_ figures: Figures) -> [BudgetBar] {
    let (statistics, budget) = (figures.statistics, figures.budget)
    func bar(
      _ name: String, _ used: Int64, _ limit: Budget.Limit, _ blocked: Int64, _ filter: String
    ) -> BudgetBar {
      BudgetBar(
        name: name, used: used, limit: Int64(clamping: limit.bytes), blocked: blocked,
        goal: .entries(filter: filter))
    }
    let (installed, archives) = (statistics.installed, statistics.archives)
    return [
      bar(
        "installed", installed.bytes, budget.installed, installed.heldBytes, "phase:installed"),
      bar("archives", archives.bytes, budget.archive, archives.heldBytes, "phase:archive"),
      bar("total", statistics.totalBytes, budget.highWatermark, statistics.heldBytes, ""),
    ]
  }
}

extension Budget {
  /// All three sources in one line, the same ones together: `installed, archives: 5 % of the disk`.
  func sources(_ glyphs: Glyphs) -> String {
    let all = [("installed", installed), ("archives", archive), ("total", highWatermark)]
    var groups: [(names: [String], source: String)] = []
    for (name, limit) in all {
      if let last = groups.indices.last, groups[last].source == Format.source(limit) {
        groups[last].names.append(name)
      } else {
        groups.append(([name], Format.source(limit)))
      }
    }
    let words = groups.map { "\($0.names.joined(separator: ", ")): \($0.source)" }
    return "limits  " + words.joined(separator: " \(glyphs.dot) ")
  }
}

/// The limits of GC against what is used: where the bars and the numbers beside them stand at some width.
struct BudgetBars {
  let rect: Rect
  private let form: Form

  /// How much the numbers say.
  private enum Form { case words, headings, bars, numbers }

  private static let barStart = 33
  private static let percentWidth = 7

  init(_ rect: Rect) {
    self.rect = rect
    form = Self.form(rect.width)
  }

  private static func form(_ width: Int) -> Form {
    switch width {
    case 110...: .words
    case 72...: .headings
    case 56...: .bars
    default: .numbers
    }
  }

  /// The rows of the long form.
  static func rows(width: Int) -> Int { form(width) == .headings ? 6 : 5 }

  private var numbersWidth: Int {
    switch form {
    case .words: 42
    case .headings: 24
    case .bars, .numbers: 0
    }
  }

  private var barWidth: Int {
    form == .numbers
      ? 0 : max(0, rect.width - Self.barStart - 1 - Self.percentWidth - numbersWidth - 1)
  }

  private var percentEnd: Int {
    Self.barStart + barWidth + Self.percentWidth + (barWidth > 0 ? 0 : -1)
  }

  /// The rows of the bars, the file system's at the end.
  func rows(_ layout: OverviewLayout) -> [Rect] {
    let first = layout.form == .full ? (form == .headings ? 1 : 0) : 0
    return (0..<4).map { Rect(x: rect.x, y: rect.y + first + $0, width: rect.width, height: 1) }
  }

  // MARK: All bars
  func drawAll(_ figures: Figures, selected: Int?, frame: inout Frame) {
    var y = rect.y
    if form == .headings {
      right("used / limit", at: Self.barStart - 1, y: y, .dim, &frame)
      right("evictable", at: percentEnd + 12, y: y, .dim, &frame)
      right("blocked", at: percentEnd + 23, y: y, .dim, &frame)
      y += 1
    }
    for (index, bar) in BudgetBar.all(figures).enumerated() {
      draw(bar, y: y, isSelected: selected == index, &frame)
      y += 1
    }
    draw(figures.disk, y: y, isSelected: selected == 3, &frame)
    drawSources(figures.budget, from: y + 1, &frame)
  }

  /// Where the limits come from, in as many lines as there are.
  private func drawSources(_ budget: Budget, from y: Int, _ frame: inout Frame) {
    let room = rect.maxY - y
    guard room > 0 else { return }
    let text = budget.sources(frame.glyphs)
    var lines = TextCut.wrap(text, to: rect.width - 2)
    if lines.count > room { lines = [TextCut.end(text, to: rect.width - 2, glyphs: frame.glyphs)] }
    for (index, line) in lines.enumerated() {
      frame.put(line, x: rect.x + 1, y: y + index, style: .dim)
    }
  }

  private func draw(_ bar: BudgetBar, y: Int, isSelected: Bool, _ frame: inout Frame) {
    mark(y: y, isSelected, &frame)
    let look = { (role: Role) in isSelected ? Style(.text, selected: true) : Style(role) }
    frame.put(bar.name, x: rect.x + 1, y: y, style: look(.text))
    let role: Role = bar.isOver ? .bad : .text
    right(Format.share(bar.used, of: bar.limit), at: Self.barStart - 1, y: y, look(role), &frame)
    Bar(bar.used, limit: bar.limit)
      .draw(x: rect.x + Self.barStart, y: y, width: barWidth, isSelected: isSelected, frame: &frame)
    right(bar.percent, at: percentEnd, y: y, look(role), &frame)
    let (evictable, blocked) = (Format.size(bar.evictable), Format.size(bar.blocked))
    switch form {
    case .words:
      right("\(evictable) evictable", at: percentEnd + 22, y: y, look(.text), &frame)
      right("\(blocked) blocked", at: percentEnd + 42, y: y, look(.text), &frame)
    case .headings:
      right(evictable, at: percentEnd + 12, y: y, look(.text), &frame)
      right(blocked, at: percentEnd + 23, y: y, look(.text), &frame)
    case .bars, .numbers: break
    }
  }

  private func draw(_ disk: DiskSpace, y: Int, isSelected: Bool, _ frame: inout Frame) {
    mark(y: y, isSelected, &frame)
    let style = isSelected ? Style(.text, selected: true) : .text
    let total = Int64(clamping: disk.total)
    let used = Int64(clamping: disk.used)
    frame.put("file system", x: rect.x + 1, y: y, style: style)
    right(Format.share(used, of: total), at: Self.barStart - 1, y: y, style, &frame)
    Bar(used, of: total, hasTrack: true)
      .draw(x: rect.x + Self.barStart, y: y, width: barWidth, isSelected: isSelected, frame: &frame)
    let share = total > 0 ? "\(Int((Double(used) / Double(total) * 100).rounded())) %" : "-"
    right(share, at: percentEnd, y: y, style, &frame)
    guard numbersWidth > 0 else { return }
    frame.put("   \(disk.freeWords)", x: rect.x + percentEnd, y: y, style: style)
  }

  /// The row under the cursor looks like that of a list.
  private func mark(y: Int, _ isSelected: Bool, _ frame: inout Frame) {
    guard isSelected else { return }
    let style = Style(.text, selected: true)
    frame.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1), style: style)
    frame.put(frame.glyphs.selected, x: rect.x, y: y, style: style)
    frame.cursor = Point(x: rect.x, y: y)
  }

  private func right(_ text: String, at end: Int, y: Int, _ style: Style, _ frame: inout Frame) {
    frame.put(text, x: rect.x + end - Width.of(text), y: y, style: style)
  }

  // MARK: One bar
  /// Two lines: the total with its bar, and the others in per cent.
  func drawShort(_ figures: Figures, selected: Int?, frame: inout Frame) {
    let bars = BudgetBar.all(figures)
    if let total = bars.last { drawTotal(total, isSelected: selected == 2, &frame) }
    guard rect.height > 1 else { return }
    var x = rect.x + 2
    let disk = "file system \(figures.disk.freeWords)"
    let others = bars.dropLast().map { ("\($0.name) \($0.percent)", $0.isOver) } + [(disk, false)]
    for (text, isOver) in others where x + Width.of(text) < rect.maxX {
      x += frame.put(text, x: x, y: rect.y + 1, style: isOver ? .bad : .text) + 2
    }
  }

  private func drawTotal(_ bar: BudgetBar, isSelected: Bool, _ frame: inout Frame) {
    mark(y: rect.y, isSelected, &frame)
    let look = { (role: Role) in isSelected ? Style(.text, selected: true) : Style(role) }
    let role: Role = bar.isOver ? .bad : .text
    let head = "\(bar.name)  \(Format.share(bar.used, of: bar.limit))"
    var x = rect.x + 1
    x += frame.put(head, x: x, y: rect.y, style: look(role)) + 2
    let words = [
      "\(Format.size(bar.evictable)) evictable", "\(Format.size(bar.blocked)) blocked",
    ].joined(separator: "  ")
    let tail = rect.width >= 78 ? "\(bar.percent)  \(words)" : bar.percent
    let width = rect.maxX - 1 - Width.of(tail) - 1 - x
    if width >= 6 {
      Bar(bar.used, limit: bar.limit)
        .draw(x: x, y: rect.y, width: width, isSelected: isSelected, frame: &frame)
      x += width + 1
    }
    frame.put(tail, x: x, y: rect.y, width: rect.maxX - x, style: look(role))
  }
}

extension DiskSpace {
  /// `72 GiB free (29 %)`.
  fileprivate var freeWords: String {
    let share = total == 0 ? 0 : Int((Double(free) / Double(total) * 100).rounded())
    return "\(Format.size(Int64(clamping: free))) free (\(share) %)"
  }
}
