internal import TUI

extension GCRoom {
  static func legend(_ glyphs: Glyphs) -> [LegendLine] {
    [
      LegendLine("#", "the step's turn; \u{2D} where nothing goes"),
      LegendLine("skipped", "left out by Space"),
      LegendLine("ours leaves it", "fbuild's GC would take it; the details say why we would not"),
      LegendLine("re-extract", "the archive stays, so it costs only time"),
      LegendLine("download again", "nothing of it stays here"),
    ]
  }
}
