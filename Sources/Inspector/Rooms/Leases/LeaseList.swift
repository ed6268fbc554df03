internal import CacheKit
internal import TUI

// The table of leases: its picture, its order and its filter.
extension LeasesRoom {
  func count(in house: House) -> String {
    guard let snapshot else { return "" }
    return " \(Format.grouped(snapshot.rows.count))"
      + (stuckCount > 0 ? " !\(Format.grouped(stuckCount))" : "")
  }

  func status(in house: House) -> (left: String, right: String) {
    let left = ([summary(in: house)] + markedHead(in: house)).joined(
      separator: " \(house.glyphs.dot) ")
    let order = sorting.map(house.words) ?? ""
    let rest = "\(timeline(in: house))\(order)"
    guard let standpoint = house.facts?.standpoint else { return (left, rest) }
    let (utc, now) = (house.settings.usesUTC, house.ageNow)
    let long = standpoint.words(utc: utc, now: now, isShort: false)
    let short = standpoint.words(utc: utc, now: now, isShort: true)
    // The arrow on a title says the order, too: where verdicts hold is said nowhere else.
    let room = house.size.columns - Width.of(left) - 5
    let forms = ["\(long)  \(rest)", "\(long)  \(order)", "\(short)  \(order)", short]
    return (left, forms.first { Width.of($0) <= room } ?? "")
  }

  /// How many leases were held over the last hour.
  private func timeline(in house: House) -> String {
    guard house.size.columns >= 100, snapshot != nil else { return "" }
    return "1 h \(history.strip(20, now: house.clock, glyphs: house.glyphs))  "
  }

  private func summary(in house: House) -> String {
    guard let snapshot else { return "reading leases" }
    if !filter.text.isEmpty {
      let shown = Format.grouped(table.ids.count - table.ids.count(where: changes.isGone))
      return "showing \(shown) of \(Format.grouped(snapshot.rows.count)) "
        + "(filter: \(Format.text(filter.text)))"
    }
    let entries = snapshot.rows.leases.entryCount
    let dot = house.glyphs.dot
    let blocking = house.size.columns >= 120 ? ", blocking " : " \(dot) "
    let isShort = stuckCount == 0 || house.size.columns < 80
    let bytes = isShort ? "" : blocking + Format.size(stuckBytes)
    return "\(Format.count(snapshot.rows.count, "lease")) on "
      + "\(Format.count(entries, "entry", plural: "entries")) \(dot) "
      + "\(Format.grouped(stuckCount)) provably stuck\(bytes)"
  }

  // MARK: Picture
  func tableView(in house: House) -> TableView<LeaseCells> {
    let shown = columns.arranged(
      LeaseColumns.all.map(\.look), usual: usualColumns(in: house), sorted: order.column)
    return TableView(columns: shown, sort: order, isWide: columns.isWide, keeping: columns.shown)
  }

  var columnItems: [ColumnItem] { [ColumnItem](LeaseColumns.all) }

  func usualColumns(in house: House) -> Set<String> {
    LeaseColumns.usual(isCompact: isCompact(in: house))
  }

  private func isCompact(in house: House) -> Bool {
    !columns.isWide && house.layout.list.width < LeaseColumns.wideFrom
  }

  func cells(_ id: LeaseRow.ID, in house: House) -> LeaseCells? {
    row(id).map { row in
      LeaseCells(
        row: row, now: house.ageNow, usesUTC: house.settings.usesUTC, rank: rank(of: row.lease),
        isCompact: isCompact(in: house), bootedAt: house.facts?.standpoint?.bootedAt)
    }
  }

  func marking(in house: House) -> RowMarking<LeaseRow.ID> {
    RowMarking(
      sign: {
        watched.contains($0) ? "w" : changes.isFresh($0) ? "+" : changes.isGone($0) ? "-" : nil
      },
      isFaded: { changes.isGone($0) })
  }

  func emptyWords(in house: House) -> String { isShown ? "no leases" : "reading" }

  func markWords(in house: House) -> String? { Format.size(markedBytes.bytes) }

  func copyMarked(_ what: String, in house: inout House) -> Effect<Work>? {
    house.copy(targets.flatMap { row in copies(of: row, in: house).filter { $0.what == what } })
  }

  func shownTimes(in house: House) -> [Int64?] {
    table.ids[table.window()].map { row($0)?.lease.acquiredAt }
  }

  var sorting: Sorting? { Sorting(LeaseColumns.all, order) }
}
