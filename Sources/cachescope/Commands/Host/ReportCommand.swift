import ArgumentParser
import CacheKit
import Inspector

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes the cache, an entry or a holder down, for a bug report or a CI job.",
    discussion: """
      Passwords, tokens, user names, home folders and the host's name are left out. It tells what grew and \
      what was evicted since a time, and by whom: by cachescope as its journal says, by others as far as a \
      look of doctor, metrics or report missed it. In a job of GitHub's: \
      cachescope report --format github >> "$GITHUB_STEP_SUMMARY"
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case markdown
    case github
  }

  @OptionGroup var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption

  @Argument(
    help: ArgumentHelp(
      "An entry's id, or a lease as ENTRY:PID:NONCE; without it the cache.", valueName: "subject"))
  var subject: TextArgument?

  @Option(help: "How it is written: text (the default), json, markdown or github.")
  var format: Form?

  @Option(help: ArgumentHelp("Tell what grew and went in this time.", valueName: "time"))
  var since: DurationArgument?

  func validate() throws {
    _ = try meant()
    if options.json, let format, format != .json {
      throw ValidationError("--json is --format json: leave one of them out")
    }
  }

  private func meant() throws -> ReportSubject {
    guard let text = subject?.text else { return .cache }
    if let id = Int64(text) { return .entry(id) }
    if let id = LeaseID(text) { return .lease(id) }
    throw ValidationError(
      "'\(text)' is neither an entry nor a lease: write its id, or ENTRY:PID:NONCE")
  }

  /// With --format json the errors are JSON, too.
  private var asked: GlobalOptions {
    var asked = options
    if format == .json { asked.json = true }
    return asked
  }

  func run() throws {
    let isJSON = asked.json
    try asked.run(from: snapshot) { context, output in
      let span = since.map { Int64($0.seconds) } ?? 7 * 86_400
      let report = try MakeReport(try meant(), span: span).perform(in: context)
      if isJSON {
        ReportJSON.write(report, output)
      } else {
        let style = ReportDocument.Style(rawValue: (format ?? .text).rawValue) ?? .text
        let document = report.document(program: Version.program)
        output.write(document.written(style).utf8)
      }
      return report.status.damage
    }
  }
}
