import ArgumentParser
import CacheKit
import Inspector

struct WaitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Waits until leases are released or their holders are gone.",
    discussion: """
      A lease is named ENTRY:PID:NONCE, as `cachescope leases` prints it; it is waited for until its \
      row is gone or its holder is proven gone. An entry is waited for until no lease is left on it, \
      stuck ones included. Ends with 0 then, with 3 when the time is up, with 1 where there is no \
      such lease or entry. Nothing is changed.
      """)

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Option(
    name: .customLong("lease"), help: ArgumentHelp("A lease's full name.", valueName: "name"))
  var leases: [TextArgument] = []

  @Option(help: ArgumentHelp("Wait until this entry has no lease.", valueName: "id"))
  var entry: Int64?

  @Option(
    help: ArgumentHelp(
      "Give up after this time: 90s, 10m, 2h; without it the wait has no end.", valueName: "time"))
  var timeout: DurationArgument?

  @Option(help: ArgumentHelp("The time between two looks, 100ms to 1h.", valueName: "time"))
  var interval = DurationArgument.seconds(2)

  func validate() throws {
    guard leases.isEmpty != (entry == nil) else {
      throw ValidationError("name leases by --lease ENTRY:PID:NONCE, or one entry by --entry ID")
    }
    _ = try ids()
    guard (0.1...3600).contains(interval.seconds) else {
      throw ValidationError("--interval takes a time from 100ms to 1h")
    }
  }

  private func ids() throws -> [LeaseID] {
    try leases.map { name in
      guard let id = LeaseID(name.text) else {
        throw ValidationError("'\(name.text)' is not a lease: write ENTRY:PID:NONCE")
      }
      return id
    }
  }

  func run() throws {
    try options.run { context, output in
      let ids = try ids()
      var action = WaitForLeases(
        entry.map { .entry($0) } ?? .leases(ids), timeout: timeout?.seconds,
        interval: interval.seconds)
      let interrupt = Interrupt()
      action.pause = { interrupt.pause($0) }
      let report = try interrupt.run { try action.perform(in: context) }
      let failure = failure(report)
      options.json
        ? writeJSON(report, failure, context, output) : writeText(report, output)
      return failure
    }
  }

  private func failure(_ report: WaitForLeases.Report) -> CacheError? {
    guard report.isTimedOut else { return nil }
    let held = report.held
    let isStuck = held.contains { $0.judged.judgement.verdict.isProvablyStuck }
    return CacheError(
      .busy,
      "timed out after \(timeout?.text ?? "-"): \(Format.count(held.count, "lease")) still held",
      hint: isStuck
        ? "`cachescope release --stuck` drops those whose holder is gone"
        : "Wait longer with --timeout, or see the holders with `cachescope leases`")
  }

  private func writeText(_ report: WaitForLeases.Report, _ output: Output) {
    if report.items.isEmpty { output.line("no lease on entry \(entry.map(String.init) ?? "-")") }
    for item in report.items {
      output.line("\(words(item.outcome)): \(item.judged.lease.id)  \(evidence(item))")
    }
  }

  private func words(_ outcome: WaitForLeases.Item.Outcome) -> String {
    switch outcome {
    case .held: "still held"
    case .released: "released"
    case .holderDied: "holder is gone"
    case .orphaned: "entry is gone"
    }
  }

  /// Of a lease that was released the verdict is that of the last look before.
  private func evidence(_ item: WaitForLeases.Item) -> String {
    let judgement = item.judged.judgement
    let verdict = judgement.verdict.rawValue.uppercased()
    return item.outcome == .released
      ? "(last seen \(verdict))" : "\(verdict): \(Format.text(judgement.evidence))"
  }

  private func writeJSON(
    _ report: WaitForLeases.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.field("timed_out", report.isTimedOut)
      writer.field("waited_seconds", Int64(clamping: Int(report.waited)))
      writer.array("leases") { writer in
        for item in report.items {
          writer.object { writer in
            writer.lease(item.judged)
            writer.field("outcome", item.outcome.rawValue)
          }
        }
      }
      writer.failure(failure)
    }
    writer.end()
  }
}
