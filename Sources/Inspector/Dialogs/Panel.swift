internal import TUI

/// A box with a title.
enum Panel {
  static func draw(_ box: Rect, title: String, frame: inout Frame) {
    let glyphs = frame.glyphs
    let style = Style(.border)
    frame.fill(box)
    let line = String(repeating: glyphs.horizontal, count: max(0, box.width - 2))
    frame.put(
      glyphs.topLeft + line + glyphs.topRight, x: box.x, y: box.y, width: box.width, style: style)
    for y in (box.y + 1)..<max(box.y + 1, box.maxY - 1) {
      frame.put(glyphs.vertical, x: box.x, y: y, style: style)
      frame.put(glyphs.vertical, x: box.maxX - 1, y: y, style: style)
    }
    let bottom = glyphs.bottomLeft + line + glyphs.bottomRight
    frame.put(bottom, x: box.x, y: box.maxY - 1, width: box.width, style: style)
    let text = TextCut.end(title, to: max(0, box.width - 6), glyphs: glyphs)
    frame.put(" \(text) ", x: box.x + 2, y: box.y, width: max(0, box.width - 4), style: .strong)
  }
}
