import ArgumentParser
import CacheKit
import Inspector
import TUI

struct LeasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leases", abstract: "Lists the leases with a verdict on each holder.")

  @Flag(help: "Tell what happens from now on, a line each, until ^C; --json: an object each.")
  var follow = false

  @OptionGroup var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption

  func run() throws {
    if follow { return try runFollow() }
    try options.run(from: snapshot) { context, output in
      let report = try ListLeases().perform(in: context)
      options.json
        ? writeJSON(report, context, output) : writeText(report, context, output)
      return report.damage
    }
  }

  private func writeJSON(_ report: ListLeases.Report, _ context: ActionContext, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.leases(report.leases)
      writer.failure(report.damage)
    }
    writer.end()
  }

  private func writeText(_ report: ListLeases.Report, _ context: ActionContext, _ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: "VERDICT"), .init(title: "LEASE", isWhole: true),
        .init(title: "REF", alignsRight: true),
        .init(title: "AGE", alignsRight: true), .init(title: "BLOCKS", alignsRight: true),
        .init(title: "ENTRY"), .init(title: "EVIDENCE", isWide: true),
      ], usesColor: options.usesColor)
    let now = context.options.clock.now()
    for judged in report.leases {
      table.add(LeaseText.cells(judged, now), role: LeaseText.role(judged.judgement.verdict))
    }
    table.finish()
    output.line(Self.total(report.leases))
  }

  /// Entries and their bytes are counted once, whatever the number of their leases.
  private static func total(_ leases: JudgedLeases) -> String {
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
  static func cells(_ judged: JudgedLease, _ now: Int64) -> [String] {
    let lease = judged.lease
    let name = lease.entry.map {
      Format.name(kind: $0.kind, stem: $0.stem, version: $0.version)
    }
    return [
      judged.judgement.verdict.rawValue.uppercased(), lease.id.description,
      lease.refcount.map(String.init) ?? "-", Format.age(of: lease.acquiredAt, now: now),
      Format.bytes(lease.entry?.bytes),
      name ?? (lease.isEntryUnreadable ? "(unreadable)" : "(gone)"),
      Format.text(judged.judgement.evidence),
    ]
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
