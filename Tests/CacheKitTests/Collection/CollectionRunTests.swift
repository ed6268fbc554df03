import Testing

@testable import CacheKit

@Suite("The two phases of a collection")
struct CollectionRunTests {
  private func row(
    _ id: Int64, installed: SQLiteSum.Addend? = nil, archive: SQLiteSum.Addend? = nil,
    both: Bool = false
  ) -> CollectionRow {
    CollectionRow(
      id: id, lastUsed: .integer(id),
      installed: .init(isPresent: installed != nil || both, bytes: installed),
      archive: .init(isPresent: archive != nil || both, bytes: archive), pinned: .integer(0))
  }

  private func limits(_ archive: UInt64, _ installed: UInt64, _ high: UInt64) -> CollectionLimits {
    let budget = Budget(
      archive: .init(bytes: archive, source: ""), installed: .init(bytes: installed, source: ""),
      highWatermark: .init(bytes: high, source: ""),
      lowWatermark: .init(bytes: Budget.lowWatermark(ofHigh: high), source: ""))
    return CollectionLimits(budget)
  }

  private func run(
    _ rows: [CollectionRow], _ limits: CollectionLimits, stuck: Set<Int64> = [],
    fault: [Int64: String] = [:]
  ) -> CollectionRun {
    func total(_ phase: CachePhase) -> CollectionRun.Total {
      CollectionTotal.real(rows, phase, isIndexed: true)
    }
    return CollectionRun(
      rows, limits, .real(installed: total(.installed), archive: total(.archive)),
      candidates: { phase in
        CollectionOrder.ids(rows, phase) { $0.pinned.isZero }.prefix(CollectionOrder.phaseLimit)
          .map { CollectionCandidate(id: $0, fault: fault[$0]) }
      }, remove: { candidate, _ in stuck.contains(candidate.id) ? "stuck" : nil })
  }

  @Test("4.19: installed trees go down to the low watermark, archives to the high one alone")
  func watermarks() {
    let rows =
      (1...5).map { row($0, installed: .integer(30)) }
      + (6...10).map { row($0, archive: .integer(30)) }
    let found = run(rows, limits(1000, 1000, 200))
    // Installed alone is below the low watermark of 160: none of it goes.
    #expect(found.steps.map(\.id) == [6, 7, 8, 9] && found.freed == 120)
    #expect(found.installed + found.archive == 180)
    let installed = run((1...10).map { row($0, installed: .integer(30)) }, limits(1000, 1000, 200))
    #expect(installed.steps.map(\.id) == [1, 2, 3, 4, 5] && installed.installed == 150)
  }

  @Test("a budget that is met exactly takes nothing")
  func exact() {
    #expect(run([row(1, installed: .integer(100))], limits(0, 100, 100)).started.isEmpty)
    #expect(run([row(1, installed: .integer(101))], limits(0, 100, 200)).steps.count == 1)
  }

  @Test("a phase tries the first 1,000 alone, and what is stuck uses up their places")
  func thousand() {
    let rows = (1...2500).map { row($0, installed: .integer(1)) }
    #expect(run(rows, limits(0, 0, 0)).steps.count == 1000)
    #expect(run(rows, limits(0, 0, 0), stuck: Set(1...1000)).steps.isEmpty)
    #expect(run(rows, limits(0, 0, 0), stuck: Set(1...999)).steps.map(\.id) == [1000])
  }

  @Test("T-B4: a negative size ends the phase when it goes, and counts as 2^64 less it")
  func negative() {
    let rows = [row(1, installed: .integer(-5)), row(2, installed: .integer(100))]
    let found = run(rows, limits(0, 0, 0))
    #expect(found.steps.map(\.id) == [1] && found.freed == UInt64.max - 4)
  }

  @Test("T-B1, T-B2: damaged rows end real GC, where they count for it; ours goes on without them")
  func damaged() {
    let rows = [row(1, installed: .integer(5)), row(2, archive: .real(1.5))]
    let found = run(rows, limits(0, 0, 0))
    #expect(
      found.error == "Invalid column type Real at index: 0, name: COALESCE(SUM(archive_bytes), 0)")
    #expect(found.steps.isEmpty)
    let kind = run([row(1, installed: .integer(5))], limits(0, 0, 0), fault: [1: "unknown"])
    #expect(kind.error == "unknown" && kind.steps.isEmpty)
    #expect(run([row(1, installed: .integer(5))], limits(9, 9, 9), fault: [1: "x"]).error == nil)
    let ours = CollectionRun(
      rows, limits(0, 0, 0), .ours,
      candidates: { phase in
        CollectionOrder.ids(rows, phase) { _ in true }
          .map { CollectionCandidate(id: $0, fault: $0 == 2 ? "x" : nil) }
      }, remove: { _, _ in nil })
    #expect(ours.steps.map(\.id) == [1] && ours.error == nil)
  }

  @Test("what both phases hold counts down by itself: a negative archive does not keep the rest")
  func bothCountDown() {
    let rows =
      [
        row(1, installed: .integer(50)), row(2, archive: .integer(60)),
        row(3, archive: .integer(9)),
      ]
      + [row(4, archive: .integer(-1000))]
    // The archives sum up to nothing; what is stuck in the first phase is over the limit all the same.
    let found = run(rows, limits(1000, 1000, 0), stuck: [1])
    #expect(found.steps.map(\.id) == [2] && found.installed == 50)
  }

  @Test("a phase that fails leaves the one before it as it is")
  func secondFails() {
    let rows = [row(1, installed: .integer(5)), row(2, archive: .integer(5))]
    let found = run(rows, limits(0, 0, 0), fault: [2: "bad"])
    #expect(found.steps.map(\.id) == [1] && found.error == "bad")
  }
}
