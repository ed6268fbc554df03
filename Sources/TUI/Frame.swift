/// One cell of a frame: a base character with its marks, or the second half of a wide one.
package struct Cell: Hashable, Sendable {
  /// Empty for the second half of a wide character.
  package var text: String
  package var style: Style

  package static let blank = Cell(text: " ", style: .text)
}

/// A picture of the whole screen as a grid of cells, and where the hardware cursor stands.
///
/// Drawing clips at the edges, never cuts a wide character in half, and escapes every character
/// that a terminal could obey: a frame can be presented whatever was put into it.
package struct Frame: Hashable, Sendable {
  package let size: Size
  package private(set) var cells: [Cell]
  package var cursor = Point(x: 0, y: 0)
  /// Shown, so that screen readers and magnifiers follow it.
  package var isCursorVisible = true
  package let glyphs: Glyphs

  package init(size: Size, glyphs: Glyphs = .utf8) {
    self.size = size
    self.glyphs = glyphs
    self.cells = Array(repeating: .blank, count: size.columns * size.rows)
  }

  package var bounds: Rect { Rect(x: 0, y: 0, width: size.columns, height: size.rows) }

  package func row(_ y: Int) -> ArraySlice<Cell> {
    guard y >= 0, y < size.rows else { return [] }
    return cells[(y * size.columns)..<((y + 1) * size.columns)]
  }

  /// Draws text from a cell to the right, at most `width` cells; returns the cells used.
  @discardableResult
  package mutating func put(
    _ text: some StringProtocol, x: Int, y: Int, width: Int = .max, style: Style = .text
  ) -> Int {
    guard y >= 0, y < size.rows, x < size.columns else { return 0 }
    let limit = min(size.columns, x.addingReportingOverflow(width).overflow ? .max : x + width)
    var column = x
    if SafeText.isPlain(text) {
      for byte in text.utf8 where column < limit {
        if column >= 0 { set(Self.ascii[Int(byte)], column, y, style) }
        column += 1
      }
    } else {
      let safe = SafeText.finish(text, asciiOnly: glyphs.isASCII)
      putScalars(safe, column: &column, y: y, limit: limit, style: style)
    }
    return max(0, column - x)
  }

  private mutating func putScalars(
    _ text: String, column: inout Int, y: Int, limit: Int, style: Style
  ) {
    for scalar in text.unicodeScalars {
      let width = Width.of(scalar) ?? 1
      if width == 0 {
        addMark(scalar, before: column, y: y)
      } else if column + width > limit {
        // The half of a wide character that would fit stays a blank.
        while column < limit {
          if column >= 0 { set(" ", column, y, style) }
          column += 1
        }
        return
      } else {
        if column >= 0 {
          set(String(scalar), column, y, style)
          if width == 2 { setRaw("", column + 1, y, style) }
        }
        column += width
      }
    }
  }

  private mutating func addMark(_ scalar: Unicode.Scalar, before column: Int, y: Int) {
    guard column > 0, column <= size.columns else { return }
    var index = y * size.columns + column - 1
    if cells[index].text.isEmpty, column > 1 { index -= 1 }
    guard !cells[index].text.isEmpty else { return }
    cells[index].text.unicodeScalars.append(scalar)
  }

  private mutating func set(_ text: String, _ x: Int, _ y: Int, _ style: Style) {
    let index = y * size.columns + x
    // Overwriting one half of a wide character leaves no other half behind.
    if cells[index].text.isEmpty, x > 0 { cells[index - 1].text = " " }
    if x + 1 < size.columns, cells[index + 1].text.isEmpty { cells[index + 1].text = " " }
    cells[index] = Cell(text: text, style: style)
  }

  private mutating func setRaw(_ text: String, _ x: Int, _ y: Int, _ style: Style) {
    let index = y * size.columns + x
    if x + 1 < size.columns, cells[index + 1].text.isEmpty { cells[index + 1].text = " " }
    cells[index] = Cell(text: text, style: style)
  }

  private static let ascii: [String] = (0..<128).map { value in
    String(Unicode.Scalar(UInt8(value)))
  }

  package mutating func fill(_ rect: Rect, style: Style = .text) {
    let blanks = String(repeating: " ", count: max(0, min(rect.width, size.columns)))
    for y in rect.y..<rect.maxY { put(blanks, x: rect.x, y: y, width: rect.width, style: style) }
  }

  /// Draws a horizontal line, with a title set into it.
  package mutating func rule(
    x: Int = 0, y: Int, width: Int, title: String = "", trailing: String = ""
  ) {
    put(
      String(repeating: glyphs.horizontal, count: max(0, width)), x: x, y: y, width: width,
      style: Style(.border))
    let room = width - 4
    if !title.isEmpty, room > 0 {
      put(" \(TextCut.end(title, to: room, glyphs: glyphs)) ", x: x + 1, y: y, style: .strong)
    }
    let right = Width.of(trailing) + 4
    if !trailing.isEmpty, Width.of(title) + right + 6 < width {
      put(" \(trailing) ", x: x + width - right, y: y, style: .dim)
    }
  }

  /// The screen as text, one line a row, without trailing blanks.
  package var text: String {
    (0..<size.rows).map { y in
      var line = row(y).map(\.text).joined()
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n") + "\n"
  }
}
