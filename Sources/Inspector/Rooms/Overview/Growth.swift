internal import CacheKit
internal import TUI

/// When a limit is reached if as much comes as in the last weeks. Pure; what GC has taken meanwhile is in
/// no row, so the rate is that of what stayed.
struct Growth: Hashable, Sendable {
  /// Bytes a week.
  var rate: Int64
  /// The weeks that it is taken from; 0 where there is too little history.
  var weeks: Int
  /// The first limit that is reached, and when, in seconds since the epoch.
  var next: Next?
  /// Limits that are passed already.
  var passed: [String] = []

  struct Next: Hashable, Sendable {
    var name: String
    var limit: Int64
    var day: Int64
  }

  /// A shorter history promises nothing.
  static let leastWeeks = 2
  private static let mostWeeks = 4
  private static let week: Int64 = 7 * 86_400
  /// Whatever lies behind that is no forecast.
  private static let horizon: Int64 = 3 * 366 * 86_400

  init(_ statistics: Statistics, _ budget: Budget, now: Int64) {
    let space = statistics.space
    let history = space.firstRecorded.map { max(0, now - $0) / Self.week } ?? 0
    weeks = history < Self.leastWeeks ? 0 : Int(min(history, Int64(Self.mostWeeks)))
    let recent = space.weeks.prefix(weeks)
    let count = Int64(max(1, weeks))
    let installed = recent.reduce(0) { Self.sum($0, $1.installedBytes) } / count
    let archives = recent.reduce(0) { Self.sum($0, $1.archiveBytes) } / count
    rate = Self.sum(installed, archives)
    let limits: [(String, Int64, Int64, Budget.Limit)] = [
      ("installed", installed, statistics.installed.bytes, budget.installed),
      ("archives", archives, statistics.archives.bytes, budget.archive),
      ("total", rate, statistics.totalBytes, budget.highWatermark),
    ]
    for (name, rate, used, limit) in limits {
      let most = Int64(clamping: limit.bytes)
      if used > most { passed.append(name) }
      guard used <= most, weeks > 0, rate > 0 else { continue }
      let seconds = Double(most - used) / Double(rate) * Double(Self.week)
      guard seconds < Double(Self.horizon) else { continue }
      let day = now + Int64(seconds)
      if next.map({ day < $0.day }) ?? true { next = Next(name: name, limit: most, day: day) }
    }
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }

  func words(utc: Bool) -> [String] {
    var words: [String] = []
    if weeks == 0 {
      words.append("no forecast: less than \(Self.leastWeeks) weeks of history")
    } else if rate == 0 {
      words.append("nothing came in the last \(weeks) weeks")
    } else {
      words.append("\(Format.size(rate)) a week came and stayed in the last \(weeks)")
    }
    if !passed.isEmpty {
      words.append("over the limit now: \(passed.joined(separator: ", "))")
    }
    if let next {
      let day = Format.time(next.day, utc: utc).prefix(10)
      words.append("at this rate \(next.name) will reach \(Format.size(next.limit)) on \(day)")
    }
    return words
  }
}

extension Picture {
  /// The newest week first: where there is little room, the oldest ones are left out.
  static func growth(_ figures: Figures, utc: Bool) -> Picture {
    let weeks = figures.statistics.space.weeks
    let last = weeks.lastIndex { $0.count > 0 } ?? 0
    let most = weeks.map(\.bytes).max() ?? 0
    var picture = Picture(id: .growth, title: "GROWTH BY WEEK", legend: "what is still there")
    picture.rows = weeks.prefix(last + 1).enumerated().map { index, week in
      let start = figures.countedAt - Int64(index + 1) * 7 * 86_400
      let day = Format.time(start, utc: utc).dropFirst(5).prefix(5)
      return Row(
        label: index == 0 ? "last 7 d" : "from \(day)", bar: Bar(week.bytes, of: most),
        value: Format.size(week.bytes),
        tail: week.count > 0 ? "\(Format.grouped(Int(clamping: week.count))) new" : "",
        goal: .entries(filter: "added:\(index)w..\(index + 1)w"))
    }
    let growth = Growth(figures.statistics, figures.budget, now: figures.countedAt)
    picture.notes = growth.words(utc: utc)
    return picture
  }
}
