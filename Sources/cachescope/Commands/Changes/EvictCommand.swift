import ArgumentParser
import CacheKit
import Inspector

struct EvictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evict", abstract: "Evicts entries by id: their rows, then their files.",
    discussion: """
      An entry stays while a lease holds it, or where its path leads out of the cache. `undo` puts back \
      what was kept with --keep.
      """)

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: ArgumentHelp("The entries' ids.", valueName: "id"))
  var ids: [Int64]

  @Option(help: ArgumentHelp("Only installed or archive.", valueName: "phase"))
  var phase: PhaseArgument?

  @Option(help: ArgumentHelp("Keep the files for so long, to be put back.", valueName: "time"))
  var keep: DurationArgument?

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let action = EvictEntries(ids: ids, phase: phase?.phase, keep: keep?.wholeSeconds)
      let interrupt = Interrupt()
      return try interrupt.run(context, output) { context in
        let report = try action.perform(in: context)
        let failure = interrupt.isRequested ? StepText.stopped : Self.failure(report)
        options.json ? writeJSON(report, failure, context, output) : writeText(report, output)
        return failure
      }
    }
  }

  private func writeText(_ report: EvictEntries.Report, _ output: Output) {
    guard !report.outcomes.isEmpty else { return }
    StepText.write(report.outcomes, output)
    output.line(FreedWords.of(report.freed))
    guard report.outcomes.contains(where: { $0.result == .kept }) else { return }
    output.line(options.hint("`cachescope undo` puts it back"))
  }

  private static func failure(_ report: EvictEntries.Report) -> CacheError? {
    if let id = report.missing.first {
      return CacheError(
        .notFound, "there is no entry \(id); nothing was evicted",
        hint: "`cachescope entries` lists them")
    }
    if let words = report.emptyLines.first { return CacheError(.notFound, words) }
    if let stop = report.stop { return stop }
    return report.skipped.first.map { StepText.error($0) }
  }

  private func writeJSON(
    _ report: EvictEntries.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.outcomes(report.outcomes)
      writer.field("freed_bytes", unsigned: report.freed)
      writer.failure(failure)
    }
    writer.end()
  }
}

/// `installed` or `archive`.
struct PhaseArgument: ExpressibleByArgument {
  var phase: CachePhase

  init?(argument: String) {
    guard let phase = CachePhase(rawValue: argument) else { return nil }
    self.phase = phase
  }
}

extension DurationArgument {
  /// Whole seconds, at least one.
  var wholeSeconds: Int64 { max(1, Int64(seconds.rounded(.up))) }
}

/// Outcomes of steps.
enum StepText {
  /// Between two steps: those that are told were made whole.
  static var stopped: CacheError {
    CacheError(.cancelled, "stopped between two steps; the others are as they were")
  }

  static func write(_ outcomes: [StepOutcome], _ output: Output) {
    for outcome in outcomes { output.line(Format.text(outcome.line)) }
  }

  static func error(_ outcome: StepOutcome) -> CacheError {
    CacheError(
      .refused, "entry \(outcome.entryID) (\(outcome.phase.rawValue)) stays: \(outcome.reason)")
  }
}

extension JSONWriter {
  mutating func outcomes(_ outcomes: [StepOutcome]) {
    array("outcomes") { writer in
      for outcome in outcomes {
        writer.object { writer in
          writer.field("entry_id", outcome.entryID)
          writer.field("phase", outcome.phase.rawValue)
          writer.field("result", outcome.result.rawValue)
          writer.field("bytes", outcome.bytes)
          writer.field("files") { $0.files(outcome.files) }
          writer.field("reason", outcome.reason.isEmpty ? nil : outcome.reason)
        }
      }
    }
  }
}
