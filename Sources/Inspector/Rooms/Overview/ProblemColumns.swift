internal import CacheKit
internal import TUI

extension OverviewRoom {
  /// The first heading says how many there are, and how many rows lie above and below the window.
  func columns(_ glyphs: Glyphs) -> [Column<Problem>] {
    let below = table.ids.count - table.window().upperBound
    let hidden = [(table.top, glyphs.up), (below, glyphs.down)].filter { $0.0 > 0 }
    let more = hidden.map { "\($0.0) more \($0.1)" }.joined(separator: ", ")
    let notes = table.ids.count - problemCount
    let count = "PROBLEMS \(problemCount)" + (notes > 0 ? ", NOTES \(notes)" : "")
    let title = count + (more.isEmpty ? "" : "  (\(more))")
    let first = Column<Problem>("problem", title, width: 36...72) { problem, glyphs in
      CellText("\(problem.sign(glyphs)) \(problem.title)", problem.role)
    }
    return [first] + Self.otherColumns
  }

  private static let otherColumns: [Column<Problem>] = [
    Column("impact", "IMPACT", width: 16...32, dropOrder: 3) { problem, _ in
      CellText(problem.finding.impactWords)
    },
    Column("where", "WHERE", width: 12...12, dropOrder: 1) { problem, _ in
      CellText(problem.tab.map { "\($0.number) \($0.title)" } ?? "")
    },
    Column("key", "KEY", width: 3...3, dropOrder: 2) { problem, _ in CellText(problem.key) },
    Column("fix", "FIX", width: 40...60, dropOrder: 4) { problem, _ in
      CellText(problem.command ?? "-")
    },
  ]
}

extension Problem {
  fileprivate func sign(_ glyphs: Glyphs) -> String {
    switch finding.severity {
    case .error: glyphs.bad
    case .warning: glyphs.warn
    case .info: glyphs.dot
    }
  }
}
