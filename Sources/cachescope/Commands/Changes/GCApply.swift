import ArgumentParser
import CacheKit
import Glibc
import Inspector

extension GCCommand {
  /// The plan of now: shown first, and asked about on a terminal.
  func carryOut(
    _ report: PlanCollection.Report, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    try context.refuseChanges()
    if !yes, !context.isDryRun {
      guard isatty(STDIN_FILENO) == 1, !options.json else {
        throw ValidationError("name the plan, or say --yes")
      }
      PlanText(report, usesColor: options.usesColor).write(output)
      let steps = Format.count(report.plan.takenCount, "step")
      guard confirms("Carry out plan \(report.plan.id), \(steps)?", output) else {
        return CacheError(.cancelled, "nothing was changed")
      }
    }
    return try apply(report.plan, context, output)
  }

  /// A plan that was shown before.
  func carryOut(
    _ id: String, _ found: FindProjects.Report?, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    try context.refuseChanges()
    let plan = try CollectionPlan.named(id, in: context, changes: changes)
    Self.warn(ProjectsOutput.warnings(found, plan))
    return try apply(plan, context, output)
  }

  private func confirms(_ question: String, _ output: Output) -> Bool {
    output.write("\(question) [y/N] ".utf8)
    output.flush()
    let answer = readLine() ?? ""
    return ["y", "yes"].contains(answer.lowercased())
  }

  private func apply(
    _ plan: CollectionPlan, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    let interrupt = Interrupt()
    return try interrupt.run(context, output) { context in
      let report = try ApplyCollection(plan, keep: keep?.wholeSeconds).perform(in: context)
      let failure = interrupt.isRequested ? StepText.stopped : Self.failure(report)
      if options.json {
        writeJSON(report, failure, context, output)
      } else {
        writeText(report, output)
      }
      return failure
    }
  }

  /// What was promised and not done.
  private static func failure(_ report: ApplyCollection.Report) -> CacheError? {
    if let stop = report.stop ?? report.reapFailure { return stop }
    if let broken = report.broken.first { return StepText.error(broken) }
    guard let words = report.plan.excessWords else { return nil }
    let refused = report.plan.refusedWords.map { "; \($0)" } ?? ""
    return CacheError(
      .notFound, words + refused, hint: "`cachescope gc` says what holds each entry")
  }

  private func writeText(_ report: ApplyCollection.Report, _ output: Output) {
    for words in report.reapLines { output.line(words) }
    StepText.write(report.outcomes, output)
    output.line(report.summary)
    if keep != nil, report.outcomes.contains(where: { $0.result == .kept }) {
      output.line(options.hint("`cachescope undo \(report.plan.id)` puts it back"))
    }
  }

  private func writeJSON(
    _ report: ApplyCollection.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.field("plan") { $0.plan(report.plan) }
      writer.field("applied") { writer in
        writer.object { writer in
          writer.array("released") { writer in
            for lease in report.reaped { writer.element(lease.description) }
          }
          writer.outcomes(report.outcomes)
          writer.field("freed_bytes", unsigned: report.freed)
        }
      }
      writer.failure(failure)
    }
    writer.end()
  }
}

// MARK: - By the daemon

extension GCCommand {
  func collectByDaemon(_ context: ActionContext, _ output: Output) throws -> CacheError? {
    if context.isDryRun {
      let asked = try AskDaemonToCollect().preview(in: context)
      write(asked, context, output)
      return nil
    }
    try context.refuseChanges()
    if !yes {
      guard isatty(STDIN_FILENO) == 1, !options.json else {
        throw ValidationError("see what --dry-run tells, then say --yes")
      }
      let asked = try AskDaemonToCollect().preview(in: context)
      write(asked, context, output)
      guard confirms("Let the daemon collect?", output) else {
        return CacheError(.cancelled, "nothing was changed")
      }
    }
    let report = try AskDaemonToCollect().perform(in: context)
    let failure = report.failureWords.map { CacheError(.inputOutput, $0) }
    if options.json {
      writeJSON(report, failure, context, output)
    } else {
      writeText(report, output)
    }
    return failure
  }

  /// What the daemon would answer only it knows.
  private func write(
    _ asked: AskDaemonToCollect.Preview, _ context: ActionContext, _ output: Output
  ) {
    guard options.json else {
      let plan = asked.prediction
      output.line("daemon of process \(asked.pid) collects; predicted:")
      for step in plan.steps where !step.isOursAlone {
        output.line("  entry \(step.entryID) (\(step.phase.rawValue)), \(Format.size(step.bytes))")
      }
      return output.line("  frees \(Format.size(Int64(clamping: plan.frees)))")
    }
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.field("plan") { $0.plan(asked.prediction) }
      writer.field("daemon") { writer in writer.object { $0.field("pid", asked.pid) } }
    }
    writer.end()
  }

  private func writeText(_ report: AskDaemonToCollect.Report, _ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: ""), .init(title: "PREDICTED", alignsRight: true),
        .init(title: "DAEMON", alignsRight: true),
      ], usesColor: options.usesColor)
    for row in report.comparison { table.add(row) }
    table.finish()
    if let error = report.prediction.realError { output.line("predicted: \(Format.text(error))") }
  }

  private func writeJSON(
    _ report: AskDaemonToCollect.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    let answer = report.answer
    writer.object { writer in
      writer.header(context.location, .live)
      writer.field("plan") { $0.plan(report.prediction) }
      writer.field("daemon") { writer in
        writer.object { writer in
          writer.field("pid", report.pid)
          writer.field("installed_evicted", unsigned: answer.installedCount)
          writer.field("installed_bytes_freed", unsigned: answer.installedBytes)
          writer.field("archives_evicted", unsigned: answer.archiveCount)
          writer.field("archive_bytes_freed", unsigned: answer.archiveBytes)
          writer.field("total_bytes_freed", unsigned: answer.freed)
          writer.field("failure", answer.failure)
        }
      }
      writer.failure(failure)
    }
    writer.end()
  }
}
