internal import CacheKit
internal import TUI

/// The list of entries: ids of the whole list, rows of the window.
struct EntriesScreen: Sendable {
  var query = EntryQuery(sort: .lastUsed, isDescending: true)
  var table = TableState<Int64>()
  /// The rows seen lately; `nil` inside for an id whose row is gone.
  var rows: [Int64: EntryRow?] = [:]
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

  func row(_ id: Int64) -> EntryRow? { rows[id] ?? nil }
  var selectedRow: EntryRow? { table.selected.flatMap(row) }
  /// What an action means; a heading is no target.
  var targets: [Int64] { table.targets.filter { headings[$0] == nil } }
  /// What reads the whole list again.
  var wholeList: Work { isGrouped ? .entryGroups(query.filter) : .entryIDs(query) }

  /// The rows that the window needs and that are not there, or are old.
  func missing() -> [Int64] {
    let window = table.window(margin: table.height)
    let ids = table.ids[window].filter { headings[$0] == nil }
    return areRowsStale ? Array(ids) : ids.filter { rows[$0] == nil }
  }

  mutating func take(_ fetched: [EntryRow]) {
    for id in requested { rows[id] = .some(nil) }
    for row in fetched { rows[row.id] = row }
    requested = []
    guard rows.count > Self.keptRows else { return }
    let near = Set(table.ids[table.window(margin: 4 * table.height)])
    rows = rows.filter { near.contains($0.key) }
  }
}

extension Inspector {
  /// Reads the list for a new query: the first page at once, all ids behind it.
  mutating func loadEntries() -> Effect<Work> {
    start(.entryPage(entries.query, limit: EntriesScreen.firstPage))
  }

  mutating func takePage(_ query: EntryQuery, _ ids: [Int64], _ rows: [EntryRow]) -> Effect<Work> {
    faults[Work.entryPage(query, limit: 0).job] = nil
    guard query == entries.query, !entries.isGrouped else { return .none }
    // Where the whole list is there, it was read later than a page that is late: so were its rows.
    guard !(entries.isComplete && entries.shownQuery == query) else { return .none }
    entries.table.replace(with: ids)
    entries.shownQuery = query
    entries.isComplete = ids.count < EntriesScreen.firstPage
    for row in rows { entries.rows[row.id] = row }
    if let wanted = entries.wanted { entries.table.select(wanted) }
    if entries.isComplete { entries.wanted = nil }
    return entries.isComplete ? .none : start(.entryIDs(query))
  }

  mutating func takeIDs(_ query: EntryQuery, _ ids: [Int64]) {
    faults[Work.entryIDs(query).job] = nil
    faults[Work.entryPage(query, limit: 0).job] = nil
    guard query == entries.query, !entries.isGrouped else { return }
    entries.table.replace(with: ids)
    entries.shownQuery = query
    entries.isComplete = true
    // The same ids may name other rows since: look at those of the window once more.
    entries.areRowsStale = true
    if let wanted = entries.wanted { entries.table.select(wanted) }
    entries.wanted = nil
  }

  mutating func takeRows(_ rows: [EntryRow]) {
    faults[Work.entryRows([]).job] = nil
    entries.take(rows)
  }

  /// Asks for the rows of the window; called after every update.
  mutating func fetchVisibleRows() -> Effect<Work> {
    guard tab == .entries || entries.areRowsStale else { return .none }
    let missing = entries.missing()
    if missing.isEmpty || Set(missing).isSubset(of: entries.requested), !entries.areRowsStale {
      return .none
    }
    entries.areRowsStale = false
    guard !missing.isEmpty else { return .none }
    entries.requested = Set(missing)
    return start(.entryRows(missing))
  }
}
