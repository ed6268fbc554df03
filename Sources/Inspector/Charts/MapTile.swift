internal import TUI

/// One rectangle of a map: its name in its upper edge, what it holds hatched from below, and where there is
/// room its parts.
struct MapTile: Sendable {
  var title: String
  /// Said below the title where there is room: size, count.
  var lines: [String] = []
  /// How much of it is held: hatched.
  var heldShare = 0.0
  /// What it consists of, the largest first, with the number of its parts that are not named.
  var parts: [Part] = []
  var others: (count: Int, weight: Int64) = (0, 0)

  struct Part: Sendable {
    var title: String
    var weight: Int64
    var heldShare: Double
  }

  /// The fewest cells that a tile is drawn with.
  static let least = 8

  func draw(_ rect: Rect, isSelected: Bool, frame: inout Frame) {
    drawEdges(rect, isSelected: isSelected, frame: &frame)
    let inside = Rect(
      x: rect.x + 1, y: rect.y + 1, width: rect.width - 1, height: rect.height - 1)
    guard !inside.isEmpty else { return }
    if inside.width >= 16, inside.height >= 4, parts.count > 1 {
      var body = inside
      if let line = lines.first { drawLine(line, body.takeTop(1), frame: &frame) }
      drawParts(body, frame: &frame)
      return
    }
    hatch(inside, frame: &frame)
    var rest = inside
    for line in lines {
      let row = rest.takeTop(1)
      guard !row.isEmpty, Width.of(line) <= row.width else { break }
      drawLine(line, row, frame: &frame)
    }
  }

  private func drawLine(_ line: String, _ row: Rect, frame: inout Frame) {
    guard Width.of(line) <= row.width else { return }
    let isFramed = Width.of(line) + 2 <= row.width
    frame.put(isFramed ? " \(line) " : line, x: row.x, y: row.y, width: row.width)
  }

  private func drawEdges(_ rect: Rect, isSelected: Bool, frame: inout Frame) {
    let glyphs = frame.glyphs
    let style = isSelected ? Style(.text, selected: true) : Style(.border)
    if isSelected {
      frame.fill(Rect(x: rect.x, y: rect.y, width: rect.width, height: 1), style: style)
    } else {
      let line = String(repeating: glyphs.horizontal, count: rect.width)
      frame.put(line, x: rect.x, y: rect.y, style: style)
    }
    for y in rect.y..<rect.maxY { frame.put(glyphs.vertical, x: rect.x, y: y, style: style) }
    let sign = isSelected ? glyphs.selected : rect.height > 1 ? glyphs.topLeft : glyphs.vertical
    frame.put(sign, x: rect.x, y: rect.y, style: style)
    let room = rect.width - 1
    let text = TextCut.end(title, to: room, glyphs: glyphs)
    frame.put(text, x: rect.x + 1, y: rect.y, width: room, style: isSelected ? style : .strong)
    if isSelected { frame.cursor = Point(x: rect.x, y: rect.y) }
  }

  /// From below, and all of it only where all of it is held.
  private func hatch(_ rect: Rect, frame: inout Frame) {
    guard heldShare > 0 else { return }
    let exact = Int((heldShare * Double(rect.height)).rounded())
    let most = heldShare < 1 ? max(1, rect.height - 1) : rect.height
    let rows = max(1, min(exact, most))
    let line = String(repeating: frame.glyphs.barHatched, count: rect.width)
    for y in (rect.maxY - rows)..<rect.maxY {
      frame.put(line, x: rect.x, y: y, width: rect.width, style: .dim)
    }
  }

  private func drawParts(_ rect: Rect, frame: inout Frame) {
    let shares = MapShares(
      parts.map(\.weight), others: others, in: rect, least: 2 * Self.least)
    for (part, place) in zip(parts, shares.places) {
      MapTile(title: part.title, lines: [Format.size(part.weight)], heldShare: part.heldShare)
        .draw(place, isSelected: false, frame: &frame)
    }
    guard let rest = shares.rest else { return }
    MapTile(title: "\(Format.grouped(shares.restCount)) more").draw(
      rest, isSelected: false, frame: &frame)
  }
}
