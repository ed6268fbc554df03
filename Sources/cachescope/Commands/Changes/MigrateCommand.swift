import ArgumentParser
import CacheKit
import Inspector

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Runs the pending migrations, after a backup of the index.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Flag(help: "Run them on a copy and tell what they did; the cache stays as it is.")
  var rehearse = false

  @Flag(help: "Write no backup.")
  var noBackup = false

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      if rehearse {
        let report = try RehearseMigrations().perform(in: context)
        options.json
          ? writeJSON(report, context, output) : writeText(report, output)
      } else {
        return try migrate(context, output)
      }
      return nil
    }
  }

  private func migrate(_ context: ActionContext, _ output: Output) throws -> CacheError? {
    do throws(CacheError) {
      let report = try RunMigrations(makesBackup: !noBackup).perform(in: context)
      options.json
        ? writeJSON(report, context, output) : writeText(report, output)
      return nil
    } catch {
      guard let stopped = error.cause as? MigrationStopped else { throw error }
      options.json
        ? writeJSON(stopped.report, error, context, output) : write(stopped.report, output)
      return error
    }
  }

  /// What was done before it stopped stands beside the error.
  private func writeJSON(
    _ report: MigrationReport, _ error: CacheError, _ context: ActionContext, _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.steps(report)
      writer.field("backup", report.backup)
      writer.error(error)
    }
    writer.end()
  }

  private func writeJSON(
    _ report: RunMigrations.Report, _ context: ActionContext, _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.steps(report.migration)
      writer.field("backup", report.migration.backup)
      writer.migrations(report.status)
    }
    writer.end()
  }

  private func writeJSON(
    _ report: RehearseMigrations.Report, _ context: ActionContext, _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, .copy)
      writer.steps(report.migration)
      writer.array("schema_difference") { writer in
        for line in report.schemaDifference { writer.element(line) }
      }
      writer.field("problem", report.problem)
      writer.field("duration_seconds", report.duration)
      writer.field("bytes", report.bytes)
    }
    writer.end()
  }

  private func writeText(_ report: RunMigrations.Report, _ output: Output) {
    write(report.migration, output)
    if report.migration.steps.isEmpty { output.line("nothing to do: every migration is applied") }
  }

  private func writeText(_ report: RehearseMigrations.Report, _ output: Output) {
    write(report.migration, output)
    if report.migration.steps.isEmpty { output.line("nothing to do: every migration is applied") }
    for line in report.schemaDifference { output.line("  " + Format.text(line)) }
    output.line("checks: \(report.problem.map { Format.text($0) } ?? "ok")")
    let milliseconds = Int(report.duration * 1000)
    output.line(
      "rehearsed on a copy of \(Format.size(report.bytes)) in \(milliseconds) ms; "
        + "the cache was not changed")
  }

  private func write(_ report: MigrationReport, _ output: Output) {
    if let backup = report.backup { output.line("backup: \(Format.text(RawText(path: backup)))") }
    for step in report.steps {
      let rows = Format.count(step.effect.rowsTouched, "row")
      output.line("\(words(step.outcome, report.otherMigrator)): \(step.id), \(rows)")
      for note in step.effect.notes { output.line("  " + note) }
    }
  }

  private func words(_ outcome: MigrationReport.Outcome, _ other: Int32?) -> String {
    switch outcome {
    case .applied: "applied"
    case .recorded: "recorded"
    case .alreadyApplied:
      "already applied" + (other.map { " by pid \($0)" } ?? "")
    }
  }
}

extension JSONWriter {
  fileprivate mutating func steps(_ report: MigrationReport) {
    array("steps") { writer in
      for step in report.steps {
        writer.object { writer in
          writer.field("id", step.id)
          writer.field("outcome", step.outcome.rawValue)
          let other = step.outcome == .alreadyApplied ? report.otherMigrator : nil
          writer.field("by_pid", other.map { Int64($0) })
          writer.field("rows_touched", step.effect.rowsTouched)
          writer.field("duration_seconds", step.duration)
          writer.array("notes") { writer in
            for note in step.effect.notes { writer.element(note) }
          }
        }
      }
    }
  }
}
