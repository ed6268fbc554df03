internal import CacheKit
internal import TUI

/// An empty list says why, and how to see more.
struct EmptyList {
  var words: String
  var filter: String
  var problem: String?

  func draw(_ rect: Rect, frame: inout Frame) {
    let filtered = filter.isEmpty ? "" : " match '\(Format.text(filter))'; Esc shows all"
    let text = TextCut.end(words + filtered, to: rect.width - 3, glyphs: frame.glyphs)
    frame.put(text, x: rect.x + 2, y: rect.y, style: .dim)
    frame.cursor = Point(x: rect.x, y: rect.y)
    guard let problem else { return }
    // The status line may have been too short for it.
    var y = rect.y + 1
    for line in TextCut.wrap(Format.text(problem), to: max(1, rect.width - 3)) where y < rect.maxY {
      frame.put(line, x: rect.x + 2, y: y, style: .warn)
      y += 1
    }
  }
}

extension Inspector {
  func drawFault(_ fault: CacheError, _ rect: Rect, frame: inout Frame) {
    let width = max(1, rect.width - 4)
    var y = rect.y + 1
    for line in TextCut.wrap("\(glyphs.bad) \(Format.text(fault.message))", to: width)
    where y < rect.maxY {
      frame.put(line, x: 2, y: y, style: .bad)
      y += 1
    }
    for line in TextCut.wrap(Format.text(fault.hint ?? ""), to: width) where y < rect.maxY {
      frame.put(line, x: 2, y: y)
      y += 1
    }
    if y + 1 < rect.maxY { frame.put("r tries again, q quits", x: 2, y: y + 1, style: .dim) }
  }
}
