/// A bar of cells for a share of a limit.
package enum Gauge {
  /// A bar exactly `width` cells wide; a value above the limit ends in the "over" sign.
  package static func bar(_ value: Int64, of limit: Int64, width: Int, glyphs: Glyphs) -> String {
    guard width > 0 else { return "" }
    guard limit > 0, value > 0 else { return String(repeating: glyphs.barEmpty, count: width) }
    if value > limit {
      return String(repeating: glyphs.barFull, count: width - 1) + glyphs.barOver
    }
    let steps = max(1, glyphs.barParts.count + 1)
    let filled = Int((Double(value) / Double(limit) * Double(width * steps)).rounded(.down))
    let full = min(width, filled / steps)
    let part = filled % steps
    var bar = String(repeating: glyphs.barFull, count: full)
    var cells = full
    if part > 0, cells < width {
      bar += glyphs.barParts[glyphs.barParts.count - part]
      cells += 1
    }
    return bar + String(repeating: glyphs.barEmpty, count: width - cells)
  }
}
