internal import CacheKit
internal import TUI

extension Inspector {
  func drawTable(_ layout: Layout, frame: inout Frame) {
    var header = layout.list
    header = header.takeTop(1)
    let rows = layout.rows
    switch tab {
    case .entries: drawEntries(header, rows, frame: &frame)
    case .leases: drawLeases(header, rows, frame: &frame)
    case .migrations: drawMigrations(header, rows, frame: &frame)
    case .links: drawLinks(header, rows, frame: &frame)
    case .overview: break
    }
  }

  var entryTable: TableView<EntryCells> {
    let isNarrow = layout.mode == .narrow
    let order = sorting.order
    // So narrow a screen has room for the name, and for what it is sorted by.
    let columns = EntryColumns.all.filter { !isNarrow || ["name", order.column].contains($0.id) }
    return TableView(columns: columns, sort: order)
  }

  var leaseTable: TableView<LeaseCells> {
    TableView(columns: LeaseColumns.all, sort: leases.order)
  }

  /// The time that ages are counted to: now, and in a snapshot when it was taken.
  var ageNow: Int64 {
    let read = leases.snapshot?.takenAt ?? facts?.now ?? 0
    guard facts?.snapshot == nil, let wall = wallTime(at: clock) else { return read }
    return max(read, wall)
  }

  /// When an age on the screen changes; `nil` where none is shown or none grows.
  var nextAge: Moment? {
    guard facts?.snapshot == nil, wall != nil, !isPaused else { return nil }
    let times: [Int64?] =
      switch tab {
      case .leases: leases.table.ids[leases.table.window()].map { leases.row($0)?.lease.acquiredAt }
      case .entries:
        entries.table.ids[entries.table.window()].map { entries.row($0)?.entry.lastUsedAt }
      case .overview, .migrations, .links: []
      }
    let now = ageNow
    let youngest = times.compactMap { $0.map { now.subtractingReportingOverflow($0).partialValue } }
      .filter { $0 >= 0 }.min()
    guard let youngest else { return nil }
    return clock.advanced(milliseconds: youngest < 600 ? 1000 : 60_000)
  }

  private func drawEntries(_ header: Rect, _ rows: Rect, frame: inout Frame) {
    entryTable.drawHeader(in: header, frame: &frame)
    if entries.table.ids.isEmpty {
      drawEmpty(entries.shownQuery == nil ? "reading" : "no entries", rows, frame: &frame)
    }
    let marking = RowMarking<Int64>(heading: { heading($0) })
    entryTable.drawRows(
      of: entries.table, in: rows, frame: &frame, marking: marking, row: entryCells)
  }

  private func entryCells(_ id: Int64) -> EntryCells? {
    entries.row(id).map { EntryCells(row: $0, now: ageNow) }
  }

  private func drawLeases(_ header: Rect, _ rows: Rect, frame: inout Frame) {
    leaseTable.drawHeader(in: header, frame: &frame)
    if leases.table.ids.isEmpty {
      drawEmpty(leases.isShown ? "no leases" : "reading", rows, frame: &frame)
    }
    let marking = RowMarking<LeaseRow.ID>(
      sign: { leases.watched.contains($0) ? "w" : leases.changes.isFresh($0) ? "+" : nil },
      isFaded: { leases.changes.isGone($0) })
    leaseTable.drawRows(
      of: leases.table, in: rows, frame: &frame, marking: marking, row: leaseCells)
  }

  private func leaseCells(_ id: LeaseRow.ID) -> LeaseCells? {
    leases.row(id).map { row in
      LeaseCells(row: row, now: ageNow, usesUTC: settings.usesUTC, rank: leases.rank(of: row.lease))
    }
  }

  private func drawMigrations(_ header: Rect, _ rows: Rect, frame: inout Frame) {
    migrationTable.drawHeader(in: header, frame: &frame)
    if migrations.table.ids.isEmpty { drawEmpty("reading", rows, frame: &frame) }
    migrationTable.drawRows(of: migrations.table, in: rows, frame: &frame, row: migrationCells)
  }

  private var migrationTable: TableView<MigrationCells> {
    TableView(columns: MigrationColumns.all, sort: nil)
  }

  private func migrationCells(_ id: String) -> MigrationCells? {
    migrationFacts?.status.items.first { $0.id == id }
      .map { MigrationCells(item: $0, usesUTC: settings.usesUTC) }
  }

  /// Takes back what the last key scrolled past the end of the longest cell.
  mutating func limitScroll() {
    guard currentTable.scroll > 0 else { return }
    let limit = scrollLimit(width: layout.rows.width)
    withTable { $0.limitScroll(to: limit) }
  }

  private func scrollLimit(width: Int) -> Int {
    switch tab {
    case .overview: 0
    case .entries:
      entryTable.scrollLimit(
        of: entries.table, width: width, glyphs: glyphs, row: entryCells)
    case .leases:
      leaseTable.scrollLimit(of: leases.table, width: width, glyphs: glyphs, row: leaseCells)
    case .migrations:
      migrationTable.scrollLimit(
        of: migrations.table, width: width, glyphs: glyphs, row: migrationCells)
    case .links:
      linkTable.scrollLimit(of: links.table, width: width, glyphs: glyphs, row: linkCells)
    }
  }

  /// An empty list says why, and how to see more.
  func drawEmpty(_ words: String, _ rect: Rect, frame: inout Frame) {
    let filtered = filterText.isEmpty ? "" : " match '\(Format.text(filterText))'; Esc shows all"
    let text = TextCut.end(words + filtered, to: rect.width - 3, glyphs: glyphs)
    frame.put(text, x: rect.x + 2, y: rect.y, style: .dim)
    frame.cursor = Point(x: rect.x, y: rect.y)
    guard let problem = filterProblem else { return }
    // The status line may have been too short for it.
    var y = rect.y + 1
    for line in TextCut.wrap(Format.text(problem), to: max(1, rect.width - 3)) where y < rect.maxY {
      frame.put(line, x: rect.x + 2, y: y, style: .warn)
      y += 1
    }
  }

  func drawFault(_ fault: CacheError, _ rect: Rect, frame: inout Frame) {
    let width = max(1, rect.width - 4)
    var y = rect.y + 1
    for line in TextCut.wrap("\(glyphs.bad) \(Format.text(fault.message))", to: width)
    where y < rect.maxY {
      frame.put(line, x: 2, y: y, style: .bad)
      y += 1
    }
    for line in TextCut.wrap(Format.text(fault.hint ?? ""), to: width) where y < rect.maxY {
      frame.put(line, x: 2, y: y)
      y += 1
    }
    if y + 1 < rect.maxY { frame.put("r tries again, q leaves", x: 2, y: y + 1, style: .dim) }
  }

  // MARK: Details

  var details: (title: String, lines: [DetailLine]) {
    switch tab {
    case .overview: (overview.selectedProblem?.title ?? "", [])
    case .entries: entryDetails()
    case .leases: leaseDetails()
    case .migrations: migrationDetails()
    case .links: linkDetails()
    }
  }

  /// The lines of the pane, wrapped, with the labels in a column of their own.
  func detailLines(
    width: Int
  ) -> [(label: String, text: String, indent: Int, role: Role)] {
    details.lines.flatMap { line in
      let indent = line.label.isEmpty ? 1 : 11
      let parts = TextCut.wrap(line.text, to: max(8, width - indent - 1))
      return parts.enumerated().map { index, text in
        (index == 0 ? line.label : "", text, indent, line.role)
      }
    }
  }

  func drawDetails(_ layout: Layout, frame: inout Frame) {
    guard let rect = layout.details else { return }
    let lines = detailLines(width: rect.width)
    drawDivider(layout, count: lines.count, frame: &frame)
    var rest = rect
    if layout.areDetailsBeside {
      let title = TextCut.end(detailsTitle, to: rect.width - 2, glyphs: glyphs)
      frame.put(title, x: rect.x + 1, y: rest.takeTop(1).y, style: .strong)
    }
    var y = rest.y
    for line in lines.dropFirst(pane.top) {
      guard y < rest.maxY else { break }
      frame.put(line.label, x: rect.x + 1, y: y, width: 10, style: .dim)
      frame.put(
        line.text, x: rect.x + line.indent, y: y, width: rect.maxX - rect.x - line.indent,
        style: Style(line.role))
      y += 1
    }
    if areDetailsFocused { frame.cursor = Point(x: rect.x, y: rest.y) }
  }

  /// The sign of the selected thing stands before the title while the keys go to the pane.
  private var detailsTitle: String {
    areDetailsFocused && !pane.isFull ? "\(glyphs.selected) \(details.title)" : details.title
  }

  private func drawDivider(_ layout: Layout, count: Int, frame: inout Frame) {
    guard let divider = layout.divider else { return }
    if layout.areDetailsBeside {
      for y in divider.y..<divider.maxY {
        frame.put(glyphs.vertical, x: divider.x, y: y, style: Style(.border))
      }
    } else {
      let last = min(pane.top + layout.detailLines, count)
      let isCut = count > layout.detailLines
      let place = areDetailsFocused && isCut ? "\(pane.top + 1)-\(last)/\(count)  " : ""
      let words = pane.isFull ? "Esc closes" : pane.isFocused ? "Tab to the list" : "i hides"
      frame.rule(
        y: divider.y, width: divider.width, title: detailsTitle, trailing: place + words)
    }
  }
}
