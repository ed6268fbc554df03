// Of the cache as a whole: its files, its schema, its limits.
extension FindingFacts {
  var cacheFindings: [Finding] {
    var found: [Finding] = []
    if let damage {
      found.append(
        Finding(
          "index_damaged", .error, "index", damage.message, impact: "rows may be missing",
          at: .init(.migrations)))
    }
    if let openForeignOwner {
      found.append(
        Finding(
          "root_open_to_all", .error, "cache folder",
          "belongs to \(openForeignOwner), and anyone may change what is in it",
          impact: "changes are refused", at: .init(.cache)))
    }
    if ignoredFrames > 0 {
      found.append(
        Finding(
          "wal_frames_ignored", .warning, "WAL",
          "\(Finding.count(ignoredFrames, "frame")) ignored: "
            + "incomplete, damaged, of another file, or never committed",
          impact: "what they hold is not shown", at: .init(.cache)))
    }
    return found
  }

  /// A step that is there and only not recorded is as it should be.
  var migrationFindings: [Finding] {
    guard let migrations else { return [] }
    if let obstacle = migrations.writeObstacle {
      let unknown = migrations.unknown.map(\.id)
      return [
        Finding(
          "schema_newer", .error, "schema", obstacle, impact: "read-only here",
          at: .init(.migrations, ids: unknown, filter: unknown.first ?? ""))
      ]
    }
    let waiting = migrations.items.filter { $0.state == .pending || $0.state == .damaged }
    return waiting.map { item in
      Finding(
        "migration_\(item.state.rawValue)", .error, item.id,
        item.state == .pending ? "pending migration" : "recorded, but its effect is missing",
        impact: "leases unusable", at: .init(.migrations, ids: [item.id], filter: item.id),
        fix: .init(["migrate"], .asks))
    }
  }

  var readOnlyNotes: [Finding] {
    guard let readOnlyFileSystem else { return [] }
    return [
      Finding(
        "read_only", .info, "cache",
        "read-only: its file system (\(readOnlyFileSystem)) is mounted read-only",
        impact: "nothing can be mended there", at: .init(.cache))
    ]
  }

  var budgetFindings: [Finding] {
    // On a read-only file system nothing is collected, and the limits would be shares of an image that is
    // always full.
    guard let statistics, let budget, readOnlyFileSystem == nil else { return [] }
    let limits: [(String, Int64, Budget.Limit)] = [
      ("installed", statistics.installed.bytes, budget.installed),
      ("archives", statistics.archives.bytes, budget.archive),
      ("total", statistics.totalBytes, budget.highWatermark),
    ]
    return limits.compactMap { name, used, limit in
      let bytes = UInt64(max(0, used))
      guard bytes > limit.bytes else { return nil }
      return Finding(
        "over_budget_\(name)", .warning, name, "over its limit: GC will evict", impact: "over by",
        bytes: Int64(clamping: bytes - limit.bytes), at: .init(.entries))
    }
  }
}
