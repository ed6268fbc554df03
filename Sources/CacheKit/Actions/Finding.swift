/// One thing that is wrong with a cache, what it costs, and what helps.
public struct Finding: Sendable, Hashable, Identifiable {
  public enum Severity: String, Sendable, CaseIterable {
    /// Worth knowing; no problem of this cache, and no command mends it.
    case info
    case error
    case warning
  }

  /// Where the rows are that it speaks of.
  public enum Place: Sendable, Hashable {
    case entries
    case leases
    case migrations
    case gc
  }

  /// Stable, for scripts: `stuck_leases`.
  public var id: String
  public var severity: Severity
  /// What it is about: "3 leases".
  public var subject: String
  /// What is wrong, as a phrase.
  public var message: String
  /// What it costs: "blocks 1.3 GiB" is told by `blockedBytes`.
  public var impact: String
  public var blockedBytes: Int64
  public var place: Place
  /// The command that helps; empty where none does.
  public var fix: [String]
}

extension Finding {
  /// All findings of an overview, the worst first. Pure.
  static func all(_ report: ShowStatus.Report) -> [Finding] {
    let found =
      damage(report.damage) + wal(report.ignoredFrames) + openRoot(report.openForeignOwner)
      + stuckLeases(report.leases)
      + migrations(report.migrations)
      + ghosts(report.statistics) + pins(report)
      + budgets(report) + rows(report.statistics)
    return inOrder(runnable(found, report.fileSystem))
  }

  /// No command is offered where it could change nothing.
  static func runnable(_ found: [Finding], _ fileSystem: FileSystemKind) -> [Finding] {
    guard fileSystem.isReadOnly else { return found }
    return found.map { finding in
      var finding = finding
      finding.fix = []
      return finding
    }
  }

  static func readOnlyNote(_ fileSystem: FileSystemKind) -> [Finding] {
    guard fileSystem.isReadOnly else { return [] }
    return [
      Finding(
        id: "read_only", severity: .info, subject: "cache",
        message: "read-only: its file system (\(fileSystem.name)) is mounted so",
        impact: "nothing can be mended there", blockedBytes: 0, place: .entries, fix: [])
    ]
  }

  private static func inOrder(_ found: [Finding]) -> [Finding] {
    found.filter { $0.severity == .error } + found.filter { $0.severity == .warning }
  }

  private static func damage(_ damage: CacheError?) -> [Finding] {
    guard let damage else { return [] }
    return [
      Finding(
        id: "index_damaged", severity: .error, subject: "index", message: damage.message,
        impact: "rows may be missing", blockedBytes: 0, place: .migrations, fix: [])
    ]
  }

  private static func wal(_ ignored: Int) -> [Finding] {
    guard ignored > 0 else { return [] }
    return [
      Finding(
        id: "wal_frames_ignored", severity: .warning, subject: "WAL",
        message: "\(count(ignored, "frame")) ignored: cut, broken, foreign or never committed",
        impact: "what they hold is not shown", blockedBytes: 0, place: .entries, fix: [])
    ]
  }

  private static func openRoot(_ owner: String?) -> [Finding] {
    guard let owner else { return [] }
    return [
      Finding(
        id: "root_open_to_all", severity: .warning, subject: "cache folder",
        message: "belongs to \(owner), and anyone may change what is in it",
        impact: "changes are refused", blockedBytes: 0, place: .entries, fix: [])
    ]
  }

  private static func stuckLeases(_ leases: JudgedLeases) -> [Finding] {
    let causes: [(LeaseVerdict, String)] = [
      (.dead, "holder process is gone"), (.reused, "PID belongs to another process now"),
      (.zombie, "holder has exited and waits for its parent"), (.orphan, "entry is gone"),
    ]
    return causes.compactMap { verdict, message in
      let stuck = leases.group(verdict)
      guard stuck.count > 0 else { return nil }
      return Finding(
        id: "lease_\(verdict.rawValue)", severity: .error, subject: count(stuck.count, "lease"),
        message: message, impact: "blocks",
        blockedBytes: stuck.bytes, place: .leases,
        fix: ["release", "--stuck"])
    }
  }

  private static func migrations(_ status: MigrationStatus) -> [Finding] {
    if let obstacle = status.writeObstacle {
      return [
        Finding(
          id: "schema_newer", severity: .error, subject: "schema", message: obstacle,
          impact: "read-only", blockedBytes: 0, place: .migrations, fix: [])
      ]
    }
    let waiting = status.items.filter { $0.state == .pending || $0.state == .damaged }
    return waiting.map { item in
      Finding(
        id: "migration_\(item.state.rawValue)", severity: .error, subject: item.id,
        message: item.state == .pending
          ? "pending migration" : "recorded, but its effect is missing",
        impact: "leases unusable", blockedBytes: 0, place: .migrations, fix: ["migrate"])
    }
  }

  private static func ghosts(_ statistics: Statistics) -> [Finding] {
    guard !statistics.ghosts.isEmpty else { return [] }
    return [
      Finding(
        id: "pinned_drift", severity: .warning,
        subject: count(statistics.ghosts.count, "entry", "entries"),
        message: "pinned differs from the leases", impact: "GC goes by pinned", blockedBytes: 0,
        place: .entries, fix: ["doctor", "--fix"])
    ]
  }

  /// Durable pins that may not hold, and those that should hold no longer.
  private static func pins(_ report: ShowStatus.Report) -> [Finding] {
    let gaps = report.pinGaps
    let over = report.leases.rows { $0 == .pin }.filter {
      $0.lease.isPinOver(at: report.now)
    }
    let classes: [(String, Int, String, String)] = [
      ("pin_lost", gaps.lostEntries.count, "both rows are gone: a GC took them", "GC may evict"),
      ("pin_half", gaps.halves.count, "one row of two is missing", "some fbuild's GC may evict"),
      ("pin_over", over.count, "its end is over", "still kept from eviction"),
    ]
    return classes.compactMap { id, number, message, impact in
      guard number > 0 else { return nil }
      return Finding(
        id: id, severity: .warning, subject: count(number, "durable pin"), message: message,
        impact: impact, blockedBytes: 0, place: .leases, fix: ["doctor", "--fix"])
    }
  }

  private static func budgets(_ report: ShowStatus.Report) -> [Finding] {
    // Nothing is collected there, and the limits would be shares of an image that is always full.
    guard !report.fileSystem.isReadOnly else { return [] }
    let statistics = report.statistics
    let limits: [(String, Int64, Budget.Limit)] = [
      ("installed", statistics.installed.bytes, report.budget.installed),
      ("archives", statistics.archives.bytes, report.budget.archive),
      ("total", statistics.totalBytes, report.budget.highWatermark),
    ]
    return limits.compactMap { name, used, limit in
      let bytes = UInt64(max(0, used))
      guard bytes > limit.bytes else { return nil }
      return Finding(
        id: "over_budget_\(name)", severity: .warning, subject: name,
        message: "over its limit", impact: "over by",
        blockedBytes: Int64(clamping: bytes - limit.bytes), place: .gc, fix: [])
    }
  }

  private static func rows(_ statistics: Statistics) -> [Finding] {
    let classes: [(String, Int64, String, String)] = [
      ("unknown_kind", statistics.unknownKinds, "unknown kind", "fbuild's GC stops at it"),
      (
        "unusable_size", statistics.unusableSizes, "size that is no byte count", "not in the totals"
      ),
      ("zombie_entry", statistics.zombies, "neither archive nor installation", "clutter only"),
    ]
    return classes.compactMap { id, number, message, impact in
      guard number > 0 else { return nil }
      return Finding(
        id: id, severity: .warning, subject: count(Int(clamping: number), "entry", "entries"),
        message: message, impact: impact, blockedBytes: 0, place: .entries, fix: [])
    }
  }

  private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }
}
