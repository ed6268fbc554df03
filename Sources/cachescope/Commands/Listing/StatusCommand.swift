import ArgumentParser
import CacheKit
import Inspector
import SystemPackage
import TUI

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows the cache, its budgets, counts and problems.")

  @OptionGroup var project: ProjectOption
  @OptionGroup var watch: WatchOption
  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  func validate() throws { try watch.check(options, snapshot) }

  func run() throws {
    try options.run(from: snapshot) { context, output in
      // Once: a watch that is at rest writes nothing.
      context.noteSmallLook()
      return try watch.run(output) { output in
        let report = try ShowStatus(project: project.folder).perform(in: context)
        if options.json {
          StatusJSON.write(report, output)
        } else {
          StatusText(usesColor: options.usesColor).write(report, output)
        }
        return report.damage
      }
    }
  }
}

enum StatusJSON {
  static func write(_ report: ShowStatus.Report, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(report.location, report.source, ignoredFrames: report.ignoredFrames)
      writer.statusParts(report)
      writer.field("migrations") { $0.states(report.migrations) }
      writer.findings(report)
      writer.failure(report.damage)
    }
    writer.end()
  }
}

extension JSONWriter {
  /// What is around the cache, and what it holds in numbers.
  mutating func statusParts(_ report: ShowStatus.Report) {
    field("chosen_by", report.location.reason.description)
    field("read_only_reason", report.writeObstacle)
    field("file_system", report.fileSystem.name)
    field("read_only", report.fileSystem.isReadOnly)
    field("sqlite", report.sqliteVersion)
    field("disk") { $0.disk(report.disk) }
    field("budgets") { $0.budgets(report.budget) }
    field("counts") { $0.counts(report) }
    field("verdicts") { $0.verdicts(report.verdicts) }
  }

  mutating func findings(_ report: ShowStatus.Report) {
    array("findings") { writer in
      for finding in report.findings { writer.object { $0.finding(finding, report) } }
    }
  }

  fileprivate mutating func disk(_ disk: DiskSpace) {
    object { writer in
      writer.field("total_bytes", unsigned: disk.total)
      writer.field("free_bytes", unsigned: disk.free)
      writer.field("used_bytes", unsigned: disk.used)
    }
  }

  fileprivate mutating func budgets(_ budget: Budget) {
    object { writer in
      for (name, limit) in [
        ("archive", budget.archive), ("installed", budget.installed),
        ("high_watermark", budget.highWatermark), ("low_watermark", budget.lowWatermark),
      ] {
        writer.field(name) { writer in
          writer.object { writer in
            writer.field("bytes", unsigned: limit.bytes)
            writer.field("source", limit.source)
            if let shell = limit.shell {
              writer.field("shell_bytes", unsigned: shell.bytes)
              writer.field("shell_source", shell.source)
            }
          }
        }
      }
    }
  }

  fileprivate mutating func counts(_ report: ShowStatus.Report) {
    let statistics = report.statistics
    object { writer in
      writer.field("entries", statistics.entries)
      writer.field("archives", statistics.archives.count)
      writer.field("archive_bytes", statistics.archives.bytes)
      writer.field("archive_blocked_bytes", statistics.archives.heldBytes)
      writer.field("installed", statistics.installed.count)
      writer.field("installed_bytes", statistics.installed.bytes)
      writer.field("installed_blocked_bytes", statistics.installed.heldBytes)
      writer.field("total_bytes", statistics.totalBytes)
      writer.field("saturated", statistics.isSaturated)
      writer.field("unusable_sizes", statistics.unusableSizes)
      writer.field("zombies", statistics.zombies)
      writer.field("unknown_kinds", statistics.unknownKinds)
      writer.field("ghosts", statistics.ghosts.count)
      writer.field("leases", report.leases.count)
    }
  }

  fileprivate mutating func verdicts(_ verdicts: [LeaseVerdict: Int]) {
    object { writer in
      for verdict in LeaseVerdict.allCases {
        writer.field(verdict.rawValue, verdicts[verdict] ?? 0)
      }
    }
  }

  fileprivate mutating func states(_ status: MigrationStatus) {
    object { writer in
      for state in MigrationStatus.State.allCases {
        writer.field(state.rawValue, status.items.filter { $0.state == state }.count)
      }
    }
  }

  private mutating func finding(_ finding: Finding, _ report: ShowStatus.Report) {
    field("id", finding.id)
    field("severity", finding.severity.rawValue)
    field("subject", finding.subject)
    field("message", finding.message)
    field("impact", finding.impact)
    field("bytes", finding.bytes > 0 ? finding.bytes : nil)
    field("where") { $0.place(finding.place) }
    field("fix", finding.command(report))
    field("fix_class", finding.fix?.kind.rawValue)
  }

  private mutating func place(_ place: Finding.Place) {
    object { writer in
      writer.field("rows", place.rows.rawValue)
      writer.array("ids") { writer in
        for id in place.ids { writer.element(id) }
      }
    }
  }
}

/// The overview for people.
struct StatusText {
  var usesColor: Bool

  func write(_ report: ShowStatus.Report, _ output: Output) {
    let path = Format.path(report.location.root)
    output.line(
      "cache       \(path)  (\(report.location.reason), "
        + "\(Self.words(report)))")
    if let damage = report.damage { output.line("            " + Format.text(damage.message)) }
    writeBudgets(report, output)
    let statistics = report.statistics
    output.line("")
    output.line(
      "entries     \(Format.grouped(Int(clamping: statistics.entries))), "
        + "\(statistics.installed.count) installed, \(statistics.archives.count) archives")
    output.line("leases      \(Self.leaseWords(report))")
    output.line("migrations  \(Self.migrationWords(report.migrations))")
    if statistics.isSaturated { output.line("totals      past the largest number: not exact") }
    output.line("")
    writeFindings(report, output)
  }

  static func words(_ report: ShowStatus.Report) -> String {
    sourceWords(report) + readOnly(report)
  }

  private static func sourceWords(_ report: ShowStatus.Report) -> String {
    if report.location.reason == .snapshot { return "as it was recorded" }
    return switch report.source {
    case .live: "read live"
    case .immutable: "read in place, nobody writes"
    case .copy: "read from a private copy" + Self.ignored(report.ignoredFrames)
    case nil: "not read"
    }
  }

  /// `, read-only: index is on a read-only file system`; nothing where it can be changed.
  private static func readOnly(_ report: ShowStatus.Report) -> String {
    if let obstacle = report.writeObstacle { return ", read-only: \(Format.text(obstacle))" }
    return report.fileSystem.isReadOnly ? ", read-only" : ""
  }

  /// `, 3 frames of the WAL ignored`; nothing where none is.
  static func ignored(_ frames: Int) -> String {
    frames == 0 ? "" : ", \(Format.count(frames, "frame")) of the WAL ignored"
  }

  private func writeBudgets(_ report: ShowStatus.Report, _ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: ""), .init(title: "USED", alignsRight: true),
        .init(title: "LIMIT", alignsRight: true), .init(title: "EVICTABLE", alignsRight: true),
        .init(title: "BLOCKED", alignsRight: true), .init(title: "LIMIT FROM"),
      ], usesColor: usesColor)
    let (statistics, budget) = (report.statistics, report.budget)
    func add(_ name: String, _ used: Int64, _ limit: Budget.Limit, _ blocked: Int64) {
      let isOver = UInt64(max(0, used)) > limit.bytes
      table.add(
        [
          name, Format.size(used), Format.size(Int64(clamping: limit.bytes)),
          Format.size(max(0, used - blocked)), Format.size(blocked), Format.source(limit),
        ], role: isOver ? .warn : .plain)
    }
    add(
      "installed", statistics.installed.bytes, budget.installed, statistics.installed.heldBytes)
    add("archives", statistics.archives.bytes, budget.archive, statistics.archives.heldBytes)
    add("total", statistics.totalBytes, budget.highWatermark, statistics.heldBytes)
    table.add([
      "disk", Format.size(Int64(clamping: report.disk.used)),
      Format.size(Int64(clamping: report.disk.total)),
      "", "",
      "\(Format.size(Int64(clamping: report.disk.free))) free, "
        + Format.text(report.fileSystem.name),
    ])
    table.finish()
  }

  static func leaseWords(_ report: ShowStatus.Report) -> String {
    guard !report.leases.isEmpty else {
      return report.damage == nil ? "none" : "none that can be read"
    }
    let parts = LeaseVerdict.allCases.compactMap { verdict in
      report.verdicts[verdict].map { "\($0) \(verdict.rawValue)" }
    }
    return "\(report.leases.count): " + parts.joined(separator: ", ")
  }

  static func migrationWords(_ status: MigrationStatus) -> String {
    if status.items.isEmpty { return "cannot be read" }
    let isCurrent = status.items.allSatisfy { $0.state == .applied || $0.state == .unrecorded }
    if isCurrent { return "schema current" }
    let parts = MigrationStatus.State.allCases.compactMap { state in
      let count = status.items.filter { $0.state == state }.count
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }
    return parts.joined(separator: ", ")
  }

  func writeFindings(_ report: ShowStatus.Report, _ output: Output) {
    let problems = report.findings.filter(\.isProblem)
    if problems.isEmpty {
      output.line("No problems.")
    } else {
      output.line("\(Format.count(problems.count, "problem"))")
      writeTable(problems, report, output)
    }
    for note in report.findings where !note.isProblem { output.line("note: \(note.title)") }
  }

  /// One block for each: what is wrong, then the command, which is never cut.
  private func writeTable(
    _ findings: [Finding], _ report: ShowStatus.Report, _ output: Output
  ) {
    for finding in findings {
      let role: TextTable.Role = finding.severity == .error ? .bad : .warn
      let words = "\(finding.title); \(finding.impactWords)"
      let lines = output.terminalWidth.map { TextCut.wrap(words, to: max(20, $0 - 9)) } ?? [words]
      output.line(
        "\(TextTable.colored(label(finding), role, usesColor))  \(lines.first ?? "")")
      for line in lines.dropFirst() { output.line("         \(line)") }
      if let command = finding.command(report) { output.line("         \(command)") }
    }
  }

  private func label(_ finding: Finding) -> String {
    finding.severity == .error ? "error  " : "warning"
  }
}
