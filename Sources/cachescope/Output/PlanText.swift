import CacheKit
import Inspector
import TUI

/// A plan for people: limits, what goes, what ours leaves, what stays by reason.
struct PlanText {
  private let report: PlanCollection.Report
  private let usesColor: Bool
  private var plan: CollectionPlan { report.plan }

  init(_ report: PlanCollection.Report, usesColor: Bool) {
    self.report = report
    self.usesColor = usesColor
  }

  func write(_ output: Output) {
    writeLimits(output)
    writeReal(output)
    if plan.steps.isEmpty {
      output.line("nothing goes")
    } else {
      writeSteps(output)
      writeRefusals(output)
    }
    writeKept(output)
    writeOutlook(output)
    output.line("plan \(plan.id)")
  }

  private func writeLimits(_ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: ""), .init(title: "NOW", alignsRight: true),
        .init(title: "LIMIT", alignsRight: true), .init(title: "AFTER", alignsRight: true),
        .init(title: "LIMIT FROM"),
      ], usesColor: usesColor)
    let (limits, before, after) = (plan.limits, plan.before, plan.after)
    func add(_ name: String, _ now: UInt64, _ limit: UInt64, _ later: UInt64, _ source: String) {
      table.add(
        [name, size(now), size(limit), size(later), source], role: now > limit ? .warn : .plain)
    }
    let isTried = limits.source == "what-if"
    func source(_ limit: Budget.Limit, _ bytes: UInt64) -> String {
      isTried && limit.bytes != bytes ? "what-if" : Format.source(limit)
    }
    add(
      "installed", before.installed, limits.installed, after.installed,
      source(report.budget.installed, limits.installed))
    add(
      "archives", before.archive, limits.archive, after.archive,
      source(report.budget.archive, limits.archive))
    add(
      "total", before.total, limits.high, after.total,
      source(report.budget.highWatermark, limits.high))
    table.finish()
    output.line("low watermark \(size(limits.low)): installed trees go until they hold no more")
    output.line("")
  }

  private func writeReal(_ output: Output) {
    if !plan.reaps.isEmpty {
      let names = plan.reaps.prefix(5).map(\.description).joined(separator: ", ")
      let more = plan.reaps.count > 5 ? ", …" : ""
      output.line("real GC first reaps \(Format.count(plan.reaps.count, "lease")): \(names)\(more)")
    }
    if let error = plan.realError {
      output.line("real GC fails here: \(Format.text(error)); ours goes on")
    }
    let limits = plan.limits
    if min(limits.installed, limits.archive, limits.high) == 0 {
      output.line("a limit of 0 takes all that can be taken")
    }
    if !plan.isProbed { output.line("a snapshot: what cannot be removed is not known") }
  }

  private func writeSteps(_ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: "RANK", alignsRight: true), .init(title: "ENTRY", alignsRight: true),
        .init(title: "PHASE"), .init(title: "BYTES", alignsRight: true),
        .init(title: "FREES", alignsRight: true), .init(title: "NAME"),
        .init(title: "TO HAVE IT AGAIN"), .init(title: "WHY", isWide: true),
      ], usesColor: usesColor)
    for step in plan.steps {
      let why = step.refused.map { "ours leaves it: \($0)" } ?? step.reason
      let isAlone = step.isOursAlone ? "ours alone; " : ""
      table.add(
        [
          "\(step.rank)", "\(step.entryID)", step.phase.rawValue, Format.size(step.bytes),
          size(step.files.reclaimable),
          Format.name(kind: step.kind, stem: step.stem, version: step.version),
          step.price.rawValue, Format.text(isAlone + why),
        ], role: step.isTaken ? .plain : .warn)
    }
    table.finish()
  }

  private func writeRefusals(_ output: Output) {
    let refused = plan.steps.filter { !$0.isTaken }
    let taken = plan.taken
    let files = taken.reduce(UInt64(0)) { $0.addingSaturated($1.files.reclaimable) }
    output.line("")
    output.line(
      "real GC would report \(Format.size(Int64(clamping: plan.frees))); ours takes "
        + "\(Format.count(taken.count, "step")), which makes \(size(files)) free on the disk")
    if !refused.isEmpty {
      output.line("ours leaves \(Format.count(refused.count, "step")) that real GC takes")
    }
  }

  private func writeKept(_ output: Output) {
    var counts: [String: Int] = [:]
    for kept in plan.kept { counts[kept.reason.words, default: 0] += 1 }
    guard !counts.isEmpty else { return }
    output.line("")
    output.line("what stays")
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (words, count) in sorted.prefix(20) { output.line("  \(count)  \(Format.text(words))") }
    if sorted.count > 20 { output.line("  … \(sorted.count - 20) more reasons, see --json") }
    output.line("")
  }

  private func writeOutlook(_ output: Output) {
    if plan.excess > 0 {
      output.line(
        "the limits are not met: \(size(plan.excess)) too many stay, for the reasons above")
    }
    let outlook = plan.outlook
    if let age = outlook.lastAge {
      output.line("the last one to go was used \(Format.age(age)) ago")
    }
    if let growth = outlook.growth, growth > 0 {
      let days = outlook.days.map { ", so the limits are met again in \(Self.days($0))" } ?? ""
      output.line("it grows by \(size(growth)) a day\(days)")
    }
  }

  private static func days(_ days: Double) -> String {
    days < 1 ? "less than a day" : days > 3650 ? "many years" : "\(Int(days)) days"
  }

  private func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }
}

extension UInt64 {
  fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}
