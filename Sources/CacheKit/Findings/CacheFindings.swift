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
      guard migrations.isNewer else {
        return [
          Finding(
            "schema_damaged", .error, "schema", obstacle, impact: "read-only here",
            at: .init(.migrations), fix: .init(["rebuild"], .asks))
        ]
      }
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

  /// What follows from where the cache lies.
  var fileSystemNotes: [Finding] {
    guard let fileSystem else { return [] }
    func note(_ id: String, _ message: String, _ impact: String) -> Finding {
      Finding(id, .info, "cache", message, impact: impact, at: .init(.cache))
    }
    var notes: [Finding] = []
    if fileSystem.isReadOnly {
      notes.append(
        note(
          "read_only", "read-only: its file system (\(fileSystem.name)) is mounted read-only",
          "nothing can be mended there"))
    }
    if fileSystem.isShared {
      notes.append(
        note(
          "shared_file_system",
          "on \(fileSystem.name), which other hosts may have mounted: no lease is provably stuck "
            + "there, and two hosts that write at once may lose changes",
          "use it from one host at a time"))
    }
    return notes
  }

  private func silentDaemon(_ budget: Budget) -> [Finding] {
    guard let pid = budget.silentDaemon else { return [] }
    return [
      Finding(
        "daemon_silent", .warning, "daemon (pid \(pid))",
        "it runs, and does not tell its limits", impact: "those that are shown are this shell's",
        at: .init(.host), fix: .init(["host"], .shows))
    ]
  }

  var budgetFindings: [Finding] {
    // On a read-only file system nothing is collected, and the limits would be shares of an image that is
    // always full.
    guard let statistics, let budget, fileSystem?.isReadOnly != true else { return [] }
    let limits: [(String, Int64, Budget.Limit)] = [
      ("installed", statistics.installed.bytes, budget.installed),
      ("archives", statistics.archives.bytes, budget.archive),
      ("total", statistics.totalBytes, budget.highWatermark),
    ]
    return silentDaemon(budget)
      + limits.compactMap { name, used, limit in
        let bytes = UInt64(max(0, used))
        guard bytes > limit.bytes else { return nil }
        return Finding(
          "over_budget_\(name)", .warning, name, "over its limit: GC will evict", impact: "over by",
          bytes: Int64(clamping: bytes - limit.bytes), at: .init(.plan), fix: .init(["gc"], .shows))
      }
  }
}
