internal import TUI

extension EntriesRoom {
  static func legend(_ glyphs: Glyphs) -> [LegendLine] {
    [
      LegendLine("DISK ia", "the installed tree and the archive are there"),
      LegendLine("i- -a", "only one of them is recorded"),
      LegendLine("--", "nothing is recorded: clutter"),
      LegendLine(glyphs.warn, "in place of a letter: recorded, but not on the disk"),
      LegendLine("PINS 0, 2", "how many holds the leases add up to"),
      LegendLine("ghost pin", "a pin count without a lease: GC leaves the entry alone"),
    ]
  }
}
