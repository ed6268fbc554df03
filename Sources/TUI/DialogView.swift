extension Dialog {
  /// Draws the dialog in the middle of the frame.
  package func draw(into frame: inout Frame) {
    let (box, body) = place(in: frame.size)
    let inner = max(1, box.width - 4)
    let shown = min(
      body.count, max(1, frame.size.rows - 4 - (fields.isEmpty ? 0 : fields.count + 1)))
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
    drawFields(box, frame: &frame)
  }

  private func drawFields(_ box: Rect, frame: inout Frame) {
    for (index, field) in fields.enumerated() {
      let y = box.maxY - 3 - fields.count + index
      guard y > box.y else { continue }
      let isEdited = edited == index
      let label = "\(field.key) \(field.label): "
      let used = frame.put(
        label, x: box.x + 2, y: y, width: box.width - 4, style: isEdited ? .strong : .text)
      let room = box.width - 4 - used
      if isEdited {
        field.text.draw(x: box.x + 2 + used, y: y, width: room, frame: &frame)
      } else {
        let typed = field.choices.isEmpty ? field.text.text : field.choices[field.choice]
        let isEmpty = typed.isEmpty
        let text = isEmpty ? field.hint : SafeText.escape(typed)
        frame.put(
          TextCut.end(text, to: room, glyphs: frame.glyphs), x: box.x + 2 + used, y: y,
          width: room, style: isEmpty ? .dim : .strong)
      }
    }
  }

  /// Where the dialog stands in the middle, and its lines, wrapped.
  private func place(in size: Size) -> (box: Rect, body: [Line]) {
    let width = min(size.columns, 76)
    var body = lines.flatMap { line in
      TextCut.wrap(line.text, to: max(1, width - 4)).map { Line($0, line.role) }
    }
    if let alert {
      body += TextCut.wrap(alert, to: max(1, width - 4)).map { Line($0, .warn) }
    }
    let rows = fields.isEmpty ? 0 : fields.count + 1
    let height = min(body.count, max(1, size.rows - 4 - rows)) + 4 + rows
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    return (box, body)
  }

  /// The button at a point. None that changes something is pressed by a click, for it may be a slip.
  package func button(at point: Point, in size: Size) -> Button? {
    let box = place(in: size).box
    guard point.y == box.maxY - 2 else { return nil }
    return buttonPlaces.first { place in
      let x = box.x + 2 + place.x
      return (x..<(x + Width.of(place.text))).contains(point.x)
    }?.button
  }

  /// The buttons of a row, with what stands on them.
  private var buttonPlaces: [(button: Button, x: Int, text: String)] {
    var x = 0
    return buttons.compactMap { button in
      guard let text = text(of: button) else { return nil }
      defer { x += Width.of(text) + 3 }
      return (button, x, text)
    }
  }

  private func text(of button: Button) -> String? {
    switch (tier, button) {
    case (.notice, _): "[ Close ]"
    case (.typed, _): nil
    case (.confirm, .cancel): "[ Cancel ]"
    case (.confirm(let key, let label), .accept): "[ \(key) \(label) ]"
    case (.confirm, .commands): "[ p Print the commands ]"
    }
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
    let short = commands.isEmpty ? "" : "    p commands"
    switch tier {
    case .notice, .confirm:
      for place in buttonPlaces where place.x < width {
        let isFocused = place.button == focus && edited == nil
        frame.put(
          place.text, x: x + place.x, y: y, width: width - place.x,
          style: isFocused ? Style(.strong, selected: true) : .text)
        if isFocused { frame.cursor = Point(x: x + place.x + 2, y: y) }
      }
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
