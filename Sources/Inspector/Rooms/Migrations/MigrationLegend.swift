internal import TUI

extension MigrationsRoom {
  static func legend(_ glyphs: Glyphs) -> [LegendLine] {
    [
      LegendLine("applied", "recorded, and its effect is there"),
      LegendLine("PENDING", "has not run on this index"),
      LegendLine("UNKNOWN", "of a newer fbuild: the index is read-only here"),
      LegendLine("DAMAGED", "recorded, but its effect is missing"),
      LegendLine("unrecorded", "its effect is there, only the record is missing"),
    ]
  }
}
