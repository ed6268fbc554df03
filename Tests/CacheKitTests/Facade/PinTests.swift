import CacheKit
import Foundation
import TestSupport
import Testing

@Suite("Pins, releases and repairs")
struct PinTests {
  private func make(_ count: Int = 3) throws -> (TemporaryCache, ActionContext) {
    let cache = try TemporaryCache.filled(count)
    return (cache, ActionContext(location: cache.location, options: .at(1_700_000_000)))
  }

  private func leases(_ cache: TemporaryCache) throws -> [Lease] {
    try DiskCache.inspect(at: cache.location).leases()
  }

  @Test("a pin is one lease of two rows that counts once and everybody can recognise")
  func pin() throws {
    let (cache, context) = try make()
    let report = try PinEntries(ids: [2, 3], reason: "release build").perform(in: context)
    #expect(report.changed.map(\.id) == [2, 3] && report.missing.isEmpty)
    #expect(report.changed.allSatisfy { $0.pinned == 1 && $0.refcount == 1 && !$0.isGhost })
    let found = try leases(cache)
    #expect(
      found.allSatisfy { DurablePin($0.id)?.uid == getuid() && $0.acquiredAt == 1_700_000_000 })
    #expect(found.map(\.pinReason) == ["release build", "release build"])
    let judged = try ListLeases().perform(in: context).leases
    #expect(judged.allSatisfy { $0.judgement.verdict == .pin && $0.lease.problems.isEmpty })
    let rows = "SELECT entry_id || ':' || holder_pid || ':' || refcount FROM leases ORDER BY 1"
    #expect(try RawIndex.column(cache.index, rows) == ["2:0:1", "2:1:1", "3:0:1", "3:1:1"])
    // As fbuild recomputes it: the sum of both rows.
    #expect(try RawIndex.column(cache.index, "SELECT pinned FROM entries") == ["0", "2", "2"])
    let status = try ShowStatus().perform(in: context)
    #expect(status.findings.filter { $0.id.contains("pin") } == [])
    #expect(status.verdicts == [.pin: 2])
  }

  @Test(
    "a second pin changes the reason and the end, and says so; an id without an entry stops the whole change"
  )
  func repeated() throws {
    let (cache, context) = try make()
    _ = try PinEntries(ids: [1], reason: "first").perform(in: context)
    let none = try PinEntries(ids: [2, 99], reason: "x").perform(in: context)
    #expect(none.changed.isEmpty && none.unchanged.isEmpty && none.missing == [99])
    let again = try PinEntries(ids: [1], reason: "second").perform(in: context)
    #expect(again.changed.map(\.id) == [1] && again.unchanged.isEmpty)
    let same = try PinEntries(ids: [1], reason: "second").perform(in: context)
    #expect(same.changed.isEmpty && same.unchanged.map(\.id) == [1])
    #expect(try leases(cache).map(\.refcount) == [1])
    #expect(try RawIndex.column(cache.index, "SELECT pinned FROM entries") == ["2", "0", "0"])
    #expect(try leases(cache).map(\.pinReason) == ["second"])
    _ = try PinEntries(ids: [1]).perform(in: context)
    #expect(try leases(cache).map(\.pinReason) == ["second"], "no reason keeps the earlier one")
  }

  @Test("unpin takes every user's pin and reason, and no lease of a process")
  func unpin() throws {
    let (cache, context) = try make()
    let disk = try DiskCache.openExisting(at: cache.location)
    let held = try disk.lease(try #require(try disk.entry(1)))
    _ = try PinEntries(ids: [1], reason: "mine").perform(in: context)
    let other = Int64(bitPattern: DurablePin.nonce(uid: 12345))
    try RawIndex.run(cache.index, "INSERT INTO leases VALUES (1, 1, \(other), 1, 5)")
    let report = try UnpinEntries(ids: [1, 2]).perform(in: context)
    #expect(report.changed.map(\.id) == [1] && report.unchanged.map(\.id) == [2])
    #expect(try leases(cache).map(\.id) == [held.id])
    #expect(try disk.entry(1)?.pinned == 1)
    let notes = "SELECT COUNT(*) FROM cache_meta WHERE key <> 'schema_version'"
    #expect(try RawIndex.column(cache.index, notes) == ["0"])
    try held.release()
  }

  @Test("a pin's reason does not pass to the next entry of the same name, nor to a later pin")
  func staleReason() throws {
    let (cache, context) = try make(1)
    _ = try PinEntries(ids: [1], reason: "old").perform(in: context)
    // As fbuild evicts: the row goes, its leases with it, the note stays.
    try RawIndex.run(cache.index, "PRAGMA foreign_keys = ON; DELETE FROM entries")
    try cache.add(1...1)
    // As fbuild records what it fetches.
    try RawIndex.run(cache.index, "UPDATE entries SET archived_at = 1700000001")
    #expect(try ShowEntry(id: 1).perform(in: context).pinReasons == [:])
    _ = try PinEntries(ids: [1]).perform(in: context)
    #expect(try ShowEntry(id: 1).perform(in: context).pinReasons == [:])
    #expect(try leases(cache).map(\.pinReason) == [nil])
  }

  @Test("an entry that was replaced under its id since it was shown is not pinned in its place")
  func replaced() throws {
    let (cache, context) = try make(1)
    let shown = try DiskCache.inspect(at: cache.location).entries(ids: [1])
    try RawIndex.run(cache.index, "UPDATE entries SET hash = 'ffffffffffffffff'")
    for action in [PinEntries(shown)] {
      let error = #expect(throws: CacheError.self) { try action.perform(in: context) }
      #expect(error?.code == .notFound)
    }
    #expect(throws: CacheError.self) { try UnpinEntries(shown).perform(in: context) }
    #expect(try leases(cache).isEmpty)
  }

  @Test("T-D17: a repair sets pinned to what the leases hold, and leaves what is right alone")
  func repair() throws {
    let (cache, context) = try make()
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET pinned = 4 WHERE id = 1;
      INSERT INTO leases VALUES (2, 4194305, 1, 2, 5), (2, 4194306, 1, -7, 5)
      """)
    #expect(try DiskCache.inspect(at: cache.location).statistics().ghosts == [1, 2])
    let report = try RepairPins(ids: [1, 2, 3]).perform(in: context)
    #expect(report.changed.map(\.pinned) == [0, 2] && report.unchanged.map(\.id) == [3])
    #expect(try DiskCache.inspect(at: cache.location).statistics().ghosts.isEmpty)
  }

  @Test("nothing is changed by a context that is read-only, and no file is made")
  func readOnly() throws {
    let (cache, context) = try make()
    var reader = context
    reader.isReadOnly = true
    let before = CacheSnapshot(cache.root)
    #expect(throws: CacheError.self) { try PinEntries(ids: [1]).perform(in: reader) }
    #expect(throws: CacheError.self) { try RunMigrations().perform(in: reader) }
    #expect(throws: CacheError.self) { try ReleaseLeases(.stuck).perform(in: reader) }
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }
}

@Suite("Releasing leases")
struct ReleaseTests {
  /// Entry 1 with a dead lease of refcount 3, entry 2 with one of this process, and an orphan.
  private func make() throws -> (TemporaryCache, ActionContext) {
    let cache = try TemporaryCache.filled(2)
    let now = Int64(Date().timeIntervalSince1970)
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases VALUES (1, 4194305, \(now)000000000, 3, \(now)),
        (2, \(getpid()), \(now)000000000, 2, \(now)), (77, \(getpid()), 5, 1, \(now));
      UPDATE entries SET pinned = 3 WHERE id = 1; UPDATE entries SET pinned = 2 WHERE id = 2
      """)
    return (cache, ActionContext(location: cache.location))
  }

  private func pinned(_ cache: TemporaryCache) throws -> [String] {
    try RawIndex.column(cache.index, "SELECT pinned FROM entries ORDER BY id")
  }

  @Test("L2: stuck releases the dead and the orphaned, and nothing else")
  func stuck() throws {
    let (cache, context) = try make()
    let report = try ReleaseLeases(.stuck).perform(in: context)
    #expect(report.released.map(\.lease.id.entryID).sorted { $0 ?? 0 < $1 ?? 0 } == [1, 77])
    #expect(try pinned(cache) == ["0", "2"])
    #expect(try ReleaseLeases(.stuck).perform(in: context).outcomes.isEmpty)
  }

  @Test("L3: a lease whose holder may be alive needs force; a refusal writes nothing")
  func force() throws {
    let (cache, context) = try make()
    let lease = try #require(
      try DiskCache.inspect(at: cache.location).leases(ofEntry: 2).first)
    let before = CacheSnapshot(cache.root)
    let refused = try ReleaseLeases(.named([lease.id])).perform(in: context)
    #expect(refused.skipped.count == 1 && refused.skipped[0].reason.contains("--force"))
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
    let forced = try ReleaseLeases(.named([lease.id]), force: true).perform(in: context)
    #expect(forced.released.count == 1)
    #expect(try pinned(cache) == ["3", "0"])
  }

  @Test("one takes a single hold, and the last one takes the row")
  func one() throws {
    let (cache, context) = try make()
    let lease = try #require(
      try DiskCache.inspect(at: cache.location).leases(ofEntry: 1).first)
    for expected in [ReleaseLeases.Result.lowered, .lowered, .released] {
      let report = try ReleaseLeases(.named([lease.id]), one: true).perform(in: context)
      #expect(report.outcomes.map(\.result) == [expected])
    }
    #expect(try pinned(cache) == ["0", "2"])
    #expect(try ReleaseLeases(.named([lease.id])).perform(in: context).missing == [lease.id])
  }

  @Test(
    "L2: a row that changed since it was shown is another row, and stays",
    arguments: [
      "refcount = 4", "acquired_at = acquired_at + 1", "holder_nonce = holder_nonce + 1",
      "entry_id = 2",
    ])
  func changed(set: String) throws {
    let (cache, context) = try make()
    let shown = try DiskCache.inspect(at: cache.location).leases(ofEntry: 1)
    try RawIndex.run(cache.index, "UPDATE leases SET \(set) WHERE entry_id = 1")
    let report = try ReleaseLeases(.shown(shown), force: true).perform(in: context)
    #expect(report.released.isEmpty && report.missing.count + report.skipped.count == 1)
    #expect(try RawIndex.column(cache.index, "SELECT COUNT(*) FROM leases") == ["3"])
  }

  @Test("a lease with another verdict than expected stays")
  func expected() throws {
    let (cache, context) = try make()
    let shown = try DiskCache.inspect(at: cache.location).leases(ofEntry: 1)
    let report = try ReleaseLeases(.shown(shown), expected: .zombie).perform(in: context)
    #expect(report.skipped.map(\.reason) == ["expected zombie, found dead"])
    #expect(try pinned(cache) == ["3", "2"])
  }

  @Test("a durable pin is released by force alone, never as stuck")
  func durablePin() throws {
    let (cache, context) = try make()
    _ = try PinEntries(ids: [2]).perform(in: context)
    _ = try ReleaseLeases(.stuck).perform(in: context)
    let pin = try #require(
      try DiskCache.inspect(at: cache.location).leases().first { DurablePin($0.id) != nil })
    #expect(try ReleaseLeases(.named([pin.id])).perform(in: context).skipped.count == 1)
    #expect(
      try ReleaseLeases(.named([pin.id]), force: true).perform(in: context).released.count == 1)
  }

  @Test(
    "T-D12, T-D16: leases with impossible ids and refcounts are listed, named and released",
    arguments: [
      "1, 0, 1, 1, 5", "1, -1, 1, 1, 5", "1, 2147483648, 1, 1, 5", "1, 1099511627776, 1, 1, 5",
      "1, 4194305, 1, 0, 5", "1, 4194305, 1, -3, 5", "1, 4194305, -1, 9223372036854775807, 5",
    ])
  func impossible(values: String) throws {
    let cache = try TemporaryCache.filled(1)
    try RawIndex.run(cache.index, "INSERT INTO leases VALUES (\(values))")
    let context = ActionContext(location: cache.location)
    let judged = try #require(try ListLeases().perform(in: context).leases.first)
    let isPlain = values.contains("4194305, -1")
    #expect(judged.lease.problems.isEmpty == isPlain && !judged.judgement.evidence.isEmpty)
    let report = try ReleaseLeases(.shown([judged.lease]), force: true).perform(in: context)
    #expect(report.released.count == 1)
    #expect(try pinned(cache) == ["0"])
  }
}
