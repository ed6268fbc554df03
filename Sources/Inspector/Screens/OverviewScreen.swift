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

  static let columns: [Column<Problem>] = [
    Column("problem", "PROBLEMS", width: 32...72) { problem, glyphs in
      let sign =
        problem.role == .bad ? glyphs.bad : problem.role == .unknown ? glyphs.unknown : glyphs.warn
      return CellText("\(sign) \(problem.title)", problem.role)
    },
    Column("impact", "IMPACT", width: 16...22, dropOrder: 3) { problem, _ in
      CellText(problem.impact)
    },
    Column("where", "WHERE", width: 12...12, dropOrder: 2) { problem, _ in
      CellText("\(problem.tab.rawValue) \(problem.tab.title)")
    },
    Column("key", "KEY", width: 3...3, dropOrder: 1) { problem, _ in CellText(problem.key) },
  ]
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
    let view = TableView(columns: OverviewScreen.columns, sort: nil)
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

  private func drawBars(_ rect: Rect, frame: inout Frame) {
    guard let figures else {
      frame.put("counting", x: 1, y: rect.y, style: .dim)
      return
    }
    let width = rect.width >= 100 ? 30 : rect.width >= 78 ? 20 : rect.width >= 56 ? 10 : 0
    let titles =
      "                  used / limit".padded(to: 32) + String(repeating: " ", count: width + 1)
      + (rect.width >= 70 ? "evictable    blocked" : "")
    frame.put(titles, x: 1, y: rect.y, width: rect.width - 1, style: .dim)
    let statistics = figures.statistics
    let budget = figures.budget
    let archives = Share(statistics.archives)
    let installed = Share(statistics.installed)
    let lines: [(String, Share, UInt64)] = [
      ("installed", installed, budget.installed.bytes),
      ("archives", archives, budget.archive.bytes),
      ("total", archives.adding(installed), budget.highWatermark.bytes),
    ]
    for (index, line) in lines.enumerated() {
      let y = rect.y + 1 + index
      drawBar(line.0, line.1, limit: Int64(clamping: line.2), y: y, width: width, rect, &frame)
    }
    drawDisk(figures.disk, y: rect.y + 4, width: width, rect, &frame)
  }

  private func drawBar(
    _ name: String, _ phase: Share, limit: Int64, y: Int, width: Int, _ rect: Rect,
    _ frame: inout Frame
  ) {
    let isOver = phase.bytes > limit
    let text = Format.share(phase.bytes, of: limit)
    frame.put(name, x: 1, y: y)
    frame.put(text, x: 32 - Width.of(text), y: y, style: isOver ? .bad : .text)
    let bar = Gauge.bar(phase.bytes, of: limit, width: width, glyphs: glyphs)
    frame.put(bar, x: 33, y: y, style: Style(isOver ? .barOver : .bar))
    guard rect.width >= 70 else { return }
    let evictable = Format.size(max(0, phase.bytes - phase.blockedBytes))
    let blocked = Format.size(phase.blockedBytes)
    frame.put(evictable, x: 34 + width + 9 - Width.of(evictable), y: y)
    frame.put(
      blocked, x: 34 + width + 20 - Width.of(blocked), y: y,
      style: phase.blockedBytes > 0 ? .text : .dim)
  }

  private func drawDisk(
    _ disk: DiskSpace, y: Int, width: Int, _ rect: Rect, _ frame: inout Frame
  ) {
    let used = Int64(clamping: disk.total - min(disk.free, disk.total))
    let total = Int64(clamping: disk.total)
    let text = Format.share(used, of: total)
    frame.put("disk", x: 1, y: y)
    frame.put(text, x: 32 - Width.of(text), y: y)
    frame.put(
      Gauge.bar(used, of: total, width: width, glyphs: glyphs), x: 33, y: y, style: Style(.bar))
    if rect.width >= 70 {
      frame.put("\(Format.size(Int64(clamping: disk.free))) free", x: 35 + width, y: y)
    }
  }
}

/// The bytes of one bar.
private struct Share {
  var bytes: Int64
  var blockedBytes: Int64

  init(_ phase: Statistics.Phase) {
    bytes = phase.bytes
    blockedBytes = phase.blockedBytes
  }

  func adding(_ other: Share) -> Share {
    var sum = self
    sum.bytes = Self.add(bytes, other.bytes)
    sum.blockedBytes = Self.add(blockedBytes, other.blockedBytes)
    return sum
  }

  private static func add(_ left: Int64, _ right: Int64) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Width.of(self)))
  }
}
