import ArgumentParser
import CacheKit
import Inspector
import TUI

struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Shows what fbuild's GC would take, and why.",
    discussion: """
      Real GC has no dry run: `fbuild purge --gc --dry-run` deletes. This plan takes the same rows in the \
      same order, and changes nothing. Sizes are written as fbuild reads them: 10G, 1.5GiB, 500M.
      """)

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var projects: ProjectsOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Option(help: ArgumentHelp("Try this limit for archives.", valueName: "size"))
  var archiveBudget: SizeArgument?

  @Option(help: ArgumentHelp("Try this limit for installed trees.", valueName: "size"))
  var installedBudget: SizeArgument?

  @Option(
    name: [.customLong("high"), .customLong("high-watermark")],
    help: ArgumentHelp("Try this limit for both together.", valueName: "size"))
  var high: SizeArgument?

  @Flag(help: "Carry the plan out: the one that is named, or that of now.")
  var apply = false

  @Argument(
    help: ArgumentHelp("The plan to carry out, as its last line names it.", valueName: "plan"))
  var plan: TextArgument?

  @Flag(help: "Ask nothing.")
  var yes = false

  @Option(help: ArgumentHelp("Keep the files for so long, to be put back.", valueName: "time"))
  var keep: DurationArgument?

  @Flag(help: "Let fbuild's daemon collect instead, by its limits and its rules.")
  var askDaemon = false

  func validate() throws {
    if plan != nil && !apply { throw ValidationError("a plan is named with --apply") }
    if keep != nil && !apply { throw ValidationError("--keep goes with --apply") }
    if askDaemon && (apply || !changes.isEmpty) {
      throw ValidationError(
        "--ask-daemon goes without --apply and other limits: the daemon keeps to its own")
    }
    if (apply || askDaemon) && snapshot.from != nil {
      throw ValidationError("a snapshot cannot be collected: leave out --from")
    }
  }

  func run() throws {
    try options.run(from: snapshot, dryRun: dryRun) { context, output in
      if askDaemon { return try collectByDaemon(context, output) }
      context.noteSmallLook()
      // fbuild, where it is asked, changes the order of GC.
      let found = try projects.find(context)
      if let plan { return try carryOut(plan.text, found, context, output) }
      let report = try PlanCollection(changes: changes).perform(in: context)
      if !context.isReadOnly, !context.isDryRun { report.plan.save(in: context) }
      let warnings = ProjectsOutput.warnings(found, report.plan)
      if apply { Self.warn(warnings) }
      if apply { return try carryOut(report, context, output) }
      if options.json {
        writeJSON(report, found, context, output)
      } else {
        PlanText(report, usesColor: options.usesColor).write(output)
        for warning in warnings { output.line("warning: \(warning)") }
      }
      return report.damage ?? ProjectsOption.failure(found)
    }
  }

  static func warn(_ warnings: [String]) {
    for warning in warnings { ErrorText.print(note: warning) }
  }

  var changes: CollectionLimits.Changes {
    CollectionLimits.Changes(
      archive: archiveBudget?.bytes, installed: installedBudget?.bytes, high: high?.bytes)
  }

  private func writeJSON(
    _ report: PlanCollection.Report, _ found: FindProjects.Report?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, report.source)
      writer.field("plan") { $0.plan(report.plan) }
      writer.projects(found, report.plan)
      writer.failure(report.damage)
    }
    writer.end()
  }
}

/// A size as fbuild reads it; what fbuild would ignore is a mistake here.
struct SizeArgument: ExpressibleByArgument {
  var bytes: UInt64

  init?(argument: String) {
    guard let bytes = ByteSize.parse(argument) else { return nil }
    self.bytes = bytes
  }
}
