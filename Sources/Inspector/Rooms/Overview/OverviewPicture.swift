internal import CacheKit
internal import TUI

// The picture of the room: bars, problems, pictures, the latest changes; or the map.
extension OverviewRoom {
  func arranged(_ body: Rect, in house: House) -> OverviewLayout {
    OverviewLayout.of(
      body,
      .init(
        problems: problems.count, pictures: pictures, focus: spot?.picture,
        recent: house.journal.lines.count))
  }

  func listRows(_ layout: Layout, in house: House) -> Rect {
    // Pictures are not arranged with every key that is pressed elsewhere.
    guard Self.isShown(in: house), map == nil else { return layout.rows }
    var rows = arranged(layout.list, in: house).problems
    _ = rows.takeTop(1)
    return rows
  }

  func draw(_ layout: Layout, in house: House, frame: inout Frame) {
    if let map {
      map.draw(layout.list, frame: &frame)
      return
    }
    let parts = arranged(layout.list, in: house)
    drawBudgets(parts, in: house, frame: &frame)
    if let line = parts.kindsLine, let kinds = picture(.kinds) {
      let cells = kinds.line(width: line.width, glyphs: house.glyphs)
      for (x, cell) in cells.enumerated() {
        frame.put(cell.text, x: line.x + x, y: line.y, style: Style(cell.role))
      }
    }
    for (id, rect) in parts.pictures { drawPicture(id, rect, in: house, frame: &frame) }
    drawDividers(parts, frame: &frame)
    if let recent = parts.recent { drawRecent(recent, in: house, frame: &frame) }
    drawProblems(parts.problems, in: house, frame: &frame)
  }

  private func drawBudgets(_ parts: OverviewLayout, in house: House, frame: inout Frame) {
    guard let figures = house.figures else {
      frame.put("counting", x: 1, y: parts.budgets.y, style: .dim)
      return
    }
    let bars = BudgetBars(parts.budgets)
    let selected = spot?.picture == .budgets ? spot?.row : nil
    if parts.form == .full {
      bars.drawAll(figures, selected: selected, frame: &frame)
    } else {
      bars.drawShort(figures, selected: selected, frame: &frame)
    }
  }

  private func view(_ id: Picture.ID, _ rect: Rect, in house: House) -> PictureView? {
    picture(id).map {
      PictureView(
        picture: $0, rect: rect, selected: spot?.picture == id ? spot?.row : nil,
        now: house.ageNow)
    }
  }

  private func drawPicture(
    _ id: Picture.ID, _ rect: Rect, in house: House, frame: inout Frame
  ) {
    view(id, rect, in: house)?.draw(&frame)
  }

  private func drawDividers(_ parts: OverviewLayout, frame: inout Frame) {
    for rect in parts.pictures.values where rect.x > 0 {
      for y in rect.y..<rect.maxY {
        frame.put(frame.glyphs.vertical, x: rect.x - 1, y: y, style: Style(.border))
      }
    }
  }

  private func drawProblems(_ rect: Rect, in house: House, frame: inout Frame) {
    guard house.figures != nil || house.leases != nil else { return }
    var rest = rect
    if problems.isEmpty {
      let text = isLoading(in: house) ? "looking for problems" : noProblems(in: house)
      frame.put(
        text, x: 1, y: rest.y, width: rest.width - 1, style: isLoading(in: house) ? .dim : .ok)
      return
    }
    let view = fittedView(in: house)
    view.drawHeader(in: rest.takeTop(1), frame: &frame)
    view.drawRows(of: table, in: rest, hasCursor: spot == nil, frame: &frame) {
      cells($0, in: house)
    }
  }

  func isEmpty(in house: House) -> Bool { house.figures == nil && house.leases == nil }

  func tableView(in house: House) -> TableView<Problem> {
    TableView(columns: columns(house.glyphs), sort: nil)
  }

  func cells(_ id: String, in house: House) -> Problem? { problems.first { $0.id == id } }

  func shownTimes(in house: House) -> [Int64?] {
    guard map == nil, let picture = picture(.biggest),
      arranged(house.layout.list, in: house).pictures[.biggest] != nil
    else { return [] }
    return picture.rows.map(\.time)
  }

  private func isLoading(in house: House) -> Bool {
    house.figures == nil || house.leases == nil || house.migrationFacts == nil
  }

  private func noProblems(in house: House) -> String {
    let entries = Format.count(
      Int(clamping: house.figures?.statistics.entries ?? 0), "entry", plural: "entries")
    let leases = Format.count(house.leases?.rows.count ?? 0, "lease")
    return "\(house.glyphs.ok) No problems. \(entries), \(leases) (none stuck), schema current."
  }

  // MARK: Spots
  /// The bars on the screen, and where they stand.
  func spots(_ layout: Layout, in house: House) -> [(spot: Spot, rect: Rect)] {
    guard house.figures != nil else { return [] }
    let parts = arranged(layout.list, in: house)
    let rows = BudgetBars(parts.budgets).rows(parts)
    var spots: [(spot: Spot, rect: Rect)] =
      parts.form == .full
      ? rows.enumerated().map { (Spot(picture: .budgets, row: $0), $1) }
      : [(Spot(picture: .budgets, row: 2), rows[0])]
    for id in Picture.ID.allCases {
      guard let rect = parts.pictures[id], let view = view(id, rect, in: house) else { continue }
      spots += view.rows.map { index, y in
        (
          Spot(picture: id, row: index), Rect(x: rect.x, y: y, width: rect.width, height: 1)
        )
      }
    }
    return spots
  }

  /// What stands behind a bar: a key, where one helps.
  func tail(of spot: Spot) -> String? {
    let rows = picture(spot.picture)?.rows ?? []
    return rows.indices.contains(spot.row) ? rows[spot.row].tail : nil
  }

  func goal(of spot: Spot, in house: House) -> Goal? {
    guard spot.picture == .budgets else {
      let rows = picture(spot.picture)?.rows ?? []
      return rows.indices.contains(spot.row) ? rows[spot.row].goal : nil
    }
    guard let figures = house.figures else { return nil }
    let bars = BudgetBar.all(figures)
    return bars.indices.contains(spot.row) ? bars[spot.row].goal : .host
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Width.of(self)))
  }
}
