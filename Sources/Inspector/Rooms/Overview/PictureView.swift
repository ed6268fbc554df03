internal import CacheKit
internal import TUI

/// A picture on the screen: its title, then a row for each bar.
struct PictureView {
  let picture: Picture
  let rect: Rect
  /// The row under the cursor.
  var selected: Int?
  var now: Int64

  /// Where each row stands; what has no room is left out. The row under the cursor always has room.
  var rows: [(index: Int, y: Int)] {
    var places: [(index: Int, y: Int)] = []
    var y = rect.y + 1
    for index in picture.rows.indices.dropFirst(first) {
      guard y < lastRow else { break }
      places.append((index, y))
      y += picture.rows[index].note.isEmpty ? 1 : 2
    }
    return places
  }

  private var lastRow: Int { rect.maxY - noteLines.count }

  /// Sentences have room below the rows, where there are rows at all.
  private var noteLines: [String] {
    let lines = picture.notes.flatMap { TextCut.wrap($0, to: max(8, rect.width - 2)) }
    return Array(lines.prefix(max(0, rect.height - 1 - min(3, picture.rows.count))))
  }

  /// How many rows are scrolled away.
  private var first: Int {
    guard let selected else { return 0 }
    let room = max(1, lastRow - rect.y - 1)
    let lines = picture.rows.prefix(selected + 1).map { $0.note.isEmpty ? 1 : 2 }
    var first = 0
    while first < selected, lines[first...].reduce(0, +) > room { first += 1 }
    return first
  }

  func draw(_ frame: inout Frame) {
    drawTitle(&frame)
    let columns = Columns(picture, width: rect.width, now: now)
    for (index, y) in rows { draw(index, y: y, columns, &frame) }
    var y = rows.last.map { $0.y + (picture.rows[$0.index].note.isEmpty ? 1 : 2) } ?? rect.y + 1
    for line in noteLines where y < rect.maxY {
      frame.put(line, x: rect.x + 1, y: y, width: rect.width - 1, style: .dim)
      y += 1
    }
  }

  private func drawTitle(_ frame: inout Frame) {
    let hidden = picture.rows.count - rows.count
    // What has no line below its row is said here, before anything else.
    let legend = hiddenNote ?? picture.legend
    let counted = hidden > 0 ? "\(picture.title) (\(hidden) more)" : picture.title
    let isTight = Width.of(counted) + Width.of(legend) + 4 > rect.width
    let title = isTight && hiddenNote != nil ? picture.title : counted
    let used = frame.put(
      title, x: rect.x + 1, y: rect.y, width: rect.width - 1, style: .strong)
    guard used + Width.of(legend) + 4 <= rect.width else { return }
    frame.put(legend, x: rect.maxX - 1 - Width.of(legend), y: rect.y, style: .dim)
  }

  private var hiddenNote: String? {
    guard let noted = picture.rows.firstIndex(where: { !$0.note.isEmpty }) else { return nil }
    let place = rows.first { $0.index == noted }
    if let place, place.y + 1 < rect.maxY { return nil }
    return "\(picture.rows[noted].note): \(picture.rows[noted].label)"
  }

  private func draw(_ index: Int, y: Int, _ columns: Columns, _ frame: inout Frame) {
    let row = picture.rows[index]
    let isSelected = index == selected
    let style = isSelected ? Style(.text, selected: true) : .text
    if isSelected {
      frame.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1), style: style)
      frame.put(frame.glyphs.selected, x: rect.x, y: y, style: style)
      frame.cursor = Point(x: rect.x, y: y)
    }
    let label = TextCut.cut(
      row.label, to: columns.label, at: row.bar == nil ? .middle : .end, glyphs: frame.glyphs)
    frame.put(label, x: rect.x + 1, y: y, style: style)
    if let bar = row.bar {
      bar.draw(
        x: rect.x + 2 + columns.label, y: y, width: columns.bar, isSelected: isSelected,
        frame: &frame)
    }
    var x = rect.x + columns.valueEnd - Width.of(row.value)
    frame.put(row.value, x: x, y: y, style: style)
    x = rect.x + columns.valueEnd + 1
    if columns.age > 0 {
      let age = Format.age(of: row.time, now: now)
      frame.put(age, x: x + columns.age - Width.of(age), y: y, style: style)
      x += columns.age + 1
      frame.put(row.tail, x: x, y: y, width: columns.tail, style: style)
    } else {
      frame.put(row.tail, x: x + columns.tail - Width.of(row.tail), y: y, style: style)
    }
    guard !row.note.isEmpty, y + 1 < rect.maxY else { return }
    let note = "\(frame.glyphs.bottomLeft) \(row.note)"
    frame.put(note, x: rect.x + 2 + columns.label, y: y + 1, style: .warn)
  }

  /// The widths of the parts of a row.
  private struct Columns {
    var label: Int
    var bar: Int
    var valueEnd: Int
    var age = 0
    var tail: Int

    init(_ picture: Picture, width: Int, now: Int64) {
      func widest(_ texts: [String]) -> Int { texts.map { Width.of($0) }.max() ?? 0 }
      let rows = picture.rows
      let value = widest(rows.map(\.value))
      tail = widest(rows.map(\.tail))
      if rows.contains(where: { $0.time != nil }) { age = 5 }
      let right = value + (tail > 0 ? tail + 1 : 0) + (age > 0 ? age + 1 : 0) + 1
      valueEnd = width - right + value
      let hasBars = rows.contains { $0.bar != nil }
      let room = max(0, width - right - 2)
      label = hasBars ? min(widest(rows.map(\.label)), room) : room
      bar = hasBars ? max(0, room - label - 1) : 0
    }
  }
}

extension Picture {
  /// One line for all kinds, where no picture has room.
  func line(width: Int, glyphs: Glyphs) -> [Bar.Cell] {
    let most = rows.compactMap { $0.bar?.scale }.max() ?? 0
    let space = Bar.Cell(text: " ", role: .text)
    var cells = [space]
    for (index, row) in rows.enumerated() {
      guard let bar = row.bar else { continue }
      let amount = bar.parts.reduce(Int64(0)) { $0 + min($1.value, .max / 4) }
      let share = most > 0 ? Double(amount) / Double(most) : 0
      let length = max(1, Int((share * 7).rounded()))
      let text = "\(row.label) \(row.value) "
      let left = rows.count - index
      // What follows is counted: ` +2`.
      let needed = Width.of(text) + length + 1 + (left > 1 ? 4 : 0)
      guard cells.count + needed <= width else {
        return cells + "+\(left)".map { Bar.Cell(text: String($0), role: .dim) }
      }
      cells += text.map { Bar.Cell(text: String($0), role: .text) }
      var part = bar
      part.scale = amount
      cells += part.cells(width: length, glyphs: glyphs) + [space]
    }
    return cells
  }
}
