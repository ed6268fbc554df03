internal import TUI

/// How many leases were held over the last hour, as far as this program has seen it.
struct LeaseHistory: Sendable {
  private var samples: [(at: Moment, count: Int)] = []
  private static let span: Int64 = 3_600_000
  private static let limit = 2000

  mutating func note(_ count: Int, at now: Moment) {
    if samples.last?.count == count { return }
    samples.append((now, count))
    if samples.count > Self.limit { samples.removeFirst(Self.limit / 2) }
  }

  /// The count at the end of each of `cells` equal parts of the hour; `nil` before the start.
  func series(_ cells: Int, now: Moment) -> [Int?] {
    (0..<cells).map { cell in
      let back = Self.span / Int64(max(1, cells)) * Int64(cells - 1 - cell)
      let end = now.advanced(milliseconds: -back)
      return samples.last { $0.at <= end }?.count
    }
  }

  /// One character a part: higher blocks are more leases; in ASCII digits of ten.
  func strip(_ cells: Int, now: Moment, glyphs: Glyphs) -> String {
    let series = series(cells, now: now)
    let most = max(1, series.compactMap { $0 }.max() ?? 1)
    let levels = glyphs.isASCII ? Array("0123456789") : Array("▁▂▃▄▅▆▇█")
    return String(
      series.map { count -> Character in
        guard let count else { return " " }
        return levels[count * (levels.count - 1) / most]
      })
  }
}
