internal import CacheKit
internal import TUI

extension Tab {
  package static let host = Tab(7, "Host")
}

/// What builds on this host wait for: install locks, processes that wait, daemons, users of the cache.
struct HostRoom: Room {
  static let tab = Tab.host
  static let offers: Offers = [.search, .details]
  static let findings: Finding.Place.Rows? = .host

  static let tasks: Set<JobID> = [HostWork.diskJob]

  var table = TableState<HostRow.ID>()
  /// Where the bytes are, and which level of it is shown in place of the list.
  var disk = DiskBrowser()
  private(set) var report: HostReport?
  /// When it is looked at again while a person looks on; the index tells nothing of locks.
  private var dueAt: Moment?
  /// True once what is shown is old.
  private var isStale = false
  private var rows: [HostRow.ID: HostRow] = [:]
  /// As the pointers were listed last.
  private var projects: [CacheProject] = []

  /// A look costs some ms on a host with thousands of processes.
  private static let period: Int64 = 5000
  /// Looking takes one part in so many of the time.
  private static let share: Int64 = 15

  init(_ settings: Settings) {}

  func count(in house: House) -> String {
    guard let report else { return "" }
    let stuck = report.locks.count { $0.judgement.verdict.isGone }
    return (report.locks.isEmpty ? "" : " \(report.locks.count)") + (stuck > 0 ? " !\(stuck)" : "")
  }

  func status(in house: House) -> (left: String, right: String) {
    if disk.isOpen { return disk.status(in: house) }
    guard let report else { return ("reading", "") }
    let parts = [
      Format.count(report.locks.count, "install lock"),
      report.waiting.isEmpty ? "nobody waits" : "\(report.waiting.count) waiting",
      Format.count(report.daemons.count, "daemon"),
      report.limits == nil ? "" : "nothing can be proved here",
      report.isWhole ? "" : "not all could be read",
    ]
    let shown = parts.filter { !$0.isEmpty }.joined(separator: " \(house.glyphs.dot) ")
    return (shown, report.isComplete ? "" : "some processes are hidden")
  }

  // MARK: Update
  mutating func enter(in house: inout House) -> Effect<Work> { house.start(.host(.look)) }

  mutating func reload(in house: inout House) -> Effect<Work> {
    Self.isShown(in: house) ? house.start(.host(.look)) : .none
  }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    if projects != house.projects {
      projects = house.projects
      if report != nil, !disk.isOpen { showList() }
    }
    switch message.own(HostNews.self) {
    case .report(let report):
      self.report = report
      let spent = house.running[HostWork.lookJob].map { house.clock.milliseconds(since: $0) } ?? 0
      // A look at a big cache plans a long GC, too.
      dueAt = house.clock.advanced(milliseconds: max(Self.period, spent * Self.share))
      if !disk.isOpen { showList() }
    case .adding(let progress): disk.progress = progress
    case .disk(let map): take(map)
    case nil: break
    }
    return .none
  }

  /// The list of what holds builds up.
  mutating func showList() { show(report?.rows(projects) ?? []) }

  mutating func show(_ found: [HostRow]) {
    rows = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    table.replace(with: found.map(\.id))
  }

  mutating func changed(_ change: Change) {
    if case .clearLocks = change { isStale = true }
  }

  func deadline(in house: House) -> Moment? {
    Self.isShown(in: house) && !disk.isOpen && !house.isPaused ? dueAt : nil
  }

  mutating func tick(in house: inout House) {
    guard Self.isShown(in: house), !disk.isOpen, !house.isPaused, let dueAt, dueAt <= house.clock
    else { return }
    self.dueAt = nil
    isStale = true
  }

  mutating func wants(in house: inout House) -> Effect<Work> {
    guard isStale else { return .none }
    isStale = false
    return house.startQuietly(.host(.look))
  }

  mutating func show(_ target: RowTarget) -> String? {
    if disk.isOpen { closeDisk() }
    if case .row(let path) = target { table.select("lock \(path)") }
    return nil
  }

  // MARK: Picture
  func emptyWords(in house: House) -> String {
    if disk.isOpen { return "adding up what lies on the disk" }
    guard let report else { return "reading" }
    return report.isWhole ? "nothing is holding a build up here" : "nothing to see here"
  }

  func shownTimes(in house: House) -> [Int64?] {
    table.ids[table.window()].map { row($0)?.since }
  }

  func tableView(in house: House) -> TableView<HostCells> {
    TableView(columns: disk.isOpen ? DiskColumns.all : HostColumns.all, sort: nil)
  }

  func cells(_ id: HostRow.ID, in house: House) -> HostCells? {
    row(id).map { HostCells(row: $0, now: house.ageNow) }
  }

  func row(_ id: HostRow.ID?) -> HostRow? { id.flatMap { rows[$0] } }
}
