internal import TUI

/// A bar of cells: parts beside each other, told apart by what they are made of and never by colour
/// alone, and a mark where a limit lies. The number that it shows stands beside it as text.
struct Bar: Hashable, Sendable {
  enum Fill: Hashable, Sendable { case full, hatched }

  struct Part: Hashable, Sendable {
    var value: Int64
    var fill: Fill
  }

  var parts: [Part]
  /// What the whole width stands for.
  var scale: Int64
  /// Where the mark stands; what lies behind it is drawn as too much.
  var limit: Int64?
  /// True where cells without a value show how far it is to the end.
  var hasTrack = false

  /// One value of a whole.
  init(_ value: Int64, of scale: Int64, hasTrack: Bool = false) {
    parts = [Part(value: value, fill: .full)]
    self.scale = scale
    self.hasTrack = hasTrack
  }

  /// One value against a limit: whatever is more fills the width.
  init(_ value: Int64, limit: Int64) {
    self.init(value, of: max(value, limit), hasTrack: true)
    self.limit = limit
  }

  /// What is held, then what is not.
  init(held: Int64, free: Int64, of scale: Int64) {
    parts = [Part(value: held, fill: .full), Part(value: free, fill: .hatched)]
    self.scale = scale
  }

  struct Cell: Hashable {
    var text: String
    var role: Role
  }

  /// Exactly `width` cells.
  func cells(width: Int, glyphs: Glyphs) -> [Cell] {
    guard width > 0 else { return [] }
    guard let limit else { return plain(width: width, glyphs: glyphs) }
    var cells = plain(width: width - 1, glyphs: glyphs)
    let place = Self.place(of: limit, in: scale, width: width - 1)
    for index in cells.indices where index >= place && cells[index].role == .bar {
      cells[index].role = .barOver
    }
    cells.insert(Cell(text: glyphs.barLimit, role: .strong), at: place)
    return cells
  }

  private func plain(width: Int, glyphs: Glyphs) -> [Cell] {
    var cells: [Cell] = []
    var sum: Int64 = 0
    for part in parts where part.value > 0 {
      let (next, overflow) = sum.addingReportingOverflow(part.value)
      sum = overflow ? .max : next
      let isWhole = parts.count == 1
      let end =
        isWhole
        ? Self.wholeCells(sum, in: scale, width: width)
        : max(cells.count + 1, Self.place(of: sum, in: scale, width: width))
      let text = part.fill == .full ? glyphs.barFull : glyphs.barHatched
      while cells.count < min(end, width) { cells.append(Cell(text: text, role: .bar)) }
      if isWhole, cells.count < width, let rest = fraction(sum, width, glyphs) {
        cells.append(Cell(text: rest, role: .bar))
      }
    }
    let empty = Cell(text: hasTrack ? glyphs.barEmpty : " ", role: hasTrack ? .dim : .text)
    return cells + Array(repeating: empty, count: width - cells.count)
  }

  /// The eighths that a whole number of cells leaves over; what is not nothing is seen.
  private func fraction(_ value: Int64, _ width: Int, _ glyphs: Glyphs) -> String? {
    let steps = glyphs.barParts.count + 1
    let exact = Self.share(value, of: scale) * Double(width)
    let part = Int((exact - exact.rounded(.down)) * Double(steps))
    if part > 0 { return glyphs.barParts[glyphs.barParts.count - part] }
    guard exact < 1 else { return nil }
    return glyphs.barParts.last ?? glyphs.barFull
  }

  private static func wholeCells(_ value: Int64, in scale: Int64, width: Int) -> Int {
    min(width, Int((share(value, of: scale) * Double(width)).rounded(.down)))
  }

  private static func place(of value: Int64, in scale: Int64, width: Int) -> Int {
    min(width, Int((share(value, of: scale) * Double(width)).rounded()))
  }

  private static func share(_ value: Int64, of scale: Int64) -> Double {
    scale > 0 ? min(1, max(0, Double(value) / Double(scale))) : 0
  }

  /// `isSelected` gives all cells the look of the row under the cursor.
  func draw(x: Int, y: Int, width: Int, isSelected: Bool = false, frame: inout Frame) {
    for (index, cell) in cells(width: width, glyphs: frame.glyphs).enumerated() {
      let style = isSelected ? Style(.text, selected: true) : Style(cell.role)
      frame.put(cell.text, x: x + index, y: y, style: style)
    }
  }
}
