extension RowFacts {
  /// Looks at those rows whose paths are not plain, as the totals name them.
  public static func read(
    _ context: ActionContext, _ cache: InspectedCache, odd ids: [Int64]
  ) throws(CacheError) -> RowFacts {
    // What lies elsewhere only its own host could see.
    var found = context.recorded?.rows ?? RowFacts()
    var rest = ids[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(500))
      rest = rest.dropFirst(some.count)
      for entry in try cache.entries(ids: some) {
        try found.note(entry, context.location, isRecorded: context.recorded != nil)
      }
    }
    // Of the others nobody knows.
    (found.gone, found.resized, found.hollow) = ([], [], [])
    return found
  }

  /// Looks at every row, and for every file: too much for a screen that is made anew every second.
  static func readAll(_ context: ActionContext) throws(CacheError) -> RowFacts {
    var found = RowFacts()
    _ = try context.inspect().forEachEntry(EntryQuery()) { entry in
      try? found.note(entry, context.location, isRecorded: context.recorded != nil)
    }
    return found
  }
}

extension FindingFacts {
  /// Of single rows, the harmful ones first.
  var rowFindings: [Finding] {
    dangerFindings + strayFindings + sizeFindings + oddRowFindings + goneNotes
  }

  private var dangerFindings: [Finding] {
    let ids = rows?.dangerous ?? []
    let place = Finding.Place.entries(ids, otherwise: "problem")
    return Self.finding(
      "dangerous_paths", .error, ids.count,
      "paths make fbuild's GC delete more than an entry",
      "GC may delete the whole cache", place,
      .init(["entries", "--filter", place.filter], .shows))
  }

  private var strayFindings: [Finding] {
    guard let rows else { return [] }
    return Self.finding(
      "outside_paths", .warning, rows.outside.count,
      "path leads outside this cache, as after a copy: fbuild's GC here deletes files there",
      "another cache loses its blobs", .entries(rows.outside), .init(["lnk", "pull"], .asks))
      + Self.finding(
        "moved_paths", .warning, rows.movedIDs.count,
        "path begins with the root that the cache had before it was moved",
        "fbuild fetches them again",
        .entries(rows.movedIDs), .init(["doctor", "--fix"], .safe))
  }

  /// A download that was cut by a full disk, or the row of half a file that fbuild made of concurrent pulls.
  private var sizeFindings: [Finding] {
    let ids = rows?.resized ?? []
    return Self.finding(
      "archive_size", .warning, ids.count, "archive is not as long as its row says",
      "GC counts other bytes than there are", .entries(ids),
      .init(["verify"] + ids.prefix(8).map(String.init), .shows)) + hollowFindings
  }

  private var hollowFindings: [Finding] {
    let ids = rows?.hollow ?? []
    return Self.finding(
      "installed_hollow", .warning, ids.count,
      "tree has its sentinel and has lost files, as after a start of fbuild's daemon",
      "fbuild takes it for installed", .entries(ids),
      .init(["evict"] + ids.prefix(8).map(String.init), .asks))
  }

  private var oddRowFindings: [Finding] {
    guard let statistics else { return [] }
    func place(_ oddity: Statistics.Oddity, _ filter: String = "") -> Finding.Place {
      let ids = statistics.examples[oddity] ?? []
      return .entries(ids, otherwise: filter)
    }
    return Self.finding(
      "unknown_kind", .warning, Int(clamping: statistics.unknownKinds), "unknown kind",
      "fbuild's GC stops there", place(.unknownKind, "problem"))
      + Self.finding(
        "unusable_size", .warning, Int(clamping: statistics.unusableSizes),
        "size is no number of bytes", "not in the totals", place(.unusableSize, "problem"))
      + Self.finding(
        "used_in_future", .warning, Int(clamping: statistics.futureUses),
        "last used in the future (up to +\(Self.span(statistics.furthestUse))): "
          + "the clock was set back, or the rows are wrong", "GC takes them last",
        place(.futureUse))
      + Self.finding(
        "zombie_entry", .info, Int(clamping: statistics.zombies),
        "neither archive nor installation", "clutter only", place(.zombie))
  }

  /// Common and harmless: fbuild's start-up leaves such rows behind.
  private var goneNotes: [Finding] {
    let ids = rows?.gone ?? []
    return Self.finding(
      "gone_files", .info, ids.count, "files are not where the index says",
      "fetched or installed again", .entries(ids))
  }

  /// `pinned` is what fbuild's GC reads; where it differs from the leases, it is wrong.
  var pinFindings: [Finding] {
    let ghosts = statistics?.ghosts ?? []
    return Self.finding(
      "pinned_drift", .warning, ghosts.count, "pin count differs from the leases",
      "GC goes by the pin count", .entries(ghosts, otherwise: "problem"),
      .init(["doctor", "--fix"], .safe))
  }

  private static func finding(
    _ id: String, _ severity: Finding.Severity, _ count: Int, _ message: String, _ impact: String,
    _ place: Finding.Place, _ fix: Finding.Fix? = nil
  ) -> [Finding] {
    guard count > 0 else { return [] }
    return [
      Finding(
        id, severity, Finding.entries(Int64(count)), message, impact: impact, at: place, fix: fix)
    ]
  }

  private static func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
