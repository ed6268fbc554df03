internal import CacheKit
internal import TUI

extension OverviewRoom {
  /// The latest changes, as the journal has them.
  func drawRecent(_ rect: Rect, in house: House, frame: inout Frame) {
    guard !house.journal.lines.isEmpty, rect.height > 1 else { return }
    frame.put(" RECENT", x: rect.x, y: rect.y, style: .strong)
    frame.put("J journal, u undo", x: max(9, rect.width - 19), y: rect.y, style: .dim)
    for (index, run) in house.journal.runs(limit: rect.height - 1).enumerated() {
      let text = TextCut.end(
        house.words(run, isShort: true), to: rect.width - 3, glyphs: house.glyphs)
      frame.put(text, x: rect.x + 2, y: rect.y + 1 + index, width: rect.width - 3)
    }
  }
}
