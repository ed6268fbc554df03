import ArgumentParser
import CacheKit
import Inspector
import SystemPackage
import TUI

struct LnkPullCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Brings the blobs of pointers into the cache.",
    discussion: """
      A blob that is there is verified; another one is downloaded, verified while it arrives, and \
      recorded. What was interrupted goes on where it stopped. Where several pointers fail, it ends \
      with 7 if a safety rule or a full disk refused one, else with 5 or 4, else with 1, with 6 where \
      only the network failed, and with 3 where the index was only busy. A folder that cannot be read \
      ends it with 1.
      """)

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions
  @OptionGroup var roots: LnkRoots

  @Option(help: ArgumentHelp("Number of parallel downloads.", valueName: "n"))
  var jobs = 8

  @Option(help: ArgumentHelp("Put the blobs here too, unpacked where asked.", valueName: "dir"))
  var into: PathArgument?

  @Flag(help: "Put hard links instead of copies; writing into one changes the cache.")
  var hardLink = false

  func validate() throws {
    if jobs < 1 || jobs > 256 { throw ValidationError("--jobs takes a number from 1 to 256") }
    if hardLink, into == nil { throw ValidationError("--hard-link needs --into") }
  }

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let interrupt = Interrupt()
      let view = PullProgressView(isShown: !options.json)
      var action = PullLinks(roots: roots.paths, jobs: jobs, target: into?.path)
      action.usesHardLinks = hardLink
      action.isCancelled = { interrupt.isRequested }
      action.progress = { view.take($0) }
      defer { view.end() }
      let report = try interrupt.run { try action.perform(in: context) }
      view.end()
      options.json ? writeJSON(report, context, output) : writeText(report, output)
      if let code = ExitCode.deciding(report.links.compactMap(\.error?.code)) { throw code }
      // Pointers in there, if any, were not pulled.
      if report.problems.hasFailure { throw ExitCode(1) }
      return nil
    }
  }

  private func writeJSON(_ report: PullLinks.Report, _ context: ActionContext, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.objects("links", report.links) { $0.outcome($1) }
      writer.field("ok", report.links.count - report.failed)
      writer.field("failed", report.failed)
      writer.field("skipped", report.foreign.count)
      writer.unreadable(report.problems)
    }
    writer.end()
  }

  private func writeText(_ report: PullLinks.Report, _ output: Output) {
    for outcome in report.links {
      let place = outcome.placed ?? outcome.blob
      let size = outcome.bytes.map { "  \(Format.bytes($0))" } ?? ""
      let end = outcome.result == .failed ? "" : "\(size)  \(LnkText.path(place))"
      output.line("\(word(outcome.result))  \(LnkText.path(outcome.path))\(end)")
      let hint = outcome.error?.hint.map { "\(options.hint($0))." }
      for line in [outcome.problem, hint].compactMap(\.self) {
        output.line("         \(SafeText.escape(line))")
      }
    }
    LnkText.writeProblems(report.problems, output)
    writeTotals(report, output)
  }

  private func word(_ result: PullLinks.Result) -> String {
    switch result {
    case .hit: "hit    "
    case .fetched: "fetched"
    case .failed: "FAILED "
    }
  }

  private func writeTotals(_ report: PullLinks.Report, _ output: Output) {
    if report.links.isEmpty {
      let skipped = report.foreign.isEmpty ? "" : ", \(report.foreign.count) foreign skipped"
      return output.line("no pointers\(skipped)")
    }
    if report.releasedLeases > 0 {
      let leases = Format.count(report.releasedLeases, "lease")
      output.line("released \(leases) of dead holders on these blobs")
    }
    let hits = report.links.count { $0.result == .hit }
    let fetched = report.links.filter { $0.result == .fetched }
    // Downloaded as well, but a pointer counts once.
    let kept = report.links.filter(\.isKept)
    let rest =
      kept.isEmpty ? "" : ", \(kept.count) of them after their download (\(Self.bytes(kept)))"
    let skipped = report.foreign.isEmpty ? "" : ", \(report.foreign.count) foreign skipped"
    let pointers = LnkText.count(report.links.count, "pointer")
    output.line(
      "\(pointers): \(hits) hit, \(fetched.count) fetched (\(Self.bytes(fetched))), "
        + "\(report.failed) failed\(rest)\(skipped)")
  }

  private static func bytes(_ links: [PullLinks.Outcome]) -> String {
    Format.bytes(
      links.reduce(Int64(0)) { sum, outcome in
        let next = sum.addingReportingOverflow(outcome.bytes ?? 0)
        return next.overflow ? .max : next.partialValue
      })
  }
}

extension JSONWriter {
  fileprivate mutating func outcome(_ outcome: PullLinks.Outcome) {
    field("path", outcome.path)
    field("result", outcome.result.rawValue)
    field("blob", outcome.blob)
    field("bytes", outcome.bytes)
    field("sha256", outcome.sha256)
    field("placed", outcome.placed)
    field("problem", outcome.problem)
    guard let error = outcome.error else { return field("error", String?.none) }
    self.error(error)
  }
}
