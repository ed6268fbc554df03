import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Findings")
struct FindingTests {
  private func judged(_ verdict: LeaseVerdict, entry: Int64?, bytes: Int64, row: Int64)
    -> JudgedLease
  {
    var lease = Lease(
      id: LeaseID(entryID: entry, holderPID: 7, nonce: UInt64(row)), rowID: row, refcount: 1,
      acquiredAt: 1, entry: nil)
    lease.entry = Lease.EntryName(kind: "packages", stem: "s", version: "v", bytes: bytes)
    return JudgedLease(lease: lease, judgement: Judgement(verdict, "why"))
  }

  @Test("K10: bytes of an entry with several leases count once, for each verdict")
  func bytesOnce() {
    let tally = LeaseTally(
      JudgedLeases([
        judged(.dead, entry: 1, bytes: 5, row: 1), judged(.dead, entry: 1, bytes: 5, row: 2),
        judged(.dead, entry: 2, bytes: .max, row: 3), judged(.alien, entry: 1, bytes: 5, row: 4),
      ]))
    #expect(tally.groups[.dead]?.count == 3 && tally.groups[.dead]?.bytes == .max)
    #expect(tally.groups[.alien]?.bytes == 5)
  }

  @Test("K10: what must come first comes first, errors before warnings, notes last")
  func order() {
    var facts = FindingFacts()
    facts.leases = LeaseTally(
      JudgedLeases([
        judged(.alien, entry: 1, bytes: 1, row: 1), judged(.dead, entry: 2, bytes: 1, row: 2),
      ]))
    var statistics = Statistics()
    statistics.ghosts = [3]
    statistics.zombies = 1
    facts.statistics = statistics
    facts.migrations = MigrationStatus(
      items: [
        .init(id: "m002", state: .pending, summary: nil, statements: []),
        .init(id: "m003", state: .unrecorded, summary: nil, statements: []),
      ], legacySchemaVersion: nil, obstacles: [])
    #expect(
      facts.findings.map(\.id) == [
        "migration_pending", "lease_dead", "pinned_drift", "lease_alien", "zombie_entry",
      ])
    #expect(facts.findings.problemCount == 4)
    #expect(facts.findings[2].place.filter == "id:3")
  }

  @Test("K10: where nothing can be changed, no fix is offered that changes something")
  func unchangeable() {
    var facts = FindingFacts()
    facts.leases = LeaseTally(
      JudgedLeases([
        judged(.dead, entry: 2, bytes: 1, row: 2), judged(.alien, entry: 2, bytes: 1, row: 3),
      ]))
    facts.isUnchangeable = true
    #expect(facts.findings.map { $0.fix?.words } == [nil, ["leases"]])
    facts.isUnchangeable = false
    facts.migrations = MigrationStatus(
      items: [.init(id: "m999", state: .unknown, summary: nil, statements: [])],
      legacySchemaVersion: nil, obstacles: [])
    #expect(facts.findings.map(\.id) == ["schema_newer", "lease_dead", "lease_alien"])
    #expect(facts.findings[1].fix == nil)
  }

  @Test(
    "A path is plain only where nothing about it needs a closer look",
    arguments: [
      ("archives/a/b", true), ("archives/a/b/c.bin", true), ("/c/archives/a/b", true),
      ("/c", false), ("/c/", false), ("/cc/archives/a/b", false), ("/d/archives/a/b", false),
      ("a/b", false), ("", false), ("a/../b/c", false), ("a/./b/c", false), ("a//b/c", false),
      ("a/b/c/", false), ("a/b/.c", false), ("a/b/\u{e9}", false),
    ])
  func plainPath(path: String, isPlain: Bool) {
    #expect(PlainPath.isPlain(Array(path.utf8), root: Array("/c".utf8)) == isPlain)
  }
}
