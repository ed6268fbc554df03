/// What only a look at every row, and at the disk beside it, tells: too much for an overview that is made
/// anew every second.
struct RowFindings {
  private(set) var moved: [MovedPath] = []
  /// Entries that were last used later than now, and by how many seconds at the most.
  private var future = (count: 0, most: Int64(0))

  /// Entries whose blob lies in another cache, whose files are gone, and whose paths harm others.
  private var outside = 0
  private var gone = 0
  private var dangerous = 0

  /// Clocks of one machine differ by no more, in seconds.
  private static let slack: Int64 = 60
  /// The last second of the year 9999: what lies behind it is no time at all, and named as such.
  private static let lastTime: Int64 = 253_402_300_799

  static func read(_ context: ActionContext) throws(CacheError) -> RowFindings {
    var found = RowFindings()
    let now = context.options.clock.now()
    _ = try context.inspect().forEachEntry(EntryQuery()) { entry in
      found.note(entry, now)
      found.noteFiles(entry, context.location)
    }
    return found
  }

  private mutating func note(_ entry: Entry, _ now: Int64) {
    guard let used = entry.lastUsedAt, used > now + Self.slack, used <= Self.lastTime else {
      return
    }
    future = (future.count + 1, max(future.most, used - now))
  }

  private mutating func noteFiles(_ entry: Entry, _ location: CacheLocation) {
    if let item = MovedPath(entry, location) {
      moved.append(item)
      return
    }
    if entry.problems.contains(where: { Self.pathColumns.contains($0.column ?? "") }) {
      dangerous += 1
    }
    if let blob = RecordedBlob(entry, location), entry.knownKind == .lnkBlobs, !blob.isInside {
      if FileStatus(unfollowed: blob.path) != nil { outside += 1 } else { gone += 1 }
      return
    }
    let states = [entry.archivePath, entry.installedPath].compactMap {
      location.look(at: $0)?.state
    }
    if states.contains(.missing) { gone += 1 }
  }

  private static let pathColumns: Set = ["archive_path", "installed_path"]

  private func finding(
    _ id: String, _ count: Int, _ message: String, _ impact: String, _ fix: [String] = [],
    severity: Finding.Severity = .warning
  ) -> [Finding] {
    guard count > 0 else { return [] }
    return [
      Finding(
        id: id, severity: severity, subject: Self.entries(count), message: message, impact: impact,
        blockedBytes: 0, place: .entries, fix: fix)
    ]
  }

  var findings: [Finding] {
    var found =
      finding(
        "outside_paths", outside,
        "named by a path outside this cache, as after a copy: fbuild's GC here deletes files there",
        "another cache loses its blobs", ["lnk", "pull"])
      + finding(
        "dangerous_paths", dangerous, "with paths that make fbuild's GC delete more than an entry",
        "GC may delete the whole cache", ["entries", "--filter", "problem"], severity: .error)
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

  /// Common and harmless: fbuild's start-up leaves such rows behind.
  var notes: [Finding] {
    finding(
      "gone_files", gone, "whose files are not where the index says", "fetched or installed anew",
      severity: .info)
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
