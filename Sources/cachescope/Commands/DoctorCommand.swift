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

  @OptionGroup var options: GlobalOptions

  @OptionGroup var project: ProjectOption

  @Flag(help: "Make the fixes that are provably safe.")
  var fix = false

  @Argument(
    help: ArgumentHelp(
      "With --fix: remove these broken packages, too, so that fbuild installs them anew.",
      valueName: "package"))
  var packages: [TextArgument] = []

  func validate() throws {
    if !packages.isEmpty && !fix { throw ValidationError("packages are named with --fix") }
  }

  func run() throws {
    var isClean = true
    try options.run { context, output in
      var doctor = RunDoctor(fixes: fix, project: project.folder)
      doctor.packages = Set(packages.map { RawText($0.text) })
      let report = try doctor.perform(in: context)
      isClean = report.findings.problemCount == 0
      options.json ? writeJSON(report, output) : writeText(report, output)
      return report.status.damage
    }
    if !isClean { throw ExitCode.failure }
  }

  private func writeJSON(_ report: RunDoctor.Report, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(report.status.location, report.status.source)
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
    let released = report.released?.releasedCount ?? 0
    let repaired = report.repaired?.changed.count ?? 0
    if released > 0 { output.line("released \(Format.count(released, "lease"))") }
    if repaired > 0 {
      output.line("repaired the pin of \(Format.count(repaired, "entry", plural: "entries"))")
    }
    if let unpinned = report.unpinned, !unpinned.changed.isEmpty {
      let entries = Format.count(unpinned.changed.count, "entry", plural: "entries")
      output.line("unpinned \(entries): the end of the pin is over")
    }
    if let locks = report.locks { write(locks, output) }
    if let leftovers = report.leftovers { write(leftovers, output) }
    if let rewritten = report.rewritten { write(rewritten, output) }
    let text = StatusText(usesColor: options.usesColor)
    text.writeFindings(report.status, output)
  }

  private func write(_ locks: ClearInstallLocks.Report, _ output: Output) {
    for lock in locks.removed {
      output.line("removed the install lock of \(Format.text(lock.packageName))")
    }
    for (lock, reason) in locks.kept {
      output.line(
        "kept the install lock of \(Format.text(lock.packageName)): \(Format.text(reason))")
    }
  }

  private func write(_ leftovers: ClearLeftovers.Report, _ output: Output) {
    for path in leftovers.removed { output.line("removed \(Format.text(path))") }
    if leftovers.bytes > 0 { output.line("freed \(Format.size(leftovers.bytes))") }
    // All for one reason is said once.
    let reasons = Dictionary(grouping: leftovers.kept, by: \.reason)
    for (reason, items) in reasons.sorted(by: { $0.key < $1.key }) {
      let what = items.count == 1 ? Format.text(items[0].path) : "\(items.count) of them"
      output.line("kept \(what): \(Format.text(reason))")
    }
  }

  private func write(_ rewritten: RewriteMovedPaths.Report, _ output: Output) {
    func entries(_ list: [Entry]) -> String {
      Format.count(list.count, "entry", plural: "entries")
    }
    if !rewritten.changed.isEmpty {
      output.line("rewrote the path of \(entries(rewritten.changed))")
    }
    guard !rewritten.unchanged.isEmpty else { return }
    output.line("kept the path of \(entries(rewritten.unchanged)): the file there has other bytes")
  }
}
