internal import CacheKit
internal import TUI

extension Tab {
  package static let entries = Tab(2, "Entries")
}

/// The list of entries: ids of the whole list, rows of the window.
struct EntriesRoom: Room {
  static let tab = Tab.entries
  static let offers: Offers = [.list, .details, .shell]
  static let findings: Finding.Place.Rows? = .entries
  static let tasks: Set<JobID> = [ArchiveChecks.job]
  /// The details of an entry say little that its row does not: fewer rows keep a key cheap.
  static let detailRows = 5

  var query = EntryQuery(sort: .lastUsed, isDescending: true)
  var table = TableState<Int64>()
  /// The query whose ids the table holds, and whether they are all.
  var shownQuery: EntryQuery?
  var isComplete = false
  /// True where the rows may be older than the index.
  var areRowsStale = false
  /// The ids that a worker fetches now.
  var requested: Set<Int64> = []
  /// True where the list is in groups by kind; `headings` then names their first rows.
  var isGrouped = false
  var headings: [Int64: KindGroup] = [:]
  /// What reading archives found.
  var checks = ArchiveChecks()
  /// The place in GC's order of the entry under the cursor.
  var rank = SelectedRank()
  /// The thing that the cursor was on before the query changed.
  var wanted: Int64?
  /// What `n` found last; `nil` where the index changed since.
  var matches: EntryMatches?

  static let firstPage = 200
  private static let keptRows = 2000

  init(_ settings: Settings) {}

  func selectedRow(in house: House) -> EntryRow? { table.selected.flatMap(house.entryRow) }
  /// What an action means; a heading is no target.
  var targets: [Int64] { table.targets.filter { headings[$0] == nil } }
  /// What reads the whole list again.
  var wholeList: Work { .entries(isGrouped ? .groups(query.filter) : .ids(query)) }

  func count(in house: House) -> String {
    let total = house.figures.map { Int(clamping: $0.statistics.entries) }
    return total.map { " \(Format.grouped($0))" } ?? ""
  }

  func status(in house: House) -> (left: String, right: String) {
    (summary(in: house), isGrouped ? "by kind, T ends it" : sorting.map(house.words) ?? "")
  }

  private func summary(in house: House) -> String {
    guard shownQuery != nil else { return "reading entries" }
    let filter = query.filter.text
    let shown = isComplete ? Format.grouped(table.ids.count) : "\(table.ids.count)+"
    let figures = house.figures
    let total = figures.map { Format.grouped(Int(clamping: $0.statistics.entries)) } ?? shown
    return filter.isEmpty
      ? "\(total) entries \(house.glyphs.dot) \(Format.size(figures?.statistics.totalBytes))"
      : "showing \(shown) of \(total) (filter: \(Format.text(filter)))"
  }
}

// MARK: Loads
extension EntriesRoom {
  mutating func begin(in house: inout House) -> Effect<Work> { loadEntries(in: &house) }

  mutating func wants(in house: inout House) -> Effect<Work> {
    fetchVisibleRows(in: &house) + lookUpRank(in: &house)
  }

  func reads(in house: House) -> [Work] { [wholeList] }

  mutating func reload(in house: inout House) -> Effect<Work> {
    areRowsStale = true
    rank.renew(at: house.clock)
    matches = nil
    return .none
  }

  mutating func changed(_ change: Change) {
    switch change {
    case .pin, .unpin, .repair, .evict: table.clearMarks()
    default: break
    }
  }

  func deadline(in house: House) -> Moment? { rank.dueAt }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message.own(EntryNews.self) {
    case .page(let query, let ids, let rows): return takePage(query, ids, rows, in: &house)
    case .ids(let query, let ids): takeIDs(query, ids, in: &house)
    case .rows(let rows): takeRows(rows, in: &house)
    case .rank(let id, let found): rank.take(found, of: id)
    case .verifying(let item): checks.take(item)
    case .verified(let items): finishedVerifying(items, in: &house)
    case .matches(let filter, let ids): takeMatches(filter, ids, in: &house)
    case .groups(let filter, let grouped): takeGroups(filter, grouped, in: &house)
    case nil: break
    }
    return .none
  }

  /// Reads the list for a new query: the first page at once, all ids behind it.
  mutating func loadEntries(in house: inout House) -> Effect<Work> {
    house.start(.entries(.page(query, limit: Self.firstPage)))
  }

  mutating func takePage(
    _ query: EntryQuery, _ ids: [Int64], _ rows: [EntryRow], in house: inout House
  ) -> Effect<Work> {
    house.faults[EntryWork.pageJob] = nil
    guard query == query, !isGrouped else { return .none }
    // Where the whole list is there, it was read later than a page that is late: so were its rows.
    guard !(isComplete && shownQuery == query) else { return .none }
    table.replace(with: ids)
    shownQuery = query
    isComplete = ids.count < Self.firstPage
    for row in rows { house.entryRows[row.id] = row }
    if let wanted = wanted { table.select(wanted) }
    if isComplete { wanted = nil }
    return isComplete ? .none : house.start(.entries(.ids(query)))
  }

  mutating func takeIDs(_ query: EntryQuery, _ ids: [Int64], in house: inout House) {
    house.faults[EntryWork.idsJob] = nil
    house.faults[EntryWork.pageJob] = nil
    guard query == query, !isGrouped else { return }
    table.replace(with: ids)
    shownQuery = query
    isComplete = true
    // The same ids may name other rows since: look at those of the window once more.
    areRowsStale = true
    if let wanted = wanted { table.select(wanted) }
    wanted = nil
  }

  mutating func takeRows(_ rows: [EntryRow], in house: inout House) {
    house.faults[EntryWork.rowsJob] = nil
    for id in requested { house.entryRows[id] = .some(nil) }
    for row in rows { house.entryRows[row.id] = row }
    requested = []
    guard house.entryRows.count > Self.keptRows else { return }
    let near = Set(table.ids[table.window(margin: 4 * table.height)])
    house.entryRows = house.entryRows.filter { near.contains($0.key) }
  }

  /// The rows that the window needs and that are not there, or are old.
  private func missing(in house: House) -> [Int64] {
    let window = table.window(margin: table.height)
    let ids = table.ids[window].filter { headings[$0] == nil }
    return areRowsStale ? Array(ids) : ids.filter { house.entryRows[$0] == nil }
  }

  /// Asks for the rows of the window; called after every update.
  mutating func fetchVisibleRows(in house: inout House) -> Effect<Work> {
    guard Self.isShown(in: house) || areRowsStale else { return .none }
    let missing = missing(in: house)
    if missing.isEmpty || Set(missing).isSubset(of: requested), !areRowsStale {
      return .none
    }
    areRowsStale = false
    guard !missing.isEmpty else { return .none }
    requested = Set(missing)
    return house.start(.entries(.rows(missing)))
  }
}
