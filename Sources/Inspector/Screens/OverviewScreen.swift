internal import CacheKit
internal import TUI

struct OverviewScreen: Sendable {
  var table = TableState<String>()
  private(set) var problems: [Problem] = []

  var selectedProblem: Problem? { problems.first { $0.id == table.selected } }

  mutating func replace(with new: [Problem]) {
    problems = new
    table.replace(with: new.map(\.id))
  }

  /// The rows above the problems: the bars and the headings.
  static let barRows = 7

  /// What is counted wherever problems are: notes are none.
  var problemCount: Int { problems.map(\.finding).problemCount }

  /// The first heading says how many there are, and how many rows lie above and below the window.
  func columns(_ glyphs: Glyphs) -> [Column<Problem>] {
    let below = table.ids.count - table.window().upperBound
    let hidden = [(table.top, glyphs.up), (below, glyphs.down)].filter { $0.0 > 0 }
    let more = hidden.map { "\($0.0) more \($0.1)" }.joined(separator: ", ")
    let title = "PROBLEMS \(problemCount)" + (more.isEmpty ? "" : "  (\(more))")
    let first = Column<Problem>("problem", title, width: 32...72) { problem, glyphs in
      CellText("\(problem.sign(glyphs)) \(problem.title)", problem.role)
    }
    return [first] + Self.otherColumns
  }

  private static let otherColumns: [Column<Problem>] = [
    Column("impact", "IMPACT", width: 16...22, dropOrder: 3) { problem, _ in
      CellText(problem.finding.impactWords)
    },
    Column("where", "WHERE", width: 12...12, dropOrder: 1) { problem, _ in
      CellText(problem.tab.map { "\($0.rawValue) \($0.title)" } ?? "")
    },
    Column("fix", "FIX", width: 30...60, dropOrder: 4) { problem, _ in
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

extension Inspector {
  mutating func followProblem() -> Effect<Work> {
    guard let problem = overview.selectedProblem else { return .none }
    guard let tab = problem.tab else {
      say("it speaks of the cache as a whole: no list has a row of it")
      return .none
    }
    let filter = problem.finding.place.filter
    guard tab == .migrations else { return follow(to: tab, filter: filter) }
    let effect = follow(to: tab)
    migrations.table.select(filter)
    return effect
  }

  /// The rows of the latest changes, their heading included: what the problems leave free.
  private func recentRows(in body: Rect) -> Int {
    guard !journal.lines.isEmpty else { return 0 }
    let free = body.height - OverviewScreen.barRows - max(1, overview.problems.count)
    let wanted = 1 + min(journal.lines.count, body.height >= 30 ? 12 : 4)
    return free < 2 ? 0 : min(free, wanted)
  }

  func problemRows(in body: Rect) -> Int {
    body.height - OverviewScreen.barRows - recentRows(in: body)
  }

  func drawOverview(_ body: Rect, frame: inout Frame) {
    var rest = body
    drawRecent(rest.takeBottom(recentRows(in: body)), frame: &frame)
    drawBars(rest.takeTop(OverviewScreen.barRows - 1), frame: &frame)
    guard figures != nil || leases.snapshot != nil else { return }
    if overview.problems.isEmpty {
      let text = isLoading ? "looking for problems" : noProblems
      frame.put(text, x: 1, y: rest.y, width: rest.width - 1, style: isLoading ? .dim : .ok)
      return
    }
    let view = TableView(columns: overview.columns(glyphs), sort: nil)
    view.drawHeader(in: rest.takeTop(1), frame: &frame)
    view.drawRows(of: overview.table, in: rest, frame: &frame) { id in
      overview.problems.first { $0.id == id }
    }
  }

  var isLoading: Bool { figures == nil || leases.snapshot == nil || migrationFacts == nil }

  private var noProblems: String {
    let entries = Format.count(
      Int(clamping: figures?.statistics.entries ?? 0), "entry", plural: "entries")
    let leases = Format.count(leases.snapshot?.rows.count ?? 0, "lease")
    return "\(glyphs.ok) No problems. \(entries), \(leases) (none stuck), schema current."
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Width.of(self)))
  }
}
