internal import TUI

extension Details {
  /// The lines of the pane, wrapped, with the labels in a column of their own.
  func wrapped(
    to width: Int
  ) -> [(label: String, text: String, indent: Int, role: Role)] {
    lines.flatMap { line in
      let indent = line.label.isEmpty ? 1 : 11
      let parts = TextCut.wrap(line.text, to: max(8, width - indent - 1))
      return parts.enumerated().map { index, text in
        (index == 0 ? line.label : "", text, indent, line.role)
      }
    }
  }
}

extension Inspector {
  func drawDetails(_ layout: Layout, frame: inout Frame) {
    guard let rect = layout.details else { return }
    let details = room.details(in: house)
    let lines = details.wrapped(to: rect.width)
    drawDivider(layout, title(details), count: lines.count, frame: &frame)
    var rest = rect
    if layout.areDetailsBeside {
      let title = TextCut.end(title(details), to: rect.width - 2, glyphs: glyphs)
      frame.put(title, x: rect.x + 1, y: rest.takeTop(1).y, style: .strong)
    }
    var y = rest.y
    for line in lines.dropFirst(house.pane.top) {
      guard y < rest.maxY else { break }
      frame.put(line.label, x: rect.x + 1, y: y, width: 10, style: .dim)
      frame.put(
        line.text, x: rect.x + line.indent, y: y, width: rect.maxX - rect.x - line.indent,
        style: Style(line.role))
      y += 1
    }
    if house.areDetailsFocused { frame.cursor = Point(x: rect.x, y: rest.y) }
  }

  /// The sign of the selected thing stands before the title while the keys go to the pane.
  private func title(_ details: Details) -> String {
    house.areDetailsFocused && !house.pane.isFull
      ? "\(glyphs.selected) \(details.title)" : details.title
  }

  private func drawDivider(_ layout: Layout, _ title: String, count: Int, frame: inout Frame) {
    guard let divider = layout.divider else { return }
    if layout.areDetailsBeside {
      for y in divider.y..<divider.maxY {
        frame.put(glyphs.vertical, x: divider.x, y: y, style: Style(.border))
      }
    } else {
      let last = min(house.pane.top + layout.detailLines, count)
      let isCut = count > layout.detailLines
      let place = house.areDetailsFocused && isCut ? "\(house.pane.top + 1)-\(last)/\(count)  " : ""
      let words =
        house.pane.isFull ? "Esc closes" : house.pane.isFocused ? "Tab to the list" : "i hides"
      frame.rule(
        y: divider.y, width: divider.width, title: title, trailing: place + words)
    }
  }
}
