internal import CacheKit
internal import TUI

extension OverviewRoom {
  /// The limits of GC against what is used, and where each limit comes from.
  func drawBars(_ rect: Rect, of figures: Figures?, frame: inout Frame) {
    guard let figures else {
      frame.put("counting", x: 1, y: rect.y, style: .dim)
      return
    }
    let place = BarPlace(rect)
    place.drawTitles(&frame)
    let statistics = figures.statistics
    let budget = figures.budget
    let archives = Share(statistics.archives)
    let installed = Share(statistics.installed)
    let lines: [(String, Share, Budget.Limit)] = [
      ("installed", installed, budget.installed), ("archives", archives, budget.archive),
      ("total", archives.adding(installed), budget.highWatermark),
    ]
    for (index, line) in lines.enumerated() {
      place.draw(line.0, line.1, line.2, row: index + 1, &frame)
    }
    place.draw(figures.disk, row: 4, &frame)
    if !place.hasSources {
      let text = TextCut.end(budget.sources(frame.glyphs), to: rect.width - 2, glyphs: frame.glyphs)
      frame.put(text, x: 1, y: rect.y + 5, style: .dim)
    }
  }
}

extension Budget {
  /// All three sources in one line, the same ones together: `installed, archives: 5 % of the disk`.
  func sources(_ glyphs: Glyphs) -> String {
    let all = [("installed", installed), ("archives", archive), ("total", highWatermark)]
    var groups: [(names: [String], source: String)] = []
    for (name, limit) in all {
      if let last = groups.indices.last, groups[last].source == Format.source(limit) {
        groups[last].names.append(name)
      } else {
        groups.append(([name], Format.source(limit)))
      }
    }
    let words = groups.map { "\($0.names.joined(separator: ", ")): \($0.source)" }
    return "limits  " + words.joined(separator: " \(glyphs.dot) ")
  }
}

/// Where the bars and the numbers beside them stand at some width.
private struct BarPlace {
  let rect: Rect
  let width: Int
  private static let start = 33

  init(_ rect: Rect) {
    self.rect = rect
    width = rect.width >= 100 ? 30 : rect.width >= 78 ? 20 : rect.width >= 56 ? 10 : 0
  }

  private var hasNumbers: Bool { rect.width >= 70 }
  var hasSources: Bool { rect.width >= 116 }
  private var evictableEnd: Int { Self.start + width + 10 }
  private var blockedEnd: Int { evictableEnd + 11 }

  func drawTitles(_ frame: inout Frame) {
    right("used / limit", at: Self.start - 1, row: 0, .dim, &frame)
    guard hasNumbers else { return }
    right("evictable", at: evictableEnd, row: 0, .dim, &frame)
    right("blocked", at: blockedEnd, row: 0, .dim, &frame)
    if hasSources { frame.put("limit from", x: blockedEnd + 3, y: rect.y, style: .dim) }
  }

  func draw(
    _ name: String, _ share: Share, _ limit: Budget.Limit, row: Int, _ frame: inout Frame
  ) {
    let most = Int64(clamping: limit.bytes)
    let isOver = share.bytes > most
    frame.put(name, x: 1, y: rect.y + row)
    let text = Format.share(share.bytes, of: most)
    right(text, at: Self.start - 1, row: row, isOver ? .bad : .text, &frame)
    drawBar(share.bytes, of: most, row: row, isOver ? .barOver : .bar, &frame)
    guard hasNumbers else { return }
    let evictable = Format.size(max(0, share.bytes - share.blockedBytes))
    right(evictable, at: evictableEnd, row: row, .text, &frame)
    let role: Role = share.blockedBytes > 0 ? .text : .dim
    right(Format.size(share.blockedBytes), at: blockedEnd, row: row, role, &frame)
    if hasSources {
      frame.put(Format.source(limit), x: blockedEnd + 3, y: rect.y + row, style: .dim)
    }
  }

  func draw(_ disk: DiskSpace, row: Int, _ frame: inout Frame) {
    let total = Int64(clamping: disk.total)
    let used = Int64(clamping: disk.used)
    frame.put("file system", x: 1, y: rect.y + row)
    right(Format.share(used, of: total), at: Self.start - 1, row: row, .text, &frame)
    drawBar(used, of: total, row: row, .bar, &frame)
    guard hasNumbers else { return }
    let share = disk.total == 0 ? 0 : Int((Double(disk.free) / Double(disk.total) * 100).rounded())
    let free = "\(Format.size(Int64(clamping: disk.free))) free (\(share) %)"
    frame.put(free, x: Self.start + width + 2, y: rect.y + row)
  }

  private func drawBar(
    _ value: Int64, of most: Int64, row: Int, _ role: Role, _ frame: inout Frame
  ) {
    let bar = Gauge.bar(value, of: most, width: width, glyphs: frame.glyphs)
    frame.put(bar, x: Self.start, y: rect.y + row, style: Style(role))
  }

  private func right(_ text: String, at end: Int, row: Int, _ role: Role, _ frame: inout Frame) {
    frame.put(text, x: end - Width.of(text), y: rect.y + row, style: Style(role))
  }
}

/// The bytes of one bar.
private struct Share {
  var bytes: Int64
  var blockedBytes: Int64

  init(_ phase: Statistics.Phase) {
    bytes = phase.bytes
    blockedBytes = phase.blockedBytes
  }

  func adding(_ other: Share) -> Share {
    var sum = self
    sum.bytes = Self.add(bytes, other.bytes)
    sum.blockedBytes = Self.add(blockedBytes, other.blockedBytes)
    return sum
  }

  private static func add(_ left: Int64, _ right: Int64) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }
}
