import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A list of leases keeps a few bytes of each row, and makes the same rows from them.
@Suite("Leases in little room")
struct JudgedLeasesTests {
  private func make() throws -> (TemporaryCache, ActionContext) {
    let cache = try TemporaryCache.filled(4)
    let nonce = Int64(bitPattern: DurablePin.nonce(uid: 12345))
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET url = 'https://e.org/a', archive_path = 'archives/a', stem = x'ff00'
        WHERE id = 3;
      INSERT INTO leases VALUES (1, 4194305, 1700000000000000000, 2, 1700000000),
        (2, 4194305, 1700000000000000001, 1, 1700000000), (1, \(getpid()), 5, 1, 1700000000),
        (77, 4194305, 6, 1, 1700000000), (3, 4194305, 7, 1, 1700000000),
        (2, 0, 8, 1, 5), (2, -4, 9, 1, 5), (4, 4194305, 10, -3, 5), ('x', 'y', 'z', 'r', 't'),
        (4, 0, \(nonce), 1, 5), (4, 1, \(nonce), 1, 5), (1, 4194306, 11, 1, 1700000000)
      """)
    return (cache, ActionContext(location: cache.location, options: .at(1_700_000_100)))
  }

  /// What stays the same between two looks at a process that runs meanwhile.
  private struct Said: Equatable {
    var lease: Lease
    var verdict: LeaseVerdict
    var evidence: String
    var holder: Int64?

    init(_ row: JudgedLease) {
      lease = row.lease
      verdict = row.judgement.verdict
      evidence = row.judgement.evidence
      holder = row.judgement.holder?.pid
    }
  }

  @Test("each row says what it says where all of it is kept, and the pair of a pin is one row")
  func sameRows() throws {
    let (cache, context) = try make()
    let leases = try ListLeases().perform(in: context).leases
    let whole = JudgedLease.judge(
      try DiskCache.inspect(at: cache.location).leases(), context)
    #expect(leases.count == 11 && leases.map(Said.init) == whole.map(Said.init))
    #expect(
      leases.map { leases.verdict(at: leases.place(ofRow: $0.lease.rowID) ?? 0) }
        == whole.map(\.judgement.verdict))
    for (place, row) in whole.enumerated() {
      #expect(
        leases.place(ofRow: row.lease.rowID) == place && leases.name(at: place) == row.lease.id)
    }
    #expect(leases.place(ofRow: 99) == nil && leases.place(ofRow: -1) == nil)
    #expect(leases.saysSame(as: JudgedLeases(whole)) == false, "kept whole is told apart")
    #expect(leases.saysSame(as: try ListLeases().perform(in: context).leases))
  }

  @Test("counts by verdict, bytes once for each entry, and the leases of an entry")
  func groups() throws {
    let (cache, context) = try make()
    defer { withExtendedLifetime(cache) {} }
    let leases = try ListLeases().perform(in: context).leases
    for (verdict, count) in leases.counts {
      let rows = leases.filter { $0.judgement.verdict == verdict }
      let entries = Dictionary(rows.map { ($0.lease.id.entryID, $0.lease.entry?.bytes ?? 0) }) {
        first, _ in first
      }
      #expect(count == rows.count && leases.group(verdict).bytes == entries.values.reduce(0, +))
    }
    let stuck = leases.filter(\.judgement.verdict.isProvablyStuck)
    #expect(leases.stuck.count == stuck.count)
    #expect(leases.rows(where: \.isProvablyStuck) == Array(stuck))
    for id in [Int64(1), 2, 3, 4, 77, 99] {
      let rows = leases.places(onEntry: id).map { leases[Int($0)].lease.id.entryID }
      #expect(rows == leases.map(\.lease.id.entryID).filter { $0 == id })
    }
    #expect(leases.entryCount == 4, "an entry that is gone does not count")
  }

  @Test("more stuck leases than the journal holds are released all the same, without an undo")
  func manyStuck() throws {
    let cache = try TemporaryCache.filled(3)
    try RawIndex.run(
      cache.index,
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
      INSERT INTO leases SELECT 1 + i % 3, 4194305 + i, 1700000000000000000 + i, 1, 1700000000 FROM n
      """)
    var context = ActionContext(location: cache.location)
    let journal = Journal(path: cache.root.removingLastComponent().appending("many.jsonl"))
    context.journal = journal
    let report = try RunDoctor(fixes: true).perform(in: context)
    #expect(report.released?.releasedCount == 6000 && report.released?.outcomes.isEmpty == true)
    #expect(try RawIndex.column(cache.index, "SELECT COUNT(*) FROM leases") == ["0"])
    #expect(try RawIndex.column(cache.index, "SELECT SUM(pinned) FROM entries") == ["0"])
    #expect(journal.read().lines.last?.undoObstacle?.contains("too many rows") == true)
  }
}
