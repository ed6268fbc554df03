internal import CacheKit
internal import TUI

// The table of pointers: its picture, its order and its filter.
extension LinksRoom {
  func count(in house: House) -> String {
    guard snapshot != nil else { return "" }
    return " \(Format.grouped(all.count))" + (problemCount > 0 ? " !\(problemCount)" : "")
  }

  func status(in house: House) -> (left: String, right: String) {
    (summary(in: house), unreferencedWords(in: house) + (sorting.map(house.words) ?? ""))
  }

  private func summary(in house: House) -> String {
    guard let snapshot else { return "pointers of \(Format.text(root.typed))" }
    if !filter.text.isEmpty {
      let shown = Format.grouped(table.ids.count)
      return "showing \(shown) of \(Format.grouped(snapshot.rows.count)) "
        + "(filter: \(Format.text(filter.text)))"
    }
    let pointers = Format.count(snapshot.rows.count, "pointer")
    let head = "\(pointers) under \(Format.text(snapshot.title))"
    let unread =
      snapshot.unreadable.isEmpty ? [] : ["\(snapshot.unreadable.count) places unreadable"]
    return ([head] + markedHead(in: house) + stateCounts + unread).joined(
      separator: " \(house.glyphs.dot) ")
  }

  /// What the cache holds beyond these pointers, where there is room to say it.
  private func unreferencedWords(in house: House) -> String {
    guard house.size.columns >= 120, let snapshot, snapshot.unreferencedCount > 0 else {
      return ""
    }
    let blobs = Format.count(snapshot.unreferencedCount, "cached blob")
    return "\(blobs) (\(Format.size(snapshot.unreferencedBytes))) named by none  "
  }

  // MARK: Picture
  func tableView(in house: House) -> TableView<LinkCells> {
    let shown = columns.arranged(
      LinkColumns.all.map(\.look), usual: usualColumns(in: house), sorted: order.column)
    return TableView(columns: shown, sort: order, isWide: columns.isWide, keeping: columns.shown)
  }

  var columnItems: [ColumnItem] { [ColumnItem](LinkColumns.all) }
  func usualColumns(in house: House) -> Set<String> { Set(LinkColumns.all.map(\.look.id)) }

  func cells(_ id: LinkID, in house: House) -> LinkCells? {
    row(id).map { LinkCells(row: $0, transfer: fetching.transfers[id]) }
  }

  func emptyWords(in house: House) -> String {
    if !all.isEmpty { return "no pointers" }
    if house.running[list.job] != nil { return "searching pointers" }
    return snapshot == nil
      ? "not searched: r searches, P looks elsewhere" : "no pointers here; P looks elsewhere"
  }

  func fault(in house: House) -> CacheError? { failure }

  func markWords(in house: House) -> String? {
    let bytes = table.marks.reduce(Int64(0)) { sum, id in
      let (value, overflow) = sum.addingReportingOverflow(max(0, row(id)?.bytes ?? 0))
      return overflow ? .max : value
    }
    return Format.size(bytes)
  }

  func copyMarked(_ what: String, in house: inout House) -> Effect<Work>? {
    house.copy(targets.flatMap { row in copies(of: row, in: house).filter { $0.what == what } })
  }

  func folder(in house: House) -> RowPlace {
    selectedRow.map { .pointer($0.item.path) } ?? .project(root)
  }

  var sorting: Sorting? { Sorting(LinkColumns.all, order) }

  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let filter = LinkFilter(text)
    let room = self
    jump(step, text, in: &house) { id in room.row(id).map { filter.matches($0) } ?? false }
    return .none
  }
}
