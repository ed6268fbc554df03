internal import CacheKit
internal import TUI

// The table of entries: its picture, its order and its filter.
extension EntriesRoom {
  func tableView(in house: House) -> TableView<EntryCells> {
    let isNarrow = house.layout.mode == .narrow
    let order = order
    // So narrow a screen has room for the name, and for what it is sorted by.
    let columns = EntryColumns.all.filter { !isNarrow || ["name", order.column].contains($0.id) }
    return TableView(columns: columns, sort: order)
  }

  func cells(_ id: Int64, in house: House) -> EntryCells? {
    house.entryRow(id).map { EntryCells(row: $0, now: house.ageNow) }
  }

  func marking(in house: House) -> RowMarking<Int64> { RowMarking(heading: { heading($0) }) }

  func emptyWords(in house: House) -> String { shownQuery == nil ? "reading" : "no entries" }

  func markedSizes(in house: House) -> [Int64?] {
    table.marks.map { house.entryRow($0)?.entry.totalBytes }
  }

  func shownTimes(in house: House) -> [Int64?] {
    table.ids[table.window()].map { house.entryRow($0)?.entry.lastUsedAt }
  }

  func folder(in house: House) -> RowPlace {
    guard let entry = selectedRow(in: house)?.entry else { return .cache }
    return .entry(installed: entry.installedPath, archive: entry.archivePath)
  }

  // MARK: Order
  private var order: SortOrder {
    SortOrder(query.sort.rawValue, descending: query.isDescending)
  }

  var sorting: Sorting? {
    Sorting(
      columns: EntryColumns.sortable.map { ($0.id, $0.title) }, order: order,
      descendingFirst: Set(EntryColumn.allCases.filter(\.descendsFirst).map(\.rawValue)))
  }

  mutating func setOrder(_ order: SortOrder, in house: inout House) -> Effect<Work> {
    setQuery(in: &house) { query in
      query.sort = EntryColumn(rawValue: order.column) ?? query.sort
      query.isDescending = order.isDescending
    }
  }

  mutating func restore(_ order: SortOrder) {
    guard let column = EntryColumn(rawValue: order.column) else { return }
    query.sort = column
    query.isDescending = order.isDescending
  }

  // MARK: Filter
  var filterText: String { query.filter.text }
  var filterProblem: String? { query.filter.problem }

  mutating func setFilter(_ text: String, in house: inout House) -> Effect<Work> {
    setQuery(in: &house) { $0.filter = EntryFilter(text) }
  }

  private mutating func setQuery(
    in house: inout House, _ change: (inout EntryQuery) -> Void
  ) -> Effect<Work> {
    var new = query
    change(&new)
    guard new != query else { return .none }
    wanted = wanted ?? table.selected
    let isFilterOnly = new.sort == query.sort && new.isDescending == query.isDescending
    query = new
    isComplete = false
    if isGrouped, isFilterOnly { return house.start(.entries(.groups(query.filter))) }
    isGrouped = false
    headings = [:]
    let job = EntryWork.idsJob
    house.running[job] = nil
    house.stale.remove(job)
    return .cancel(job) + loadEntries(in: &house)
  }

  /// A row that is not in the list is looked for by a filter.
  mutating func show(_ target: RowTarget) -> String? {
    switch target {
    case .rows(let filter): return filter
    case .row(let name):
      guard let id = Int64(name), table.ids.contains(id) else { return "id:\(name)" }
      table.select(id)
      return nil
    }
  }
}
