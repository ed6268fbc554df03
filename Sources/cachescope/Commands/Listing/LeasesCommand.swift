import ArgumentParser
import CacheKit
import Inspector
import TUI

struct LeasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leases", abstract: "Lists the leases with a verdict on each holder.",
    discussion: """
      A filter is a line of words: a word is part of what is shown, !word must not match, /re/ is a regular \
      expression, and fields are verdict: user: kind: name: holder: for text, pid entry ref age size for \
      < > = <= >= and a value (age>6h, size>100M); stuck and problem stand alone.
      """)

  @Option(help: ArgumentHelp("Only the leases that match.", valueName: "text"))
  var filter = TextArgument("")

  @Flag(help: "Only the leases whose holder is provably gone.")
  var stuck = false

  @Option(
    help: ArgumentHelp("Sort by a column of the inspector, as there.", valueName: "column"))
  var sort: TextArgument?

  @Flag(help: "Reverse the order.")
  var reverse = false

  @Option(help: ArgumentHelp("Show at most N.", valueName: "n"))
  var limit: Int?

  @Flag(help: "Tell what happens from now on, a line each, until ^C; --json: an object each.")
  var follow = false

  @OptionGroup var tableOptions: TableOptions
  @OptionGroup var watch: WatchOption
  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  func validate() throws {
    if follow, isNarrowed {
      throw ValidationError("--follow tells of all leases: leave the options of the list out")
    }
    if let problem = LeaseListing.problem(filter.text) {
      throw ValidationError("--filter: \(problem)")
    }
    if let sort, !LeaseListing.columns.contains(sort.text) {
      throw ValidationError(
        "--sort: no column '\(sort.text)'; \(Choice.words(LeaseListing.columns))")
    }
    if let limit, limit < 0 { throw ValidationError("--limit takes a number from 0 on") }
    try tableOptions.check(json: options.json)
    try watch.check(options, snapshot)
    _ = try chosen(now: 0)
  }

  private var isNarrowed: Bool {
    !filter.text.isEmpty || stuck || sort != nil || reverse || limit != nil
      || watch.seconds != nil || tableOptions.columns != nil || tableOptions.wide
      || tableOptions.quiet
  }

  func run() throws {
    if follow { return try runFollow() }
    try options.run(from: snapshot) { context, output in
      try watch.run(output) { output in
        let report = try ListLeases().perform(in: context)
        let leases = report.leases
        let listed = try places(leases, context).lazy.map { leases[$0] }
        options.json
          ? writeJSON(report, listed, context, output) : try writeText(listed, context, output)
        return report.damage
      }
    }
  }

  private func places(
    _ leases: JudgedLeases, _ context: ActionContext
  ) throws -> ArraySlice<Int> {
    let listing = LeaseListing(
      filter: stuck ? filter.text + " stuck" : filter.text, sort: sort?.text, isReversed: reverse)
    let ranks = listing.needsRanks ? try context.inspect().leasedRanks() : [:]
    let places = listing.places(in: leases, now: context.options.clock.now(), ranks: ranks)
    return places.prefix(limit ?? .max)
  }

  private func chosen(now: Int64) throws -> [NamedColumn<JudgedLease>] {
    try tableOptions.chosen(LeaseText.columns(now), usual: LeaseText.usual)
  }

  private func writeJSON(
    _ report: ListLeases.Report, _ listed: some Sequence<JudgedLease>, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.leases(listed)
      writer.failure(report.damage)
    }
    writer.end()
  }

  private func writeText(
    _ listed: some Collection<JudgedLease>, _ context: ActionContext, _ output: Output
  ) throws {
    if tableOptions.quiet {
      for judged in listed { output.line(judged.lease.id.description) }
      return
    }
    let columns = try chosen(now: context.options.clock.now())
    var table = tableOptions.table(columns, output, usesColor: options.usesColor)
    for judged in listed {
      table.add(
        columns.map { $0.cell(judged) }, role: LeaseText.role(judged.judgement.verdict))
    }
    table.finish()
    output.line(Self.total(listed))
  }

  /// Entries and their bytes are counted once, whatever the number of their leases.
  private static func total(_ leases: some Collection<JudgedLease>) -> String {
    var entries: [Int64: Int64] = [:]
    for item in leases {
      if let id = item.lease.id.entryID { entries[id] = item.lease.entry?.bytes ?? 0 }
    }
    let bytes = entries.values.reduce(Int64(0)) { sum, next in
      let (value, overflow) = sum.addingReportingOverflow(next)
      return overflow ? .max : value
    }
    return "\(Format.count(leases.count, "lease")) on "
      + "\(Format.count(entries.count, "entry", plural: "entries")), \(Format.bytes(bytes)) blocked"
  }
}

/// A lease as a row of text.
enum LeaseText {
  static let usual = ["verdict", "lease", "ref", "age", "blocks", "entry", "evidence"]

  /// By the names of the inspector's columns, and what only the command line shows.
  static func columns(_ now: Int64) -> [NamedColumn<JudgedLease>] {
    [
      .init("verdict", .init(title: "VERDICT")) { $0.judgement.verdict.rawValue.uppercased() },
      .init("lease", .init(title: "LEASE", isWhole: true)) { $0.lease.id.description },
      .init("pid", .init(title: "PID", alignsRight: true)) {
        $0.lease.id.holderPID.map(String.init) ?? "-"
      },
      .init("user", .init(title: "USER")) { Format.text($0.judgement.holder?.userName ?? "-") },
      .init("holder", .init(title: "HOLDER")) { $0.holderWords },
      .init("ref", .init(title: "REF", alignsRight: true)) {
        $0.lease.refcount.map(String.init) ?? "-"
      },
      .init("acquired", .init(title: "ACQUIRED")) { Format.time($0.lease.acquiredAt, utc: true) },
      .init("age", .init(title: "AGE", alignsRight: true)) {
        Format.age(of: $0.lease.acquiredAt, now: now)
      },
      .init("blocks", .init(title: "BLOCKS", alignsRight: true)) {
        Format.bytes($0.lease.entry?.bytes)
      },
      .init("entry", .init(title: "ENTRY")) { entry($0.lease) },
      .init("evidence", .init(title: "EVIDENCE", isWide: true)) {
        Format.text($0.judgement.evidence)
      },
    ]
  }

  private static func entry(_ lease: Lease) -> String {
    let name = lease.entry.map {
      Format.name(kind: $0.kind, stem: $0.stem, version: $0.version)
    }
    return name ?? (lease.isEntryUnreadable ? "(unreadable)" : "(gone)")
  }

  static func role(_ verdict: LeaseVerdict) -> TextTable.Role {
    switch verdict {
    case .dead, .reused, .zombie, .orphan: .bad
    case .old, .stopped, .alien, .namespace, .unknown: .warn
    case .live, .self: .ok
    case .pin: .plain
    }
  }
}
