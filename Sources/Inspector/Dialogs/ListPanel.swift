internal import TUI

/// A list in a box over the screen: how its cursor moves, where its rows stand, and its picture.
struct ListPanel {
  let count: Int
  let cursor: Int

  /// Where a key moves the cursor; `nil` for a key that does not move it.
  func moved(by key: Key) -> Int? {
    let wanted: Int
    switch key {
    case .down, .character("j"): wanted = cursor + 1
    case .up, .character("k"): wanted = cursor - 1
    case .pageDown: wanted = cursor + 10
    case .pageUp: wanted = cursor - 10
    case .home, .character("g"): wanted = 0
    case .end, .character("G"): wanted = count - 1
    default: return nil
    }
    return max(0, min(wanted, count - 1))
  }

  /// The row under a point; the cursor's own beside the rows, `nil` outside the box.
  func clicked(_ point: Point, width: Int, in size: Size) -> Int? {
    let (box, seen) = place(width: width, in: size)
    guard box.contains(point) else { return nil }
    let index = seen.lowerBound + point.y - box.y - 1
    return point.y > box.y && seen.contains(index) ? index : cursor
  }

  /// The box, and the rows that are seen.
  private func place(width: Int, in size: Size) -> (box: Rect, seen: Range<Int>) {
    let width = min(size.columns, width)
    let height = min(size.rows, max(4, min(count + 3, size.rows - 2)))
    let box = Rect(
      x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    let room = max(1, height - 3)
    let first = max(0, min(cursor - room / 2, count - room))
    return (box, first..<max(first, min(count, first + room)))
  }

  /// `row` gives the words of a row, and how it looks.
  func draw(
    title: String, hint: String, width: Int, frame: inout Frame,
    row: (Int) -> (text: String, role: Role)
  ) {
    let (box, seen) = place(width: width, in: frame.size)
    let glyphs = frame.glyphs
    Panel.draw(box, title: title, frame: &frame)
    if count > 0 {
      let position = " \(cursor + 1)/\(count) "
      frame.put(position, x: box.maxX - position.count - 2, y: box.y, style: .dim)
    }
    for (offset, index) in seen.enumerated() {
      let isSelected = index == cursor
      let (words, role) = row(index)
      let style = Style(role, selected: isSelected)
      let y = box.y + 1 + offset
      frame.fill(Rect(x: box.x + 1, y: y, width: box.width - 2, height: 1), style: style)
      let text = TextCut.end(words, to: box.width - 5, glyphs: glyphs)
      let marker = isSelected ? glyphs.selected : " "
      frame.put("\(marker) \(text)", x: box.x + 1, y: y, width: box.width - 2, style: style)
      if isSelected { frame.cursor = Point(x: box.x + 1, y: y) }
    }
    frame.put(hint, x: box.x + 2, y: box.maxY - 2, width: box.width - 4, style: .dim)
  }
}
