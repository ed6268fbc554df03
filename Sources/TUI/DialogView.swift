extension Dialog {
  /// Draws the dialog in the middle of the frame.
  package func draw(into frame: inout Frame) {
    let (box, body) = place(in: frame.size)
    let inner = max(1, box.width - 4)
    let shown = min(body.count, max(1, frame.size.rows - 4))
    let first = min(top, body.count - shown)
    drawBox(box, frame: &frame)
    for (index, line) in body[first..<(first + shown)].enumerated() {
      let y = box.y + 1 + index
      frame.put(line.text, x: box.x + 2, y: y, width: inner, style: Style(line.role))
    }
    if first + shown < body.count || first > 0 {
      let more = " \(first + shown)/\(body.count) "
      frame.put(more, x: box.maxX - more.count - 2, y: box.maxY - 1, style: .dim)
    }
    drawButtons(x: box.x + 2, y: box.maxY - 2, width: inner, frame: &frame)
  }

  /// Where the dialog stands in the middle, and its lines, wrapped.
  private func place(in size: Size) -> (box: Rect, body: [Line]) {
    let width = min(size.columns, 76)
    var body = lines.flatMap { line in
      TextCut.wrap(line.text, to: max(1, width - 4)).map { Line($0, line.role) }
    }
    if let alert { body.append(Line(alert, .warn)) }
    let height = min(body.count, max(1, size.rows - 4)) + 4
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    return (box, body)
  }

  /// True on the button that closes; no other button can be clicked, for a click may be a slip.
  package func isCloseButton(at point: Point, in size: Size) -> Bool {
    let box = place(in: size).box
    let width =
      switch tier {
      case .notice: "[ Close ]".count
      case .confirm: "[ Cancel ]".count
      case .typed: 0
      }
    return Rect(x: box.x + 2, y: box.maxY - 2, width: width, height: 1).contains(point)
  }

  private func drawBox(_ box: Rect, frame: inout Frame) {
    let glyphs = frame.glyphs
    let style = Style(.border)
    frame.fill(box)
    let line = String(repeating: glyphs.horizontal, count: max(0, box.width - 2))
    frame.put(glyphs.topLeft + line + glyphs.topRight, x: box.x, y: box.y, style: style)
    for y in (box.y + 1)..<max(box.y + 1, box.maxY - 1) {
      frame.put(glyphs.vertical, x: box.x, y: y, style: style)
      frame.put(glyphs.vertical, x: box.maxX - 1, y: y, style: style)
    }
    frame.put(
      glyphs.bottomLeft + line + glyphs.bottomRight, x: box.x, y: box.maxY - 1, style: style)
    let title = TextCut.end(title, to: box.width - 6, glyphs: glyphs)
    frame.put(" \(title) ", x: box.x + 2, y: box.y, style: .strong)
  }

  private func drawButtons(x: Int, y: Int, width: Int, frame: inout Frame) {
    let print = commands.isEmpty ? "" : "    p Print the commands"
    let short = commands.isEmpty ? "" : "    p commands"
    switch tier {
    case .notice:
      frame.put("[ Close ]", x: x, y: y, width: width, style: .strong)
      frame.cursor = Point(x: x, y: y)
    case .confirm(let key, let label):
      frame.put("[ Cancel ]", x: x, y: y, width: width, style: .strong)
      frame.put("    \(key) \(label)\(print)", x: x + 10, y: y, width: width - 10)
      frame.cursor = Point(x: x + 2, y: y)
    case .typed(let expected, let prompt, let label):
      let used = frame.put("\(prompt): ", x: x, y: y, width: width)
      let field =
        "[\(typed)"
        + String(repeating: " ", count: max(1, max(6, expected.count) + 1 - typed.count)) + "]"
      frame.put(field, x: x + used, y: y, width: width - used, style: .strong)
      frame.cursor = Point(x: x + used + 1 + typed.count, y: y)
      frame.isCursorVisible = true
      let words = typed == expected ? "Enter \(label)    Esc cancel" : "Esc cancel\(short)"
      frame.put(
        words, x: x + used + field.count + 2, y: y, width: max(0, width - used - field.count - 2))
    }
  }
}
