import ArgumentParser
import CacheKit
import Inspector

struct UndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Puts back what `gc --apply` or `evict` took with --keep.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: "The plan that is taken back; the last one that is kept where none is named.")
  var plan: TextArgument?

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let report = try RestoreTrash(plan: plan?.text).perform(in: context)
      let failure = report.skipped.first.map { item in
        CacheError(
          .refused, "entry \(item.entryID) (\(item.phase.rawValue)) is not back: \(item.reason)")
      }
      options.json
        ? writeJSON(report, failure, context, output) : writeText(report, output)
      return failure
    }
  }

  private func writeText(_ report: RestoreTrash.Report, _ output: Output) {
    for words in report.restoredLines + report.skippedLines {
      output.line(Format.text(words))
    }
  }

  private func writeJSON(
    _ report: RestoreTrash.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.field("plan", report.plan)
      for (name, items) in [("restored", report.restored), ("skipped", report.skipped)] {
        writer.array(name) { writer in
          for item in items {
            writer.object { writer in
              writer.field("entry_id", item.entryID)
              writer.field("phase", item.phase.rawValue)
              writer.field("reason", item.reason.isEmpty ? nil : item.reason)
            }
          }
        }
      }
      writer.failure(failure)
    }
    writer.end()
  }
}
