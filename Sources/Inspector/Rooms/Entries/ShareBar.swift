internal import TUI

/// A bar for a part of the largest: exact to an eighth of a cell, and never empty where there is something.
enum ShareBar {
  static func text(_ value: Int64, of most: Int64, cells: Int, glyphs: Glyphs) -> String {
    guard value > 0, most > 0, cells > 0 else { return "" }
    let steps = glyphs.barParts.count + 1
    let share = min(1, Double(value) / Double(most))
    let filled = max(1, Int((share * Double(cells * steps)).rounded()))
    let full = String(repeating: glyphs.barFull, count: filled / steps)
    let part = filled % steps
    return part == 0 ? full : full + glyphs.barParts[glyphs.barParts.count - part]
  }
}
