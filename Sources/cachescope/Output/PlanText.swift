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
    for words in [plan.reapWords, plan.failureWords].compactMap(\.self) + plan.notes {
      output.line(words)
    }
  }

  private func writeSteps(_ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: "RANK", alignsRight: true), .init(title: "ENTRY", alignsRight: true),
        .init(title: "PHASE"), .init(title: "BYTES", alignsRight: true),
        .init(title: "FREES", alignsRight: true), .init(title: "NAME"),
        .init(title: "TO GET IT BACK"), .init(title: "WHY", isWide: true),
      ], usesColor: usesColor)
    for step in plan.steps {
      table.add(
        [
          "\(step.rank)", "\(step.entryID)", step.phase.rawValue, Format.size(step.bytes),
          size(step.files.reclaimable),
          Format.name(kind: step.kind, stem: step.stem, version: step.version),
          step.price.rawValue, plan.why(step),
        ], role: step.isTaken ? .plain : .warn)
    }
    table.finish()
  }

  private func writeRefusals(_ output: Output) {
    output.line("")
    output.line(plan.summaryWords)
    if let words = plan.refusedWords { output.line(words) }
  }

  private func writeKept(_ output: Output) {
    var counts: [String: Int] = [:]
    for kept in plan.kept { counts[kept.reason.words, default: 0] += 1 }
    guard !counts.isEmpty else { return }
    output.line("")
    output.line("what stays, how often and why")
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (words, count) in sorted.prefix(20) { output.line("  \(count)x  \(Format.text(words))") }
    if sorted.count > 20 { output.line("  … \(sorted.count - 20) more reasons, see --json") }
    output.line("")
  }

  private func writeOutlook(_ output: Output) {
    if let words = plan.excessWords { output.line(words) }
    for words in plan.outlookWords { output.line(words) }
  }

  private func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }
}
