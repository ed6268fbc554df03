import ArgumentParser
import CacheKit
import Glibc
import Inspector

struct RebuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Makes a lost or damaged index again, from what lies on the disk.",
    discussion: """
      Rows that can still be read come first. A blob proves itself by its hash, and gets its URL back from \
      the pointers of --project; a package is known by its path and its sentinel. The old files are kept as \
      index.sqlite.damaged-TIME, and nothing is removed. A folder that cannot be read ends it with 1.
      """)

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Option(
    help: ArgumentHelp(
      "Take URLs from the pointers of this folder; may be repeated.", valueName: "dir"))
  var project: [PathArgument] = []

  @Flag(help: "Ask nothing.")
  var yes = false

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let interrupt = Interrupt()
      var action = RebuildIndex(projects: project.map(\.path), isDryRun: context.isDryRun)
      action.isCancelled = { interrupt.isRequested }
      if !context.isDryRun, !yes {
        try context.refuseChanges()
        guard try confirms(action, interrupt, context, output) else { return nil }
      }
      let report = try interrupt.run { try action.perform(in: context) }
      options.json ? writeJSON(report, context, output) : writeText(report, output)
      if report.obstacle == nil, report.problems.hasFailure { throw ExitCode(1) }
      return report.obstacle
    }
  }

  /// Shows what would be done, and asks, where somebody can answer.
  private func confirms(
    _ action: RebuildIndex, _ interrupt: Interrupt, _ context: ActionContext, _ output: Output
  ) throws -> Bool {
    guard isatty(STDIN_FILENO) == 1, !options.json else {
      throw ValidationError("see what --dry-run tells, then say --yes")
    }
    var trial = action
    trial.isDryRun = true
    let report = try interrupt.run { try trial.perform(in: context) }
    if let obstacle = report.obstacle { throw obstacle }
    writeText(report, output)
    guard report.isNeeded else { return false }
    output.write("Make the index anew? [y/N] ".utf8)
    output.flush()
    let answer = (readLine() ?? "").lowercased()
    if !interrupt.isRequested, ["y", "yes"].contains(answer) { return true }
    throw CacheError(.cancelled, "nothing was changed")
  }
}

// MARK: - Words

extension RebuildCommand {
  private func writeText(_ report: RebuildIndex.Report, _ output: Output) {
    func entries(_ count: Int) -> String { Format.count(count, "entry", plural: "entries") }
    output.line(Self.state(report))
    guard report.isNeeded else {
      let part = report.problems.hasFailure ? ", as far as that can be read" : ""
      output.line("nothing to do: it has all that the disk proves\(part)")
      writeUnread(report, output)
      return
    }
    let leases = Format.count(report.salvagedLeases, "lease")
    let part = report.isSalvageWhole ? "" : ", not all of them could be read"
    output.line("read from it    \(entries(report.salvagedEntries)), \(leases)\(part)")
    for (words, list) in [("from the disk", report.added), ("completed", report.completed)] {
      guard !list.isEmpty else { continue }
      let blobs = list.count { $0.phase == .archive }
      output.line(
        "\(words.padding(to: 16))\(entries(list.count)): \(Format.count(blobs, "blob")), "
          + Format.count(list.count - blobs, "package"))
    }
    if report.named > 0 { output.line("URLs found for  \(entries(report.named))") }
    writeRest(report, output)
    if report.isDone { output.line("the index is a new one") }
    if let kept = report.kept { output.line("the old one is kept: \(Format.path(kept))") }
  }

  private func writeRest(_ report: RebuildIndex.Report, _ output: Output) {
    let unnamed = report.added.filter { $0.url == nil }
    let blobs = unnamed.count { $0.phase == .archive }
    if blobs > 0 {
      let words = Format.count(blobs, "blob")
      output.line("without a URL   \(words): name their projects with --project")
    }
    if unnamed.count > blobs {
      // Pointers name blobs alone.
      let words = Format.count(unnamed.count - blobs, "package")
      output.line("without a URL   \(words), which fbuild finds all the same")
    }
    if report.dropped > 0 {
      output.line(
        "left out        \(Format.count(report.dropped, "row")) without values that it needs")
    }
    for place in report.unproved {
      output.line("no entry        \(Format.path(place.path)): \(Format.text(place.reason))")
    }
    writeUnread(report, output)
  }

  private func writeUnread(_ report: RebuildIndex.Report, _ output: Output) {
    for problem in report.problems where !problem.isPassedOver {
      output.line("not searched    \(Format.path(problem.path)): \(Format.text(problem.message))")
    }
    guard report.problems.hasFailure else { return }
    output.line("what lies there may lack its row or its URL: make it readable, then rebuild again")
  }

  private static func state(_ report: RebuildIndex.Report) -> String {
    if let damage = report.damage { return Format.text(damage.message) }
    return report.hadIndex ? "the index is sound" : "there is no index"
  }

  private func writeJSON(
    _ report: RebuildIndex.Report, _ context: ActionContext, _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, nil)
      writer.field("needed", report.isNeeded)
      writer.field("rebuilt", report.isDone)
      writer.field("damage", report.damage?.message)
      writer.field("kept", report.kept)
      writer.field("salvaged") { writer in
        writer.object { writer in
          writer.field("entries", report.salvagedEntries)
          writer.field("leases", report.salvagedLeases)
          writer.field("whole", report.isSalvageWhole)
          writer.field("dropped", report.dropped)
        }
      }
      writer.found("added", report.added)
      writer.found("completed", report.completed)
      writer.field("named", report.named)
      writer.field("unnamed", report.unnamed)
      writer.array("unproved") { writer in
        for place in report.unproved {
          writer.object { writer in
            writer.field("path", place.path)
            writer.field("reason", place.reason)
          }
        }
      }
      writer.unreadable(report.problems)
      writer.failure(report.obstacle)
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func found(_ name: String, _ entries: [FoundEntry]) {
    array(name) { writer in
      for entry in entries {
        writer.object { writer in
          writer.field("kind", entry.kind.rawValue)
          writer.field("url", entry.url)
          writer.field("hash", entry.hash)
          writer.field("version", entry.version)
          writer.field("phase", entry.phase.rawValue)
          writer.field("path", entry.path)
          writer.field("bytes", entry.bytes)
        }
      }
    }
  }
}
