import CacheKit
import Inspector
import SystemPackage

// Changes: each is tried on a copy first, and made after a yes.
extension PlainSession {
  /// Seconds for which what was evicted can be put back.
  private static let keep: Int64 = 600

  /// What a change says it did, or would do.
  private struct Answer {
    var lines: [String]
    /// Whether there is anything to do.
    var isChange: Bool
  }

  private func change(_ attempt: (ActionContext) throws -> Answer) throws {
    try context.refuseChanges()
    let trial = try attempt(context.dryRun)
    guard trial.isChange else {
      trial.lines.forEach(say)
      return say("Nothing to do.")
    }
    say("It would do this:")
    trial.lines.forEach(say)
    guard ask("Type yes to do it")?.lowercased() == "yes" else {
      return say("Nothing was changed.")
    }
    try attempt(context).lines.forEach(say)
    say("Done.")
  }

  mutating func release(_ words: [String]) throws {
    let target: ReleaseLeases.Target =
      words.map { $0.lowercased() } == ["stuck"]
      ? .stuck : .shown(try rows(words, of: lists.leases, "leases").map(\.lease))
    try change { context in
      let report = try ReleaseLeases(target).perform(in: context)
      let lines = report.outcomes.map { outcome in
        let reason = outcome.reason.isEmpty ? outcome.judgement.evidence : outcome.reason
        return "Lease \(outcome.lease.id) \(outcome.result.rawValue): \(Format.text(reason))."
      }
      let missing = report.missing.map { "Lease \($0) is gone already." }
      return Answer(lines: lines + missing, isChange: !report.released.isEmpty)
    }
    lists.leases = []
  }

  mutating func pin(_ words: [String]) throws {
    let end = words.firstIndex { $0.lowercased() == "because" } ?? words.endIndex
    let reason = words.dropFirst(end + 1).joined(separator: " ")
    let entries = try rows(Array(words[..<end]), of: lists.entries, "entries")
    try change { context in
      let report = try PinEntries(entries, reason: reason.isEmpty ? nil : reason)
        .perform(in: context)
      return Self.answer(report, "pinned", "was pinned already")
    }
  }

  mutating func unpin(_ words: [String]) throws {
    let entries = try rows(words, of: lists.entries, "entries")
    try change { context in
      Self.answer(
        try UnpinEntries(entries).perform(in: context), "unpinned", "had no durable pin")
    }
  }

  private static func answer(
    _ report: PinEntries.Report, _ done: String, _ already: String
  ) -> Answer {
    func lines(_ entries: [Entry], _ words: String) -> [String] {
      entries.map { entry in
        let name = Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)
        return "Entry \(entry.id), \(name), \(words)."
      }
    }
    let missing = report.missing.map { "Entry \($0) is gone: say entries again." }
    return Answer(
      lines: lines(report.changed, done) + lines(report.unchanged, already) + missing,
      isChange: !report.changed.isEmpty)
  }

  mutating func evict(_ words: [String]) throws {
    let entries = try rows(words, of: lists.entries, "entries")
    let ids = entries.map(\.id)
    let names = Dictionary(
      entries.map { ($0.id, Format.name(kind: $0.kind, stem: $0.stem, version: $0.version)) }
    ) { first, _ in first }
    try change { context in
      let report = try EvictEntries(ids: ids, keep: Self.keep).perform(in: context)
      let missing = (report.missing + report.empty).map { "Entry \($0) has nothing to evict." }
      return Answer(
        lines: report.outcomes.map { Self.line($0, names) + "." } + missing,
        isChange: report.outcomes.contains { $0.result != .skipped })
    }
    lists.entries = []
  }

  mutating func collect() throws {
    guard let plan = lists.plan else { throw Refusal("Say gc first: it tells what would go.") }
    let names = Dictionary(
      plan.steps.map {
        ($0.entryID, Format.name(kind: $0.kind, stem: $0.stem, version: $0.version))
      }
    ) { first, _ in first }
    try change { context in
      let report = try ApplyCollection(plan, keep: Self.keep).perform(in: context)
      let lines = report.reapLines + report.outcomes.map { Self.line($0, names) }
      return Answer(
        lines: (lines + [report.summary]).map { "\($0)." },
        isChange: report.outcomes.contains { $0.result != .skipped })
    }
    lists.plan = nil
  }

  private static func line(_ outcome: StepOutcome, _ names: [Int64: String]) -> String {
    (names[outcome.entryID].map { "\($0): " } ?? "") + Format.text(outcome.line)
  }

  func undo() throws {
    guard RestoreTrash.newest(in: context) != nil else { return try undoRows() }
    try change { context in
      let report = try RestoreTrash().perform(in: context)
      return Answer(
        lines: (report.restoredLines + report.skippedLines).map { "\(Format.text($0))." },
        isChange: !report.restored.isEmpty)
    }
  }

  /// Where no files are kept, the last change of the rows is taken back, as by `u` on the screen.
  private func undoRows() throws {
    let name = context.location.journalName
    let lines = context.journal?.read(of: name).ofIndex(try context.inspect().birth())
    guard let line = lines?.lastChange(of: name), line.undoObstacle == nil else {
      throw Refusal("Nothing is kept, and no change of the index can be taken back.")
    }
    let command = line.command.map { Format.text($0) }.joined(separator: " ")
    try change { context in
      let undone = try UndoChange(line).perform(in: context)
      let count = Format.count(undone.change.after.count, "row")
      return Answer(lines: ["Taken back: \(command), \(count)."], isChange: true)
    }
  }

  func migrate() throws {
    try change { context in
      let report = try RunMigrations().perform(in: context).migration
      let backup = report.backup.map { ["Backup: \(Format.path($0))."] } ?? []
      let steps = report.steps.map { step in
        "\(step.id) \(step.outcome.rawValue), "
          + "\(Format.count(step.effect.rowsTouched, "row"))."
      }
      return Answer(lines: backup + steps, isChange: !report.steps.isEmpty)
    }
  }

  mutating func fetch(_ words: [String]) throws {
    let isAll = words.map { $0.lowercased() } == ["all"]
    let found = isAll ? lists.links : try rows(words, of: lists.links, "links")
    guard !found.isEmpty else {
      throw Refusal("Say links first: its numbers are what is named here.")
    }
    let paths = found.filter { !isAll || $0.state != .cached }.map(\.path)
    guard !paths.isEmpty else { return say("Every blob is there.") }
    try change { context in
      let report = try PullLinks(roots: paths).perform(in: context)
      return Answer(
        lines: report.links.map { outcome in
          let problem = outcome.problem.map { ": \(Format.text($0))" } ?? ""
          return "\(LnkText.path(outcome.path)) \(outcome.result.rawValue)\(problem)."
        }, isChange: report.links.contains { $0.result == .fetched })
    }
  }

  func fix() throws {
    try change { context in
      let report = try RunDoctor(fixes: true, project: ProjectOption.workingProject)
        .perform(in: context)
      let lines = DoctorText.fixed(report)
      return Answer(
        lines: lines.map { "\($0)." }, isChange: !lines.isEmpty)
    }
  }
}
