extension Dialog {
  /// Draws the dialog in the middle of the frame.
  package func draw(into frame: inout Frame) {
    let (box, body) = place(in: frame.size)
    let shown = min(body.count, max(1, frame.size.rows - 4 - extraRows))
    let first = min(top, body.count - shown)
    drawBox(box, frame: &frame)
    for (index, line) in body[first..<(first + shown)].enumerated() {
      let y = box.y + 1 + index
      frame.put(line.text, x: box.x + 2, y: y, width: inner(box), style: Style(line.role))
    }
    if first + shown < body.count || first > 0 {
      let more = " \(first + shown)/\(body.count) "
      frame.put(more, x: box.maxX - more.count - 2, y: box.maxY - 1, style: .dim)
    }
    drawFields(box, frame: &frame)
    drawPrompt(box, frame: &frame)
    drawButtons(box, frame: &frame)
  }

  private func inner(_ box: Rect) -> Int { max(1, box.width - 4) }

  /// The rows between the text and the buttons.
  private var extraRows: Int { (fields.isEmpty ? 0 : fields.count + 1) + promptRows }

  private var promptRows: Int { if case .typed = tier { 1 } else { 0 } }

  /// The row of the first field.
  private func firstField(_ box: Rect) -> Int { box.maxY - 3 - promptRows - fields.count }

  private func drawFields(_ box: Rect, frame: inout Frame) {
    for (index, field) in fields.enumerated() {
      let y = firstField(box) + index
      guard y > box.y else { continue }
      let isEdited = edited == index
      let label = "\(field.key) \(field.label): "
      let used = frame.put(
        label, x: box.x + 2, y: y, width: inner(box), style: isEdited ? .strong : .text)
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
    let height = min(body.count, max(1, size.rows - 4 - extraRows)) + 4 + extraRows
    let box = Rect(
      x: (size.columns - width) / 2, y: max(0, (size.rows - height) / 2), width: width,
      height: min(height, size.rows))
    return (box, body)
  }

  // MARK: The mouse

  /// The button at a point. None that changes something is pressed by a click, for it may be a slip.
  package func button(at point: Point, in size: Size) -> Button? {
    let box = place(in: size).box
    if promptRows == 1, point.y == box.maxY - 3, box.contains(point) { return .accept }
    guard point.y == box.maxY - 2 else { return nil }
    return buttonPlaces(box).first { place in
      let x = box.x + 2 + place.x
      return (x..<(x + Width.of(place.text))).contains(point.x)
    }?.button
  }

  /// The field at a point.
  package func field(at point: Point, in size: Size) -> Int? {
    let box = place(in: size).box
    let index = point.y - firstField(box)
    return box.contains(point) && fields.indices.contains(index) ? index : nil
  }

  // MARK: Buttons

  /// The buttons of the last row, with what stands on them: as much as there is room for.
  private func buttonPlaces(_ box: Rect) -> [(button: Button, x: Int, text: String)] {
    let all = buttons.filter { promptRows == 0 || $0 != .accept }
    let forms = ["Print the commands", "Commands", ""].map { words in
      all.map { (button: $0, text: text(of: $0, commands: words)) }
    }
    let gap = 3
    func width(_ form: [(button: Button, text: String)]) -> Int {
      form.reduce(-gap) { $0 + Width.of($1.text) + gap }
    }
    let form = forms.first { width($0) <= inner(box) } ?? forms[forms.count - 1]
    var x = 0
    return form.map { button, text in
      defer { x += Width.of(text) + gap }
      return (button, x, text)
    }
  }

  private func text(of button: Button, commands words: String) -> String {
    switch (tier, button) {
    case (.notice, _): return "[ Close ]"
    case (_, .cancel): return "[ \(cancelLabel) ]"
    case (.confirm(let key, let label), .accept): return "[ \(key) \(label) ]"
    case (.typed, .accept): return ""
    case (_, .commands):
      let parts = [commandsHaveLetter ? "p" : "", words].filter { !$0.isEmpty }
      return "[ \(parts.joined(separator: " ")) ]"
    }
  }

  private func drawButtons(_ box: Rect, frame: inout Frame) {
    for place in buttonPlaces(box) where place.x < inner(box) {
      let isFocused = place.button == focus && edited == nil
      let x = box.x + 2 + place.x
      frame.put(
        place.text, x: x, y: box.maxY - 2, width: inner(box) - place.x,
        style: isFocused ? Style(.strong, selected: true) : .text)
      if isFocused { frame.cursor = Point(x: x + 2, y: box.maxY - 2) }
    }
  }

  /// The line of a typed dialog; what accepts it is told once all is typed.
  private func drawPrompt(_ box: Rect, frame: inout Frame) {
    guard case .typed(let expected, let prompt, let label) = tier else { return }
    let (x, y, width) = (box.x + 2, box.maxY - 3, inner(box))
    let used = frame.put("\(prompt): ", x: x, y: y, width: width)
    let blanks = max(1, max(6, expected.count) + 1 - typed.count)
    let line = "[\(typed)" + String(repeating: " ", count: blanks) + "]"
    frame.put(line, x: x + used, y: y, width: width - used, style: .strong)
    if focus == .accept, edited == nil {
      frame.cursor = Point(x: x + used + 1 + typed.count, y: y)
      frame.isCursorVisible = true
    }
    let end = used + line.count + 2
    guard typed == expected else { return }
    frame.put("Enter: \(label)", x: x + end, y: y, width: max(0, width - end), style: .strong)
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
}
