import TUI

/// A table as aligned text; its widths come from the first rows, so that any number can follow.
struct TextTable {
  struct Column {
    var title: String
    var alignsRight = false
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
  private var widths: [Int]
  private var waiting: [(cells: [String], role: Role)] = []
  private var isStarted = false

  private static let sample = 500

  init(_ output: Output, _ columns: [Column], usesColor: Bool) {
    self.output = output
    self.columns = columns
    self.usesColor = usesColor
    widths = columns.map { Width.of($0.title) }
  }

  /// Adds a row of escaped cells; `role` colours its first cell.
  mutating func add(_ cells: [String], role: Role = .plain) {
    if isStarted { return write(cells, role) }
    for (place, cell) in cells.enumerated() where place < widths.count {
      widths[place] = min(60, max(widths[place], Width.of(cell)))
    }
    waiting.append((cells, role))
    if waiting.count >= Self.sample { start() }
  }

  /// Writes what waits; the title line stands alone where there are no rows.
  mutating func finish() {
    if !isStarted { start() }
  }

  private mutating func start() {
    isStarted = true
    write(columns.map(\.title), .quiet, isTitle: true)
    for row in waiting { write(row.cells, row.role) }
    waiting = []
  }

  private func write(_ cells: [String], _ role: Role, isTitle: Bool = false) {
    for (place, cell) in cells.enumerated() where place < columns.count {
      let gap = max(0, widths[place] - Width.of(cell))
      let isLast = place == columns.count - 1
      let color = place == 0 || isTitle ? color(role) : nil
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
  }

  private static let blank = UInt8(ascii: " ")

  private func color(_ role: Role) -> String? {
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
