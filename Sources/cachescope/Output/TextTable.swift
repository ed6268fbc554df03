import TUI

/// A table as aligned text; its widths come from the first rows, so that any number can follow.
///
/// On a terminal it fits the width; elsewhere every cell stays whole.
struct TextTable {
  struct Column {
    var title: String
    var alignsRight = false
    /// Never cut: something to be typed.
    var isWhole = false
    /// Sentences: where the line has too little room left, they follow in lines of their own.
    var isWide = false
  }

  enum Role {
    case plain
    case bad
    case warn
    case ok
    case quiet
  }

  private let output: Output
  private let columns: [Column]
  private let usesColor: Bool
  private let fit: TableFit
  private var widths: [Int]
  private var layout: TableFit.Layout?
  private var waiting: [(cells: [String], role: Role)] = []

  private static let sample = 500

  init(_ output: Output, _ columns: [Column], usesColor: Bool, fit: TableFit? = nil) {
    self.output = output
    self.columns = columns
    self.usesColor = usesColor
    self.fit = fit ?? TableFit(width: output.terminalWidth)
    widths = columns.map { Width.of($0.title) }
  }

  /// Adds a row of cells; `role` colours its first cell.
  mutating func add(_ cells: [String], role: Role = .plain) {
    let cells = cells.map(Output.safe)
    if let layout { return write(cells, role, layout) }
    for (place, cell) in cells.enumerated() where place < widths.count {
      widths[place] = max(widths[place], Width.of(cell))
    }
    waiting.append((cells, role))
    if waiting.count >= Self.sample { start() }
  }

  /// Writes what waits; the title line stands alone where there are no rows.
  mutating func finish() {
    if layout == nil { start() }
  }

  private mutating func start() {
    let isEmpty = columns.indices.map { place in
      waiting.allSatisfy { place >= $0.cells.count || $0.cells[place].isEmpty }
    }
    let layout = fit.layout(columns, widths, isEmpty: isEmpty)
    self.layout = layout
    write(columns.map(\.title), .quiet, layout, isTitle: true)
    for row in waiting { write(row.cells, row.role, layout) }
    waiting = []
  }

  private func write(
    _ cells: [String], _ role: Role, _ layout: TableFit.Layout, isTitle: Bool = false
  ) {
    for (order, place) in layout.shown.enumerated() where place < cells.count {
      let isLast = order == layout.shown.count - 1
      let cell = layout.cut(cells[place], place, columns[place], isLast: isLast)
      let gap = max(0, layout.widths[place] - Width.of(cell))
      let color = order == 0 || isTitle ? Self.color(role, usesColor) : nil
      if let color { output.write(color.utf8) }
      if columns[place].alignsRight { output.write(repeatElement(Self.blank, count: gap)) }
      output.write(cell.utf8)
      if !columns[place].alignsRight, !isLast {
        output.write(repeatElement(Self.blank, count: gap))
      }
      if color != nil { output.write("\u{1B}[0m".utf8) }
      if !isLast { output.write(repeatElement(Self.blank, count: 2)) }
    }
    output.write(0x0A)
    guard !isTitle else { return }
    for place in layout.below where place < cells.count && !cells[place].isEmpty {
      for line in TextCut.wrap(cells[place], to: max(8, layout.lineWidth - 4)) {
        output.line("    " + line)
      }
    }
  }

  private static let blank = UInt8(ascii: " ")

  static func colored(_ text: String, _ role: Role, _ usesColor: Bool) -> String {
    color(role, usesColor).map { $0 + text + "\u{1B}[0m" } ?? text
  }

  /// All that `color` gives, and what ends it.
  static let codes = ["0m", "1;31m", "33m", "32m", "2m"].map { "\u{1B}[" + $0 }

  private static func color(_ role: Role, _ usesColor: Bool) -> String? {
    guard usesColor else { return nil }
    switch role {
    case .plain: return nil
    case .bad: return "\u{1B}[1;31m"
    case .warn: return "\u{1B}[33m"
    case .ok: return "\u{1B}[32m"
    case .quiet: return "\u{1B}[2m"
    }
  }
}
