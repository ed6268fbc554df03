internal import CacheKit
internal import SystemPackage

extension ChangeReport {
  static func of(_ report: ReleaseLeases.Report) -> ChangeReport {
    let released = report.released
    let bytes = Dictionary(
      released.map { ($0.lease.id.entryID, $0.lease.entry?.bytes ?? 0) },
      uniquingKeysWith: { first, _ in first }
    ).values.reduce(Int64(0)) { sum, size in
      let (value, overflow) = sum.addingReportingOverflow(size)
      return overflow ? .max : value
    }
    let freed = bytes > 0 ? ", \(Format.size(bytes)) no longer blocked" : ""
    let skipped = report.skipped.map { "\($0.lease.id): \($0.reason)" }
    let missing = report.missing.map { "\($0): it is no longer there" }
    return ChangeReport(
      summary: "released \(Format.count(released.count, "lease"))\(freed)",
      skipped: skipped + missing)
  }

  static func of(_ report: PinEntries.Report, verb: String) -> ChangeReport {
    let count = Format.count(report.changed.count, "entry", plural: "entries")
    let already =
      report.unchanged.isEmpty ? "" : ", \(report.unchanged.count) needed no change"
    return ChangeReport(
      summary: "\(verb) \(count)\(already)",
      skipped: report.missing.map { "entry \($0): it is no longer there" })
  }

  static func of(_ report: RunMigrations.Report) -> ChangeReport {
    let steps = report.migration.steps
    let words = steps.map { step in
      switch step.outcome {
      case .applied: "applied \(step.id)"
      case .recorded: "recorded \(step.id)"
      case .alreadyApplied: "\(step.id) was applied already"
      }
    }
    let backup = report.migration.backup.map { "; backup \($0)" } ?? ""
    return ChangeReport(
      summary: words.isEmpty
        ? "nothing left to migrate" : words.joined(separator: ", ") + backup)
  }

  static func of(_ report: BackupIndex.Report) -> ChangeReport {
    ChangeReport(summary: "wrote the backup \(report.path), \(Format.size(report.bytes))")
  }

  static func of(_ report: RestoreBackup.Report) -> ChangeReport {
    let kept = report.kept.map {
      "; the old index is kept as \($0.lastComponent?.string ?? $0.string)"
    }
    return ChangeReport(
      summary: "the index is \(report.backup.name) now\(kept ?? "")",
      skipped: report.lostPinWords.map { [$0] } ?? [])
  }

  static func of(_ found: FbuildPackages) -> ChangeReport {
    let count = found.packages.count
    let there = found.packages.count(where: \.isThere)
    var report = ChangeReport(
      summary: "fbuild says: \(there) of \(Format.count(count, "package")) there",
      done: found.packages.map(\.words))
    report.packages = found
    return report
  }

  static func joined(_ first: ChangeReport?, _ second: ChangeReport?) -> ChangeReport {
    let both = [first, second].compactMap { $0 }
    return ChangeReport(
      summary: both.map(\.summary).joined(separator: "; "), done: both.flatMap(\.done),
      skipped: both.flatMap(\.skipped))
  }
}
