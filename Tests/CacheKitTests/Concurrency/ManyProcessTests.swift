import CacheKit
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Real processes on one cache. Counts are a part of what the cases name, so that the suite stays
/// short; each count stands in its test's name.
@Suite("Many processes at once", .serialized)
struct ManyProcessTests {
  /// Starts actors that all wait, lets them go together, and gives their answers.
  private func together(
    _ count: Int, _ verb: String, _ cache: TemporaryCache, _ argument: String = "",
    meanwhile: () throws -> Void = {}
  ) throws -> [String] {
    let actors = try (0..<count).map { _ in try ActorProcess(verb, cache.location, argument) }
    for actor in actors { try #require(actor.line() == "ready") }
    for actor in actors { actor.proceed() }
    try meanwhile()
    return actors.map { $0.line() ?? "(nothing)" }
  }

  @Test(
    "M2, T-C4: 16 processes migrate one legacy index at once: each step is applied once, no error",
    arguments: [Fixture.legacyVA, .legacyVAMigrated, .legacyVC])
  func migrators(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    let answers = try together(16, "open", cache)
    #expect(answers.allSatisfy { $0.hasPrefix("ok ") }, "\(answers)")
    let steps = answers.flatMap { $0.dropFirst(3).split(separator: ",").map(String.init) }
    #expect(
      steps.filter { $0 == "cachescope_001_leases_holder_nonce=applied" }.count
        == (fixture == .legacyVC ? 0 : 1))
    let done = steps.filter { !$0.hasSuffix("already_applied") }
    #expect(Set(done).count == done.count, "\(done)")
    #expect(try RawIndex.column(cache.index, "PRAGMA integrity_check") == ["ok"])
    let fresh = try TemporaryCache.filled(1)
    #expect(try RawIndex(cache.index).shape() == RawIndex(fresh.index).shape())
  }

  @Test("M2: 16 processes open a cache that is not there yet: no error, one whole index")
  func firstOpeners() throws {
    let cache = try TemporaryCache(makesRoot: false)
    let answers = try together(16, "open", cache)
    #expect(answers.allSatisfy { $0.hasPrefix("ok ") }, "\(answers)")
    let records = try RawIndex.column(cache.index, "SELECT COUNT(*) FROM schema_migrations")
    #expect(records == ["3"])
    #expect(try RawIndex.column(cache.index, "PRAGMA integrity_check") == ["ok"])
  }

  @Test(
    "T-K1, R4: 8 processes x 100 touches, pins and unpins lose nothing; the refcounts are exact")
  func churn() throws {
    let (processes, rounds) = (8, 100)
    let cache = try TemporaryCache.filled(4)
    let keepsOpen = try RawIndex(cache.index)
    let inspected = try DiskCache.inspect(at: cache.location)
    var tokens: Set<ChangeToken> = []
    let answers = try together(processes, "churn", cache, "\(rounds)") {
      for _ in 0..<20 { tokens.insert(try inspected.changeToken()) }
      _ = try inspected.statistics()
    }
    #expect(answers.allSatisfy { $0 == "ok \(rounds)" }, "\(answers)")
    let sums =
      "SELECT entry_id || ' ' || SUM(refcount) || ' ' || COUNT(*) FROM leases GROUP BY entry_id"
    let each = processes * rounds / 4
    #expect(try keepsOpen.column(sums) == (1...4).map { "\($0) \(each) \(processes)" })
    let entries = "SELECT pinned || ' ' || use_count FROM entries"
    #expect(try keepsOpen.column(entries) == (1...4).map { _ in "\(each) \(each)" })
    #expect(try keepsOpen.column("PRAGMA integrity_check") == ["ok"])
    #expect(try !tokens.contains(inspected.changeToken()))
  }

  @Test(
    "T-D21: 8 reapers at once drop each dead lease once, and the new lease of a live one survives")
  func reapers() throws {
    let cache = try TemporaryCache.filled(3)
    // No process can have an id past the kernel's largest.
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases VALUES (1, 4194305, 7, 3, 100), (2, 4194306, 7, 1, 100);
      UPDATE entries SET pinned = 9 WHERE id < 3
      """)
    let disk = try DiskCache.openExisting(at: cache.location)
    let entry = try #require(try disk.entry(2))
    var held: [HeldLease] = []
    let answers = try together(8, "reap", cache) {
      for _ in 0..<10 {
        try disk.lease(entry).release()
        held.append(try disk.lease(entry))
      }
    }
    #expect(answers.allSatisfy { $0.hasPrefix("ok") }, "\(answers)")
    let dropped = answers.flatMap { $0.dropFirst(3).split(separator: ",") }.sorted()
    #expect(dropped == ["1:4194305:7", "2:4194306:7"])
    #expect(try disk.entry(2)?.refcount == 10 && disk.entry(2)?.pinned == 10)
    #expect(try disk.entry(1)?.pinned == 0)
    for lease in held { try lease.release() }
  }

  @Test(
    "R3: while a writer commits and checkpoints, 300 opens never fail and never see half a commit")
  func readerBesideWriter() throws {
    let cache = try TemporaryCache.filled(100)
    let writer = try ActorProcess("commit", cache.location)
    try #require(writer.line() == "ready")
    writer.proceed()
    var sources: Set<IndexSource> = []
    var counts: Set<Int64> = []
    for _ in 0..<300 {
      let inspected = try DiskCache.inspect(at: cache.location)
      var uses: Set<Int64> = []
      var rows = 0
      let damage = try inspected.forEachEntry(EntryQuery()) { entry in
        uses.insert(entry.useCount ?? -1)
        rows += 1
      }
      #expect(damage == nil && rows == 100 && uses.count == 1, "torn: \(uses)")
      counts.formUnion(uses)
      if let source = inspected.source { sources.insert(source) }
    }
    writer.proceed()
    #expect(writer.line()?.hasPrefix("ok ") == true)
    #expect(counts.count > 20, "the writer went on meanwhile")
    #expect(try RawIndex.column(cache.index, "PRAGMA integrity_check") == ["ok"])
  }

  @Test("R3: one inspection that stays open follows a writer's commits and never goes back")
  func longReader() throws {
    let cache = try TemporaryCache.filled(50)
    let writer = try ActorProcess("commit", cache.location)
    try #require(writer.line() == "ready")
    let inspected = try DiskCache.inspect(at: cache.location)
    writer.proceed()
    var last: Int64 = 0
    var changes = 0
    for _ in 0..<300 {
      let entries = try inspected.entries(ids: [1, 25, 50])
      let uses = Set(entries.map { $0.useCount ?? -1 })
      #expect(entries.count == 3 && uses.count == 1, "torn: \(uses)")
      let now = uses.first ?? 0
      #expect(now >= last)
      if now > last { changes += 1 }
      last = now
    }
    writer.proceed()
    #expect(writer.line()?.hasPrefix("ok ") == true && changes > 20)
  }

  @Test("a lease of a killed process stays until it is reaped, and then pinned follows")
  func killedHolder() throws {
    let cache = try TemporaryCache.filled(1)
    let holder = try ActorProcess("lease", cache.location, "1")
    let line = try #require(holder.line())
    try #require(line.hasPrefix("held 1:\(holder.pid):"))
    let context = ActionContext(location: cache.location)
    #expect(try ReleaseLeases(.stuck).perform(in: context).released.isEmpty)
    holder.kill()
    let disk = try DiskCache.openExisting(at: cache.location)
    #expect(try disk.entry(1)?.pinned == 1)
    #expect(try disk.reap().map { "held \($0.lease.id)" } == [line])
    #expect(try disk.entry(1)?.pinned == 0 && disk.entry(1)?.refcount == 0)
  }
}
