internal import CacheKit
internal import TUI

// The table of entries: its picture, its order and its filter.
extension EntriesRoom {
  func tableView(in house: House) -> TableView<EntryCells> {
    let isNarrow = house.layout.mode == .narrow && !columns.isWide
    let isCompact = isCompact(in: house)
    let order = order
    let arranged = columns.arranged(
      EntryColumns.all(isCompact: isCompact), usual: usualColumns(in: house),
      sorted: isCompact && order.column == "version" ? nil : order.column)
    // So narrow a screen has room for the name, and for what it is sorted by.
    let shown = arranged.filter { !isNarrow || ["name", order.column].contains($0.id) }
    return TableView(
      columns: shown, sort: order, isWide: columns.isWide, keeping: isNarrow ? [] : columns.shown)
  }

  private func isCompact(in house: House) -> Bool {
    !columns.isWide && house.layout.list.width < EntryColumns.wideFrom
  }

  var columnItems: [ColumnItem] { EntryColumns.items }

  func usualColumns(in house: House) -> Set<String> {
    EntryColumns.usual(isCompact: isCompact(in: house))
  }

  func cells(_ id: Int64, in house: House) -> EntryCells? {
    house.entryRow(id).map { row in
      let keptBy = KeptBy(row.entry, house.leases?.rows)
      return EntryCells(
        row: row, now: house.ageNow, rank: keptBy.isPinned ? nil : ranks.value(of: id),
        keptBy: keptBy, most: most(in: house))
    }
  }

  /// Of the largest entry that is listed; the totals know it where there is no filter.
  private func most(in house: House) -> Int64 {
    let all = house.figures?.statistics.largest ?? 0
    return query.filter.isEmpty ? all : filteredMost ?? all
  }

  func marking(in house: House) -> RowMarking<Int64> {
    RowMarking(sign: { chosen.contains($0) ? "d" : nil }, heading: { heading($0) })
  }

  func emptyWords(in house: House) -> String { shownQuery == nil ? "reading" : "no entries" }

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
    let usual = EntryColumns.usual(isCompact: false)
    let sortable = columns.ordered(columnItems.map(\.id)).compactMap { EntryColumn(rawValue: $0) }
    let shown = sortable.filter { columns.shows($0.rawValue, usual: usual) || $0 == query.sort }
    return Sorting(
      columns: shown.map { ($0.rawValue, $0.title) },
      others: sortable.filter { !shown.contains($0) }.map { ($0.rawValue, $0.title) },
      order: order, descendingFirst: Self.descendingFirst)
  }

  private static let descendingFirst = Set(
    EntryColumn.allCases.filter(\.descendsFirst).map(\.rawValue))

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
    query = new
    isComplete = false
    if isGrouped { return house.start(.entries(.groups(query))) }
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
