import ArgumentParser
import CacheKit
import Inspector

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Drops leases whose holder is gone.",
    discussion: "A lease is named ENTRY:PID:NONCE, as `cachescope leases` prints it.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: ArgumentHelp("The leases' full names.", valueName: "lease"))
  var leases: [TextArgument] = []

  @Flag(help: "All leases whose holder is provably gone.")
  var stuck = false

  @Flag(help: "Lower the refcount by one instead of dropping the lease.")
  var one = false

  @Flag(help: "Release a lease whose holder may be alive, too.")
  var force = false

  @Option(help: ArgumentHelp("Release only if this is the verdict.", valueName: "verdict"))
  var expect: LeaseVerdict?

  func validate() throws {
    if stuck && !leases.isEmpty {
      throw ValidationError("--stuck means all stuck leases: leave it out, or the names")
    }
    if !stuck && leases.isEmpty {
      throw ValidationError("name leases as ENTRY:PID:NONCE, or say --stuck")
    }
    if stuck && force {
      throw ValidationError("--force takes the full name of each lease, not --stuck")
    }
    for name in leases where LeaseID(name.text) == nil {
      throw ValidationError(
        "'\(name.text)' is not ENTRY:PID:NONCE, as `cachescope leases` prints it")
    }
  }

  /// Each lease once, however often it was named.
  private var ids: [LeaseID] {
    var seen: Set<LeaseID> = []
    return leases.compactMap { LeaseID($0.text) }.filter { seen.insert($0).inserted }
  }

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      let target: ReleaseLeases.Target =
        stuck ? .stuck : .named(ids)
      let action = ReleaseLeases(target, one: one, force: force, expected: expect)
      let report = try action.perform(in: context)
      let failure = Self.failure(report)
      options.json
        ? writeJSON(report, failure, context, output) : writeText(report, output)
      return failure
    }
  }

  /// What was asked for by name and not done.
  private static func failure(_ report: ReleaseLeases.Report) -> CacheError? {
    if let first = report.skipped.first {
      return CacheError(
        .refused, "lease \(first.lease.id) stays: \(first.reason)",
        hint: "Evidence: \(first.judgement.evidence)")
    }
    guard let missing = report.missing.first else { return nil }
    return CacheError(
      .notFound, "there is no lease \(missing)", hint: "`cachescope leases` lists them")
  }

  private func writeJSON(
    _ report: ReleaseLeases.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, .live)
      writer.objects("leases", report.outcomes) { $0.outcome($1) }
      writer.array("missing") { writer in
        for id in report.missing { writer.element(id.description) }
      }
      writer.field("released", report.released.count)
      writer.field("skipped", report.skipped.count)
      if let failure { writer.error(failure) }
    }
    writer.end()
  }

  private func writeText(_ report: ReleaseLeases.Report, _ output: Output) {
    for outcome in report.outcomes {
      let reason = outcome.reason.isEmpty ? outcome.judgement.evidence : outcome.reason
      output.line("\(outcome.result.rawValue): \(outcome.lease.id), \(Format.text(reason))")
    }
    // The error that follows names what was refused.
    if !report.skipped.isEmpty {
      for lease in report.missing { output.line("missing: \(lease), it is not there") }
    }
    if report.outcomes.isEmpty && report.missing.isEmpty {
      output.line("no lease is provably stuck")
    }
  }
}

extension JSONWriter {
  fileprivate mutating func outcome(_ outcome: ReleaseLeases.Outcome) {
    field("lease", outcome.lease.id.description)
    field("entry_id", outcome.lease.id.entryID)
    field("holder_pid", outcome.lease.id.holderPID)
    field("holder_nonce", outcome.lease.id.nonce.map { String($0) })
    field("verdict", outcome.judgement.verdict.rawValue)
    field("evidence", outcome.judgement.evidence)
    field("result", outcome.result.rawValue)
    field("reason", outcome.reason.isEmpty ? nil : outcome.reason)
  }
}
