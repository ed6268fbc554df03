/// The SELECT of a list of entries.
struct EntrySelect {
  let sql: String
  let arguments: StatementArguments

  // NOT INDEXED: a damaged index must not hide rows that the table has.
  init(
    _ query: EntryQuery, _ shape: SchemaShape, _ columns: String, limit: Int?, now: Int64,
    range: String = ""
  ) {
    let condition = query.filter.condition(now: now, shape)
    let parts = [condition?.sql, range.isEmpty ? nil : range].compactMap { $0 }
    let filter = parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ")
    let bound = limit.map { " LIMIT \($0)" } ?? ""
    sql =
      "SELECT \(columns) FROM entries NOT INDEXED\(filter) ORDER BY \(query.orderSQL(shape))\(bound)"
    arguments = StatementArguments(condition?.arguments ?? [])
  }
}

extension InspectedCache {
  /// Hands over every entry that matches, one after the other, without holding them all.
  ///
  /// Where pages are damaged, the rows that can be reached from both ends are handed over in the
  /// order of their ids, and the error is returned. `textLimit` bounds each text, in bytes.
  public func forEachEntry(
    _ query: EntryQuery, limit: Int? = nil, textLimit: Int = listTextLimit,
    _ body: (Entry) -> Void
  ) throws(CacheError) -> CacheError? {
    try forEachEntry(query, limit: limit, cells: Cells(textLimit: textLimit), body)
  }

  /// How much of the cells is kept.
  struct Cells {
    /// In bytes, of each text.
    var textLimit: Int
    var keepsOdd = false
    /// Whether the leases count as far as they can be read.
    var isSalvage = false
  }

  func forEachEntry(
    _ query: EntryQuery, limit: Int? = nil, cells: Cells, _ body: (Entry) -> Void
  ) throws(CacheError) -> CacheError? {
    var handed = 0
    var last: Int64?
    do {
      try stream(query, limit: limit, cells: cells) { entry in
        handed += 1
        last = entry.id
        body(entry)
      }
      return reader.damage
    } catch  where error.code == .damaged {
      // A sort other than by id fails before its first row; by id it may fail in the middle.
      let ends: (after: Int64?, before: Int64?) =
        query.sort != .id ? (nil, nil) : query.isDescending ? (nil, last) : (last, nil)
      try salvage(query.filter, ends, cells: cells) { entry in
        handed += 1
        if limit.map({ handed <= $0 }) ?? true { body(entry) }
      }
      return error
    }
  }

  private func stream(
    _ query: EntryQuery, limit: Int? = nil, cells: Cells, range: String = "",
    _ body: (Entry) -> Void
  ) throws(CacheError) {
    // Rows wait here until the read has proved to be whole, or there are too many of them: what has
    // been handed over cannot be read again.
    var waiting: [Entry] = []
    var hasHanded = false
    do {
      let canRepeat = { !hasHanded }
      _ = try reader.read(canRepeat: canRepeat) { db in
        waiting.removeAll()
        try rows(db, query, limit, cells, range) { entry in
          waiting.append(entry)
          guard waiting.count == Self.waitingRows else { return }
          hasHanded = true
          for entry in waiting { body(entry) }
          waiting.removeAll(keepingCapacity: true)
        }
      }
    } catch  where error.code == .damaged {
      for entry in waiting { body(entry) }
      throw error
    }
    for entry in waiting { body(entry) }
  }

  private static let waitingRows = 1000

  private func rows(
    _ db: Database, _ query: EntryQuery, _ limit: Int?, _ cells: Cells, _ range: String,
    _ body: (Entry) -> Void
  ) throws {
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return }
    var rows = EntryRows(shape, textLimit: cells.textLimit, root: location.root)
    rows.keepsOddCells = cells.keepsOdd
    let sums =
      cells.isSalvage ? LeaseSums.readable(db, shape) : try LeaseSums.read(db, shape)
    let select = EntrySelect(
      query, shape, rows.selectList, limit: limit, now: clock.now(), range: range)
    let cursor = try LenientRow.fetchCursor(db, sql: select.sql, arguments: select.arguments)
    while let row = try cursor.next() { body(rows.entry(row, sums)) }
  }

  /// Reads forwards until a damaged page stops it, then backwards from the other end; leaves out the
  /// end that was handed over already.
  private func salvage(
    _ filter: EntryFilter, _ ends: (after: Int64?, before: Int64?), cells: Cells,
    _ body: (Entry) -> Void
  ) throws(CacheError) {
    var last = ends.after
    if last == nil {
      let range = ends.before.map { "entries.id < \($0)" } ?? ""
      try untilDamage(EntryQuery(filter: filter), cells: cells, range: range) { entry in
        last = entry.id
        body(entry)
      }
    }
    guard ends.before == nil else { return }
    var tail: [Entry] = []
    let range = last.map { "entries.id > \($0)" } ?? ""
    let backwards = EntryQuery(isDescending: true, filter: filter)
    try untilDamage(backwards, cells: cells, range: range) { tail.append($0) }
    for entry in tail.reversed() { body(entry) }
  }

  private func untilDamage(
    _ query: EntryQuery, cells: Cells, range: String, _ body: (Entry) -> Void
  ) throws(CacheError) {
    var cells = cells
    cells.isSalvage = true
    do {
      try stream(query, cells: cells, range: range, body)
    } catch  where error.code == .damaged {
      return
    }
  }
}
