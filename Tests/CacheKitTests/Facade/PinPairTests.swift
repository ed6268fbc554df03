import CacheKit
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A pin has two rows, since no single one survives the GC of all releases of fbuild.
@Suite("Durable pins as pairs of rows")
struct PinPairTests {
  private static let now: Int64 = 1_700_000_000

  private func make(_ count: Int = 3) throws -> (TemporaryCache, ActionContext) {
    let cache = try TemporaryCache.filled(count)
    return (cache, ActionContext(location: cache.location, options: .at(Self.now)))
  }

  private func rows(_ cache: TemporaryCache) throws -> [String] {
    try RawIndex.column(
      cache.index, "SELECT entry_id || ':' || holder_pid FROM leases ORDER BY 1")
  }

  private func pinned(_ cache: TemporaryCache) throws -> [String] {
    try RawIndex.column(cache.index, "SELECT pinned FROM entries ORDER BY id")
  }

  /// As a GC of fbuild reaps: the rows of one process id go, and every `pinned` is recomputed.
  private func reap(_ pids: String, _ cache: TemporaryCache) throws {
    try RawIndex.run(
      cache.index,
      """
      DELETE FROM leases WHERE holder_pid IN (\(pids));
      UPDATE entries SET pinned = (SELECT COALESCE(SUM(refcount), 0) FROM leases
        WHERE entry_id = entries.id)
      """)
  }

  private func findings(_ context: ActionContext) throws -> [String] {
    try ShowStatus().perform(in: context).findings.map(\.id).filter { $0.contains("pin") }
  }

  @Test(
    "a row that a GC took is told by a look, and put back by the next change, which says so",
    arguments: ["1", "0"])
  func halves(pid: String) throws {
    let (cache, context) = try make()
    _ = try PinEntries(ids: [1], reason: "kept").perform(in: context)
    try reap(pid, cache)
    let before = CacheSnapshot(cache.root)
    #expect(try findings(context) == ["pin_half"])
    let lease = try #require(try ListLeases().perform(in: context).leases.first)
    #expect(lease.judgement.verdict == .pin && lease.lease.isHalfPin)
    #expect(lease.judgement.evidence.contains("one of its two rows is missing"))
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
    let said = Said()
    var speaking = context
    speaking.onPinsRestored = { said.note($0.sentence) }
    _ = try PinEntries(ids: [3]).perform(in: speaking)
    #expect(said.sentences == ["put back the second row of the durable pin on entry 1"])
    #expect(try rows(cache) == ["1:0", "1:1", "3:0", "3:1"])
    #expect(try pinned(cache) == ["2", "0", "2"])
    #expect(try findings(context) == [])
    #expect(try ListLeases().perform(in: context).leases.map(\.lease.pinReason) == ["kept", nil])
  }

  @Test("a pin whose rows both went is put back while its entry is the one that was pinned")
  func lost() throws {
    let (cache, context) = try make()
    _ = try PinEntries(ids: [1, 2], reason: "kept").perform(in: context)
    try reap("0, 1", cache)
    #expect(try pinned(cache) == ["0", "0", "0"])
    // Fetched anew since: what was pinned is gone.
    try RawIndex.run(
      cache.index, "UPDATE entries SET archived_at = \(Self.now + 5) WHERE id = 2")
    #expect(try findings(context) == ["pin_lost"])
    let report = try RunDoctor(fixes: true).perform(in: context)
    #expect(report.completed?.lostEntries == [1])
    #expect(try rows(cache) == ["1:0", "1:1"])
    #expect(try pinned(cache) == ["2", "0", "0"])
    #expect(try findings(context) == [])
  }

  @Test("a pin of one row, as earlier versions wrote it, is completed for whomever it belongs to")
  func single() throws {
    let (cache, context) = try make(2)
    let other = Int64(bitPattern: DurablePin.nonce(uid: 12345))
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases VALUES (2, 1, \(other), 1, 5);
      UPDATE entries SET pinned = 1 WHERE id = 2
      """)
    #expect(try findings(context) == ["pin_half"])
    #expect(try RunDoctor(fixes: true).perform(in: context).completed?.halves.count == 1)
    #expect(try rows(cache) == ["2:0", "2:1"])
    #expect(try pinned(cache) == ["0", "2"])
  }

  @Test(
    "an unpin, a forced release or an undo takes both rows, and nothing puts them back",
    arguments: ["unpin", "release", "release by the other name", "undo"])
  func removed(way: String) throws {
    let cache = try TemporaryCache.filled(2)
    var context = ActionContext(location: cache.location, options: .at(Self.now))
    let journal = Journal(path: cache.root.removingLastComponent().appending("\(UUID()).jsonl"))
    defer { try? FileManager.default.removeItem(atPath: journal.path.string) }
    context.journal = journal
    _ = try PinEntries(ids: [1], reason: "x").perform(in: context)
    let nonce = DurablePin.nonce(uid: getuid())
    func release(_ pid: Int64) throws {
      let id = LeaseID(entryID: 1, holderPID: pid, nonce: nonce)
      let report = try ReleaseLeases(.named([id]), force: true).perform(in: context)
      #expect(report.released.count == 1)
    }
    switch way {
    case "unpin": _ = try UnpinEntries(ids: [1]).perform(in: context)
    case "undo": _ = try UndoChange(#require(journal.read().lines.last)).perform(in: context)
    default: try release(way == "release" ? 1 : 0)
    }
    #expect(try rows(cache) == [] && pinned(cache) == ["0", "0"])
    _ = try PinEntries(ids: [2]).perform(in: context)
    #expect(try rows(cache) == ["2:0", "2:1"])
  }

  @Test("an undo of an unpin brings the pair back, and an undo of a pin of one row takes both")
  func undone() throws {
    let cache = try TemporaryCache.filled(1)
    var context = ActionContext(location: cache.location, options: .at(Self.now))
    let journal = Journal(path: cache.root.removingLastComponent().appending("\(UUID()).jsonl"))
    defer { try? FileManager.default.removeItem(atPath: journal.path.string) }
    context.journal = journal
    _ = try PinEntries(ids: [1], reason: "x", until: Self.now + 50).perform(in: context)
    _ = try UnpinEntries(ids: [1]).perform(in: context)
    _ = try UndoChange(#require(journal.read().lines.last)).perform(in: context)
    #expect(try rows(cache) == ["1:0", "1:1"] && pinned(cache) == ["2"])
    let lease = try #require(try DiskCache.inspect(at: cache.location).leases().first)
    #expect(lease.pinReason == "x" && lease.pinUntil == Self.now + 50)
    // The line of an earlier version: one row was added.
    let line = try #require(journal.read().lines.first)
    var old = line
    old.after = line.after.filter { row in
      switch row {
      case .lease(let lease): lease.holderPID == 1
      case .entry: true
      case .note: false
      }
    }
    _ = try UndoChange(old).perform(in: context)
    #expect(try rows(cache) == [] && pinned(cache) == ["0"])
  }

  @Test("rows of pid 0 that are not ours are judged as before, and completed by nobody")
  func strangers() throws {
    let (cache, context) = try make(1)
    try RawIndex.run(
      cache.index,
      "INSERT INTO leases VALUES (1, 0, 7, 1, 5); UPDATE entries SET pinned = 1 WHERE id = 1")
    let judged = try #require(try ListLeases().perform(in: context).leases.first)
    #expect(judged.judgement.verdict == .unknown && !judged.lease.problems.isEmpty)
    _ = try UnpinEntries(ids: [1]).perform(in: context)
    #expect(try rows(cache) == ["1:0"])
  }

  @Test("a pair of other refcounts counts as the larger one, and only a real ghost is one")
  func refcounts() throws {
    let (cache, context) = try make(2)
    let nonce = Int64(bitPattern: DurablePin.nonce(uid: 7))
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases VALUES (1, 1, \(nonce), 2, 5), (1, 0, \(nonce), 5, 5),
        (2, 1, \(nonce), 1, 5), (2, 0, \(nonce), 1, 5);
      UPDATE entries SET pinned = 7 WHERE id = 1
      """)
    let entries = try DiskCache.inspect(at: cache.location).entries(ids: [1, 2])
    #expect(entries.map(\.refcount) == [5, 1] && entries.map(\.leaseCount) == [1, 1])
    #expect(entries.map(\.pinned) == [5, 0] && entries.map(\.isGhost) == [false, true])
    #expect(try ShowStatus().perform(in: context).statistics.ghosts == [2])
    let query = EntryQuery(sort: .leases, isDescending: true)
    #expect(try DiskCache.inspect(at: cache.location).entryIDs(query) == [1, 2])
    let byPins = EntryQuery(sort: .pinned, isDescending: true)
    #expect(try DiskCache.inspect(at: cache.location).entryIDs(byPins) == [1, 2])
  }
}

@Suite("Pins with an end")
struct PinEndTests {
  private static let now: Int64 = 1_700_000_000

  @Test("an end is shown, found when it is over, and taken off by the doctor alone")
  func over() throws {
    let cache = try TemporaryCache.filled(2)
    let context = ActionContext(location: cache.location, options: .at(Self.now))
    _ = try PinEntries(ids: [1], until: Self.now + 10).perform(in: context)
    _ = try PinEntries(ids: [2]).perform(in: context)
    let evidence = try ListLeases().perform(in: context).leases[0].judgement.evidence
    #expect(evidence.contains("until "))
    let later = ActionContext(location: cache.location, options: .at(Self.now + 10))
    let found = try ShowStatus().perform(in: later).findings.filter { $0.id == "pin_over" }
    #expect(found.map(\.subject) == ["1 durable pin"])
    #expect(found.map { $0.fix?.words } == [["doctor", "--fix"]])
    let report = try RunDoctor(fixes: true).perform(in: later)
    #expect(report.unpinned?.changed.map(\.id) == [1])
    let left = try DiskCache.inspect(at: cache.location).leases()
    #expect(left.map(\.id.entryID) == [2])
    #expect(try ShowStatus().perform(in: later).findings.allSatisfy { !$0.id.contains("pin") })
  }

  @Test("an end that is over already is refused; a later pin without one keeps it")
  func refused() throws {
    let cache = try TemporaryCache.filled(1)
    let context = ActionContext(location: cache.location, options: .at(Self.now))
    let error = #expect(throws: CacheError.self) {
      try PinEntries(ids: [1], until: Self.now).perform(in: context)
    }
    #expect(error?.code == .invalidInput)
    _ = try PinEntries(ids: [1], until: Self.now + 9).perform(in: context)
    _ = try PinEntries(ids: [1], reason: "why").perform(in: context)
    let lease = try #require(try DiskCache.inspect(at: cache.location).leases().first)
    #expect(lease.pinUntil == Self.now + 9 && lease.pinReason == "why")
  }

  @Test(
    "dates and spans are read, and nothing else",
    arguments: [
      ("14d", Int64(14 * 86_400)), ("12h", 12 * 3600), ("2w", 14 * 86_400), ("", nil), ("0d", nil),
      ("14", nil), ("2027-02-30", nil), ("2027-13-01", nil), ("27-01-01", nil), ("soon", nil),
      ("2027-01-31 25:00", nil), ("2027-01-31 10:00 x", nil), ("-5d", nil),
      ("99999999999999999w", nil), ("2027-1-1", nil), ("２０２７-01-01", nil),
    ] as [(String, Int64?)])
  func forms(text: String, span: Int64?) {
    #expect(PinEnd.parse(text, now: Self.now) == span.map { Self.now + $0 })
  }

  @Test("a day is kept to its end, and an end is written as it is read")
  func days() throws {
    let day = try #require(PinEnd.parse("2027-01-31", now: Self.now))
    #expect(PinEnd.parse("2027-02-01 00:00", now: Self.now) == day)
    #expect(PinEnd.parse(PinEnd.text(day), now: Self.now) == day)
    #expect(PinEnd.parse("2027-01-31T18:30", now: Self.now) == day - 5 * 3600 - 1800)
  }
}

/// What was said.
private final class Said: @unchecked Sendable {
  private let lock = NSLock()
  private var all: [String] = []

  func note(_ sentence: String) { lock.withLock { all.append(sentence) } }
  var sentences: [String] { lock.withLock { all } }
}
