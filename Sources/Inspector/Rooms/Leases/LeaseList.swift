internal import CacheKit
internal import TUI

// The table of leases: its picture, its order and its filter.
extension LeasesRoom {
  func count(in house: House) -> String {
    guard let snapshot else { return "" }
    return " \(Format.grouped(snapshot.rows.count))" + (stuckCount > 0 ? " !\(stuckCount)" : "")
  }

  func status(in house: House) -> (left: String, right: String) {
    (summary(in: house), timeline(in: house) + (sorting.map(house.words) ?? ""))
  }

  /// How many leases were held over the last hour.
  private func timeline(in house: House) -> String {
    guard house.size.columns >= 100, snapshot != nil else { return "" }
    return "1 h \(history.strip(20, now: house.clock, glyphs: house.glyphs))  "
  }

  private func summary(in house: House) -> String {
    guard let snapshot else { return "reading leases" }
    if !filter.text.isEmpty {
      let shown = Format.grouped(table.ids.count)
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
      + "\(stuckCount) provably stuck\(bytes)"
  }

  // MARK: Picture
  func tableView(in house: House) -> TableView<LeaseCells> {
    TableView(columns: LeaseColumns.all.map(\.look), sort: order)
  }

  func cells(_ id: LeaseRow.ID, in house: House) -> LeaseCells? {
    row(id).map { row in
      LeaseCells(
        row: row, now: house.ageNow, usesUTC: house.settings.usesUTC, rank: rank(of: row.lease))
    }
  }

  func marking(in house: House) -> RowMarking<LeaseRow.ID> {
    RowMarking(
      sign: { watched.contains($0) ? "w" : changes.isFresh($0) ? "+" : nil },
      isFaded: { changes.isGone($0) })
  }

  func emptyWords(in house: House) -> String { isShown ? "no leases" : "reading" }

  func markedSizes(in house: House) -> [Int64?] {
    table.marks.map { row($0).map { $0.lease.entry?.bytes ?? 0 } }
  }

  func shownTimes(in house: House) -> [Int64?] {
    table.ids[table.window()].map { row($0)?.lease.acquiredAt }
  }

  var sorting: Sorting? { Sorting(LeaseColumns.all, order) }

  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let filter = LeaseFilter(text)
    let now = snapshot?.takenAt ?? 0
    let room = self
    jump(step, text, in: &house) { id in
      room.row(id).map { filter.matches($0, now: now) } ?? false
    }
    return .none
  }
}
