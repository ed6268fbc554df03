/// What only a look at every row, and at the disk beside it, tells: too much for an overview that is made
/// anew every second.
struct RowFindings {
  private(set) var moved: [MovedPath] = []
  /// Entries that were last used later than now, and by how many seconds at the most.
  private var future = (count: 0, most: Int64(0))

  /// Clocks of one machine differ by no more, in seconds.
  private static let slack: Int64 = 60
  /// The last second of the year 9999: what lies behind it is no time at all, and named as such.
  private static let lastTime: Int64 = 253_402_300_799

  static func read(_ context: ActionContext) throws(CacheError) -> RowFindings {
    var found = RowFindings()
    let now = context.options.clock.now()
    _ = try context.inspect().forEachEntry(EntryQuery()) { entry in
      found.note(entry, now)
      if let item = MovedPath(entry, context.location) { found.moved.append(item) }
    }
    return found
  }

  private mutating func note(_ entry: Entry, _ now: Int64) {
    guard let used = entry.lastUsedAt, used > now + Self.slack, used <= Self.lastTime else {
      return
    }
    future = (future.count + 1, max(future.most, used - now))
  }

  var findings: [Finding] {
    var found: [Finding] = []
    if !moved.isEmpty {
      found.append(
        Finding(
          id: "moved_paths", severity: .warning, subject: Self.entries(moved.count),
          message: "named by the root that the cache had before it was moved",
          impact: "fbuild fetches them anew", blockedBytes: 0, place: .entries,
          fix: ["doctor", "--fix"]))
    }
    if future.count > 0 {
      found.append(
        Finding(
          id: "used_in_future", severity: .warning, subject: Self.entries(future.count),
          message: "last used in the future (up to +\(Self.span(future.most))): "
            + "the clock was set back, or the rows are wrong",
          impact: "GC takes them last", blockedBytes: 0, place: .entries, fix: []))
    }
    return found
  }

  private static func entries(_ number: Int) -> String {
    number == 1 ? "1 entry" : "\(number) entries"
  }

  private static func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
