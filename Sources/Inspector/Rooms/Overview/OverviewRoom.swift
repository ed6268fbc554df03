internal import CacheKit
internal import TUI

extension Tab {
  package static let overview = Tab(1, "Overview")
}

/// How full the cache is, what is wrong with it, and what was done lately.
struct OverviewRoom: Room {
  static let tab = Tab.overview
  static let offers: Offers = [.shell, .budgets]

  var table = TableState<String>()
  private(set) var problems: [Problem] = []

  init(_ settings: Settings) {}

  var selectedProblem: Problem? { problems.first { $0.id == table.selected } }

  /// The rows above the problems: the bars and the headings.
  static let barRows = 7

  /// What is counted wherever problems are: notes are none.
  var problemCount: Int { problems.map(\.finding).problemCount }

  func count(in house: House) -> String { problemCount == 0 ? "" : " !\(problemCount)" }

  func status(in house: House) -> (left: String, right: String) {
    let reason = house.facts.map { "chosen by \(Format.text($0.reason))" } ?? ""
    return (reason, house.facts.map { Format.text($0.fileSystem) } ?? "")
  }

  func details(in house: House) -> Details { Details(title: selectedProblem?.title ?? "") }

  mutating func noteNews(in house: House) {
    problems = house.problems
    table.replace(with: problems.map(\.id))
  }
}

extension OverviewRoom {
  /// The rows of the latest changes, their heading included: what the problems leave free.
  private func recentRows(of body: Rect, in house: House) -> Int {
    guard !house.journal.lines.isEmpty else { return 0 }
    let free = body.height - Self.barRows - max(1, problems.count)
    let wanted = 1 + min(house.journal.lines.count, body.height >= 30 ? 12 : 4)
    return free < 2 ? 0 : min(free, wanted)
  }

  func listRows(_ layout: Layout, in house: House) -> Rect {
    let body = layout.list
    return Rect(
      x: 0, y: body.y + Self.barRows, width: body.width,
      height: body.height - Self.barRows - recentRows(of: body, in: house))
  }

  func draw(_ layout: Layout, in house: House, frame: inout Frame) {
    let body = layout.list
    var rest = body
    drawRecent(rest.takeBottom(recentRows(of: body, in: house)), in: house, frame: &frame)
    drawBars(rest.takeTop(Self.barRows - 1), of: house.figures, frame: &frame)
    guard house.figures != nil || house.leases != nil else { return }
    if problems.isEmpty {
      let text = isLoading(in: house) ? "looking for problems" : noProblems(in: house)
      frame.put(
        text, x: 1, y: rest.y, width: rest.width - 1, style: isLoading(in: house) ? .dim : .ok)
      return
    }
    let view = tableView(in: house)
    view.drawHeader(in: rest.takeTop(1), frame: &frame)
    view.drawRows(of: table, in: rest, frame: &frame) { cells($0, in: house) }
  }

  func scrollLimit(width: Int, in house: House) -> Int { 0 }

  func isEmpty(in house: House) -> Bool { house.figures == nil && house.leases == nil }

  func tableView(in house: House) -> TableView<Problem> {
    TableView(columns: columns(house.glyphs), sort: nil)
  }

  func cells(_ id: String, in house: House) -> Problem? { problems.first { $0.id == id } }

  private func isLoading(in house: House) -> Bool {
    house.figures == nil || house.leases == nil || house.migrationFacts == nil
  }

  private func noProblems(in house: House) -> String {
    let entries = Format.count(
      Int(clamping: house.figures?.statistics.entries ?? 0), "entry", plural: "entries")
    let leases = Format.count(house.leases?.rows.count ?? 0, "lease")
    return "\(house.glyphs.ok) No problems. \(entries), \(leases) (none stuck), schema current."
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Width.of(self)))
  }
}
