internal import TUI

extension LeasesRoom {
  static func legend(_ glyphs: Glyphs) -> [LegendLine] {
    let levels = glyphs.isASCII ? "0..9" : "▁▃▅█"
    return [
      LegendLine("DEAD", "no such process, or the lease is older than the boot"),
      LegendLine("REUSED", "the PID belongs to a process that started after the lease"),
      LegendLine("ZOMBIE", "the holder has exited and waits for its parent"),
      LegendLine("ORPHAN", "the entry of the lease is gone"),
      LegendLine("LIVE SELF PIN", "held by fbuild, by this program, by a durable pin"),
      LegendLine("OLD STOPPED", "alive for long, or stopped by a signal"),
      LegendLine("ALIEN", "alive, but its program is not fbuild"),
      LegendLine("NS UNKNOWN", "in another PID namespace; nothing can be proved"),
      LegendLine("LRU", "its turn when GC evicts; 1 goes first"),
      LegendLine("REF", "how often this holder holds the entry"),
      LegendLine("w", "in the margin: watched, the bell rings when it ends"),
      LegendLine("+", "in the margin: came while you looked; dim: just went"),
      LegendLine("1 h \(levels)", "how many leases were held over the last hour"),
    ]
  }
}
