import ArgumentParser
import CacheKit
import Inspector

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows every finding with its fix, and makes the safe ones.",
    discussion: """
      --fix releases the leases that are provably stuck, sets pin counts to what the leases say, gives \
      durable pins the rows that they lack, takes off those whose end is over, lets the rows of a moved \
      cache name their blobs where they are now, after reading each blob, removes install locks whose \
      owners are provably gone, and what installs, pulls and builds left, where provably no process that \
      runs can use it: none does while fbuild runs. Broken packages go only where they are named. \
      It ends with 1 where findings are left; notes (severity info) do not count.
      """)

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup var project: ProjectOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Flag(help: "Make the fixes that are provably safe.")
  var fix = false

  @Flag(name: .customLong("self"), help: "Say what this host lacks instead; look at no cache.")
  var looksAtHost = false

  @Argument(
    help: ArgumentHelp(
      "With --fix: remove these broken packages, too, so that fbuild installs them anew.",
      valueName: "package"))
  var packages: [TextArgument] = []

  func validate() throws {
    if !packages.isEmpty && !fix { throw ValidationError("packages are named with --fix") }
    if dryRun.dryRun && !fix { throw ValidationError("--dry-run goes with --fix") }
  }

  func run() throws {
    if looksAtHost { return try SelfCheck.run(options) }
    var isClean = true
    try options.run(dryRun: dryRun) { context, output in
      var doctor = RunDoctor(fixes: fix, project: project.folder)
      doctor.packages = Set(packages.map { RawText($0.text) })
      let report = try doctor.perform(in: context)
      isClean = report.findings.problemCount == 0
      options.json ? writeJSON(report, context, output) : writeText(report, output)
      return report.status.damage ?? Self.refusal(report)
    }
    if !isClean { throw ExitCode.failure }
  }

  /// A package that somebody named and that stays.
  private static func refusal(_ report: RunDoctor.Report) -> CacheError? {
    report.leftovers?.refused.first.map {
      CacheError(.refused, "\(Format.text($0.path)) stays: \(Format.text($0.reason))")
    }
  }

  private func writeJSON(
    _ report: RunDoctor.Report, _ context: ActionContext, _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, report.status.source)
      writer.findings(report.status)
      if fix {
        writer.field("released", report.released?.releasedCount ?? 0)
        writer.field("repaired", report.repaired?.changed.count ?? 0)
        writer.field("pins_completed", report.completed?.entries.count ?? 0)
        writer.field("unpinned", report.unpinned?.changed.count ?? 0)
        writer.field("locks_removed", report.locks?.removed.count ?? 0)
        writer.field("leftovers_removed", report.leftovers?.removed.count ?? 0)
        writer.field("leftover_bytes", report.leftovers?.bytes ?? 0)
        writer.array("kept") { writer in
          for (path, reason) in report.leftovers?.kept ?? [] {
            writer.object { writer in
              writer.field("path", path)
              writer.field("reason", reason)
            }
          }
        }
        writer.field("rewritten", report.rewritten?.changed.count ?? 0)
      }
      writer.failure(report.status.damage)
    }
    writer.end()
  }

  private func writeText(_ report: RunDoctor.Report, _ output: Output) {
    for line in DoctorText.fixed(report) { output.line(line) }
    let text = StatusText(usesColor: options.usesColor)
    text.writeFindings(report.status, output)
  }
}

/// What the doctor mended, a line each.
enum DoctorText {
  static func fixed(_ report: RunDoctor.Report) -> [String] {
    func entries(_ count: Int) -> String { Format.count(count, "entry", plural: "entries") }
    var lines: [String] = []
    if let released = report.released?.releasedCount, released > 0 {
      lines.append("released \(Format.count(released, "lease"))")
    }
    if let repaired = report.repaired?.changed.count, repaired > 0 {
      lines.append("repaired the pin of \(entries(repaired))")
    }
    if let completed = report.completed?.entries.count, completed > 0 {
      lines.append("completed the durable pin of \(entries(completed))")
    }
    if let unpinned = report.unpinned?.changed.count, unpinned > 0 {
      lines.append("unpinned \(entries(unpinned)): the end of the pin is over")
    }
    for lock in report.locks?.removed ?? [] {
      lines.append("removed the install lock of \(Format.text(lock.packageName))")
    }
    for (lock, reason) in report.locks?.kept ?? [] {
      lines.append(
        "kept the install lock of \(Format.text(lock.packageName)): \(Format.text(reason))")
    }
    if let leftovers = report.leftovers { lines += self.lines(leftovers) }
    if let changed = report.rewritten?.changed.count, changed > 0 {
      lines.append("rewrote the path of \(entries(changed))")
    }
    if let unchanged = report.rewritten?.unchanged.count, unchanged > 0 {
      lines.append("kept the path of \(entries(unchanged)): the file there has other bytes")
    }
    return lines
  }
  private static func lines(_ leftovers: ClearLeftovers.Report) -> [String] {
    var lines = leftovers.removed.map { "removed \(Format.text($0))" }
    if leftovers.bytes > 0 { lines.append("freed \(Format.size(leftovers.bytes))") }
    // All for one reason is said once.
    let reasons = Dictionary(grouping: leftovers.kept, by: \.reason)
    for (reason, items) in reasons.sorted(by: { $0.key < $1.key }) {
      let what = items.count == 1 ? Format.text(items[0].path) : "\(items.count) of them"
      lines.append("kept \(what): \(Format.text(reason))")
    }
    return lines
  }
}
