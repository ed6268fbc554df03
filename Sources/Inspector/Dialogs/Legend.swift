internal import TUI

/// A short mark of a screen, and what it means; the help lists them below the keys.
struct LegendLine: Sendable, Hashable {
  var sign: String
  var words: String

  init(_ sign: String, _ words: String) {
    self.sign = sign
    self.words = words
  }
}

/// The marks that mean the same on every screen.
enum Legend {
  static func common(_ glyphs: Glyphs) -> [LegendLine] {
    [
      LegendLine(glyphs.selected, "the row that the keys act on"),
      LegendLine(glyphs.marked, "a marked row"),
      LegendLine(
        "\(glyphs.bad) \(glyphs.warn) \(glyphs.ok) \(glyphs.unknown)",
        "bad, look at it, fine, nobody can tell"),
      LegendLine("!3", "behind a title: so many things to look at"),
      LegendLine(glyphs.ellipsis, "something is cut here; Left and Right scroll"),
      LegendLine("RO, RW", "in the first line: changes are refused, or possible"),
      LegendLine("schema 1/2!", "one of two migrations has been applied"),
      LegendLine("2s \(glyphs.reload)", "the screen follows the cache; Z stops that"),
    ]
  }
}
