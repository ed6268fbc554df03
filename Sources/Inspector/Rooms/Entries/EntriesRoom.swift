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
  /// True where the list is to be in groups by kind; they are there once they were read.
  var isGrouped = false
  var grouped: GroupedIDs?
  /// The kinds of groups that are folded.
  var folded: Set<RawText?> = []
  var columns = ColumnChoice()
  /// The bytes of the largest entry that the filter lets through; `nil` where there is no filter.
  var filteredMost: Int64?
  /// What is to be evicted: chosen with `d`, whatever the list shows meanwhile.
  var chosen: Set<Int64> = []
  var chosenRevision = 0
  var markSum = WatchedSum()
  var chosenSum = WatchedSum()
  /// What reading archives found.
  var checks = ArchiveChecks()
  /// The places in GC's order of the entries in the window.
  var ranks = WindowRanks()
  /// The thing that the cursor was on before the query changed.
  var wanted: Int64?
  /// What `n` found last; `nil` where the index changed since.
  var matches: EntryMatches?

  static let firstPage = 200
  private static let keptRows = 2000

  init(_ settings: Settings) {}

  func selectedRow(in house: House) -> EntryRow? { table.selected.flatMap(house.entryRow) }
  /// What reads the whole list again.
  var wholeList: Work { .entries(isGrouped ? .groups(query) : .ids(query)) }

  func count(in house: House) -> String {
    let total = house.figures.map { Int(clamping: $0.statistics.entries) }
    return total.map { " \(Format.grouped($0))" } ?? ""
  }

  func status(in house: House) -> (left: String, right: String) {
    let parts = [summary(in: house)] + headWords(in: house)
    let order = sorting.map(house.words) ?? ""
    let more = house.size.columns >= 120 ? "  T groups" : ""
    let keys = grouped != nil ? "by kind  z folds  T ends it" : order + more
    return (parts.joined(separator: " \(house.glyphs.dot) "), keys)
  }

  private func summary(in house: House) -> String {
    guard shownQuery != nil else { return "reading entries" }
    let filter = query.filter.text
    let count = grouped?.things.count ?? table.ids.count
    let shown = isComplete ? Format.grouped(count) : "\(count)+"
    let figures = house.figures
    let total = figures.map { Format.grouped(Int(clamping: $0.statistics.entries)) } ?? shown
    if !filter.isEmpty, shownQuery?.filter != query.filter {
      return "looking for \(Format.text(filter))"
    }
    return filter.isEmpty
      ? "\(total) \(total == "1" ? "entry" : "entries") \(house.glyphs.dot) \(Format.size(figures?.statistics.totalBytes))"
      : "showing \(shown) of \(total) (filter: \(Format.text(filter)))"
  }
}

// MARK: Loads
extension EntriesRoom {
  mutating func begin(in house: inout House) -> Effect<Work> { loadEntries(in: &house) }

  mutating func wants(in house: inout House) -> Effect<Work> {
    fetchVisibleRows(in: &house) + lookUpRanks(in: &house) + followSums(in: &house)
  }

  func reads(in house: House) -> [Work] { [wholeList] }

  mutating func reload(in house: inout House) -> Effect<Work> {
    areRowsStale = true
    ranks.renew()
    markSum.renew()
    chosenSum.renew()
    matches = nil
    return .none
  }

  mutating func changed(_ change: Change) {
    switch change {
    case .pin, .unpin, .repair: table.clearMarks()
    case .evict(let targets, _):
      table.clearMarks()
      unchoose(targets.ids)
    default: break
    }
  }

  /// Only where the ranks are shown: nobody else would answer, and be asked again at once.
  func deadline(in house: House) -> Moment? { Self.isShown(in: house) ? ranks.dueAt : nil }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message.own(EntryNews.self) {
    case .page(let query, let ids, let rows, let most):
      return takePage(query, ids, rows, most, in: &house)
    case .ids(let query, let ids, let most): takeIDs(query, ids, most, in: &house)
    case .rows(let rows): takeRows(rows, in: &house)
    case .ranks(let found, let ids): ranks.take(found, of: ids)
    case .sum(.marked, let revision, let sum): markSum.take(sum, of: revision)
    case .sum(.chosen, let revision, let sum): chosenSum.take(sum, of: revision)
    case .copyRows(let what, let rows): return copyRows(what, rows, in: &house)
    case .files(let place, let result): takeFiles(place, result, in: &house)
    case .verifying(let item): checks.take(item)
    case .verified(let items): finishedVerifying(items, in: &house)
    case .matches(let filter, let ids): takeMatches(filter, ids, in: &house)
    case .groups(let query, let new, let most):
      if query == self.query { filteredMost = most }
      takeGroups(query, new, in: &house)
    case nil: break
    }
    return .none
  }

  /// Reads the list for a new query: the first page at once, all ids behind it.
  mutating func loadEntries(in house: inout House) -> Effect<Work> {
    house.start(.entries(.page(query, limit: Self.firstPage)))
  }

  mutating func takePage(
    _ query: EntryQuery, _ ids: [Int64], _ rows: [EntryRow], _ most: Int64?, in house: inout House
  ) -> Effect<Work> {
    guard query == self.query, !isGrouped else { return .none }
    // Where the whole list is there, it was read later than a page that is late: so were its rows.
    guard !(isComplete && shownQuery == query) else { return .none }
    isComplete = ids.count < Self.firstPage
    dropGroups()
    table.replace(with: ids, keepingMarks: !isComplete)
    shownQuery = query
    if isComplete || query.filter.isEmpty { filteredMost = most }
    for row in rows { house.entryRows[row.id] = row }
    if let wanted = wanted { table.select(wanted) }
    if isComplete { wanted = nil }
    if isComplete, query.filter.isEmpty { keepChosen(of: ids) }
    return isComplete ? .none : house.start(.entries(.ids(query)))
  }

  mutating func takeIDs(
    _ query: EntryQuery, _ ids: [Int64], _ most: Int64?, in house: inout House
  ) {
    house.faults[EntryWork.pageJob] = nil
    guard query == self.query, !isGrouped else { return }
    dropGroups()
    table.replace(with: ids)
    shownQuery = query
    filteredMost = most
    isComplete = true
    if query.filter.isEmpty { keepChosen(of: ids) }
    // The same ids may name other rows since: look at those of the window once more.
    areRowsStale = true
    if let wanted = wanted { table.select(wanted) }
    wanted = nil
  }

  mutating func takeRows(_ rows: [EntryRow], in house: inout House) {
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
    let ids = table.ids[window].filter { !isHeading($0) }
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
