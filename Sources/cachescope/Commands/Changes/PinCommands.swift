import ArgumentParser
import CacheKit
import Inspector

struct PinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Pins entries, so that fbuild's GC leaves them alone.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: ArgumentHelp("The entries' ids.", valueName: "id"))
  var ids: [Int64]

  @Option(help: ArgumentHelp("Why, for whoever looks at the pin later.", valueName: "text"))
  var reason: TextArgument?

  @Option(
    help: ArgumentHelp(
      "When the pin ends: \(PinEnd.forms). `doctor` tells of it then and takes it off.",
      valueName: "date"))
  var until: TextArgument?

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let end = try until.map { text throws(CacheError) in
        try Self.end(text.text, context.options.clock.now())
      }
      let report = try PinEntries(ids: ids, reason: reason?.text, until: end).perform(in: context)
      return PinAnswer(done: "pinned", already: "was pinned already", key: "pinned")
        .write(report, options, context, output)
    }
  }
}

extension PinCommand {
  private static func end(_ text: String, _ now: Int64) throws(CacheError) -> Int64 {
    if let end = PinEnd.parse(text, now: now) {
      guard end <= now else { return end }
      throw CacheError(.invalidInput, "--until \(text) is in the past")
    }
    throw CacheError(
      .invalidInput, "--until takes \(PinEnd.forms), not '\(text)'")
  }
}

struct UnpinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Takes the durable pins off entries.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: ArgumentHelp("The entries' ids.", valueName: "id"))
  var ids: [Int64]

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let report = try UnpinEntries(ids: ids).perform(in: context)
      return PinAnswer(done: "unpinned", already: "had no durable pin", key: "unpinned")
        .write(report, options, context, output)
    }
  }
}

/// What pin and unpin answer.
private struct PinAnswer {
  var done: String
  var already: String
  var key: String

  func write(
    _ report: PinEntries.Report, _ options: GlobalOptions, _ context: ActionContext,
    _ output: Output
  ) -> CacheError? {
    let failure = missing(report)
    if options.json {
      writeJSON(report, failure, context, output)
    } else {
      writeText(report, output)
    }
    return failure
  }

  private func missing(_ report: PinEntries.Report) -> CacheError? {
    guard !report.missing.isEmpty else { return nil }
    let ids = report.missing.map(String.init).joined(separator: ", ")
    return CacheError(
      .notFound, "there is no entry \(ids)", hint: "`cachescope entries` lists them")
  }

  private func writeJSON(
    _ report: PinEntries.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.array(key) { writer in
        for entry in report.changed { writer.object { $0.entry(entry) } }
      }
      writer.objects("unchanged", report.unchanged) { $0.entry($1) }
      if let failure { writer.error(failure) }
    }
    writer.end()
  }

  private func writeText(_ report: PinEntries.Report, _ output: Output) {
    for (entries, words) in [(report.changed, done), (report.unchanged, already)] {
      for entry in entries {
        let name = Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)
        output.line("\(words): entry \(entry.id), \(name), pinned is now \(entry.pinned ?? 0)")
      }
    }
  }
}
