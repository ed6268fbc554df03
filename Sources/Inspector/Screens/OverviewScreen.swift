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

  static func problemRows(in body: Rect) -> Int {
    body.height - barRows - (hasRecent(body) ? recentRows : 0)
  }

  /// The rows of the latest changes, their heading included.
  static let recentRows = 5

  static func hasRecent(_ body: Rect) -> Bool { body.height >= 19 }

  /// The first heading says how many there are.
  var columns: [Column<Problem>] {
    [
      Column("problem", "PROBLEMS \(problems.count)", width: 32...72) { problem, glyphs in
        CellText("\(problem.sign(glyphs)) \(problem.title)", problem.role)
      }
    ] + Self.otherColumns
  }

  private static let otherColumns: [Column<Problem>] = [
    Column("impact", "IMPACT", width: 16...22, dropOrder: 3) { problem, _ in
      CellText(problem.impact)
    },
    Column("where", "WHERE", width: 12...12, dropOrder: 2) { problem, _ in
      CellText("\(problem.tab.rawValue) \(problem.tab.title)")
    },
    Column("key", "KEY", width: 3...3, dropOrder: 1) { problem, _ in CellText(problem.key) },
  ]
}

extension Problem {
  fileprivate func sign(_ glyphs: Glyphs) -> String {
    role == .bad ? glyphs.bad : role == .unknown ? glyphs.unknown : glyphs.warn
  }
}

extension Inspector {
  mutating func followProblem() -> Effect<Work> {
    guard let problem = overview.selectedProblem else { return .none }
    let effect = open(problem.tab)
    switch problem.tab {
    case .migrations:
      migrations.table.select(problem.filter)
      return effect
    case .leases, .entries, .links: return effect + setFilter(problem.filter)
    case .overview: break
    }
    return .none
  }

  func drawOverview(_ body: Rect, frame: inout Frame) {
    var rest = body
    if OverviewScreen.hasRecent(body) {
      drawRecent(rest.takeBottom(OverviewScreen.recentRows), frame: &frame)
    }
    drawBars(rest.takeTop(OverviewScreen.barRows - 1), frame: &frame)
    guard figures != nil || leases.snapshot != nil else { return }
    if overview.problems.isEmpty {
      let text = isLoading ? "looking for problems" : noProblems
      frame.put(text, x: 1, y: rest.y, width: rest.width - 1, style: isLoading ? .dim : .ok)
      return
    }
    let view = TableView(columns: overview.columns, sort: nil)
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
