import CacheKit
import Inspector
import SystemPackage

/// The overview to be heard: one sentence a line, no columns, no colours.
enum LinearOverview {
  /// `isAlone` where nothing follows that could tell more.
  static func write(_ report: ShowStatus.Report, _ output: Output, isAlone: Bool = false) {
    for line in lines(report) { output.line(line) }
    guard isAlone else { return }
    output.line(
      "More: cachescope entries, entry ID, leases, migrations, lnk list; cachescope --help.")
  }

  private static func lines(_ report: ShowStatus.Report) -> [String] {
    let path = Format.text(report.location.root.string)
    let reason = Format.text(report.location.reason.description)
    var lines = ["Cache: \(path), chosen by \(reason), \(StatusText.words(report))."]
    lines += budgets(report)
    let statistics = report.statistics
    lines.append(
      "Entries: \(Format.grouped(Int(clamping: statistics.entries))), "
        + "\(statistics.installed.count) installed, \(statistics.archives.count) archives.")
    lines.append("Leases: \(StatusText.leaseWords(report)).")
    lines.append("Migrations: \(StatusText.migrationWords(report.migrations)).")
    if statistics.isSaturated { lines.append("Totals are past the largest number: not exact.") }
    return lines + problems(report)
  }

  private static func budgets(_ report: ShowStatus.Report) -> [String] {
    let (statistics, budget) = (report.statistics, report.budget)
    let free = Format.size(Int64(clamping: report.disk.free))
    return [
      line(
        "Installed", statistics.installed.bytes, statistics.installed.heldBytes, budget.installed
      ),
      line("Archives", statistics.archives.bytes, statistics.archives.heldBytes, budget.archive),
      line("Total", statistics.totalBytes, statistics.heldBytes, budget.highWatermark),
      "Disk: \(Format.size(Int64(clamping: report.disk.used))) of "
        + "\(Format.size(Int64(clamping: report.disk.total))) used, \(free) free, "
        + "\(Format.text(report.fileSystem.name)).",
    ]
  }

  private static func line(
    _ name: String, _ used: Int64, _ blocked: Int64, _ limit: Budget.Limit
  ) -> String {
    let over = UInt64(max(0, used)) > limit.bytes ? "OVER ITS LIMIT, " : ""
    return
      "\(name): \(over)\(Format.size(used)) of \(Format.size(Int64(clamping: limit.bytes))) used, "
      + "\(Format.size(max(0, used - blocked))) evictable, \(Format.size(blocked)) blocked; "
      + "limit from \(Format.source(limit))."
  }

  private static func problems(_ report: ShowStatus.Report) -> [String] {
    let problems = report.findings.filter(\.isProblem)
    let notes = report.findings.filter { !$0.isProblem }.map { "Note: \($0.title)." }
    guard !problems.isEmpty else { return ["No problems."] + notes }
    let lines = problems.enumerated().map { index, finding in
      let fix = finding.command(report).map { "fix: \($0)" } ?? "no command fixes it"
      return "Problem \(index + 1), \(finding.severity.rawValue): \(Format.text(finding.subject)), "
        + "\(Format.text(finding.message)); \(finding.impactWords); \(fix)"
    }
    return ["\(Format.count(problems.count, "problem"))."] + lines + notes
  }
}
