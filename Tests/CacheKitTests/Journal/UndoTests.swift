import CacheKit
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Undo")
struct UndoTests {
  let scratch: Scratch
  let context: ActionContext
  let journal: Journal

  init() throws {
    scratch = try Scratch()
    journal = Journal(path: FilePath(scratch.sub("journal.jsonl")))
    context = ActionContext(
      location: CacheLocation(root: FilePath(scratch.sub("cache"))), journal: journal)
    let cache = try DiskCache.open(at: context.location)
    defer { cache.close() }
    for number in 1...3 {
      try cache.recordInstall(
        kind: .packages, url: "https://example.com/\(number)", version: "1",
        path: FilePath("packages/\(number)"), bytes: 10)
    }
  }

  private func last() throws -> JournalLine {
    try #require(journal.read().lines.last)
  }

  private func sql(_ text: String) throws {
    try RawIndex.run(context.location.index.string, text, checksForeignKeys: true)
  }

  /// Every row of the tables that changes touch, as text.
  private func rows() throws -> [String] {
    try RawIndex.column(
      context.location.index.string,
      """
      SELECT 'e ' || id || ' ' || pinned FROM entries
      UNION ALL SELECT 'l ' || entry_id || ' ' || holder_pid || ' ' || holder_nonce || ' '
        || refcount || ' ' || acquired_at FROM leases
      UNION ALL SELECT 'm ' || key || ' ' || value FROM cache_meta ORDER BY 1
      """)
  }

  @discardableResult
  private func addLease(entry: Int = 1, refcount: Int = 2) throws -> LeaseID {
    try sql(
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      VALUES (\(entry), 4194000, 1795000000000000001, \(refcount), 1795000000);
      UPDATE entries SET pinned = \(refcount) WHERE id = \(entry)
      """)
    return LeaseID(entryID: Int64(entry), holderPID: 4_194_000, nonce: 1_795_000_000_000_000_001)
  }

  @Test("K10: changes of an index that stood at the path before are not shown, and not undone")
  func anotherIndex() throws {
    _ = try PinEntries(ids: [1]).perform(in: context)
    let line = try last()
    let birth = try #require(try context.inspect().birth())
    #expect(journal.read().ofIndex(birth).lines == [line])

    try sql("UPDATE schema_migrations SET applied_at = applied_at - 9 WHERE id LIKE 'm001%'")
    let other = try #require(try context.inspect().birth())
    #expect(other != birth)
    #expect(journal.read().ofIndex(other).lines.isEmpty)
    let before = try rows()
    let error = #expect(throws: CacheError.self) { try UndoChange(line).perform(in: context) }
    #expect(error?.code == .refused)
    #expect(error?.message.contains("another index") == true)
    #expect(try rows() == before)
    #expect(journal.read().ofIndex(other).lines.isEmpty)
  }

  @Test("K10: a line, or an index, that does not say which index it means is taken as before")
  func unknownIndex() throws {
    _ = try PinEntries(ids: [1]).perform(in: context)
    #expect(journal.read().ofIndex(nil).lines.count == 1)
    try sql("UPDATE schema_migrations SET applied_at = 'x' WHERE id LIKE 'm001%'")
    #expect(try context.inspect().birth() == nil)
    _ = try UndoChange(try last()).perform(in: context)
    #expect(journal.read().lines.count == 2)
  }

  @Test("A released lease comes back to the last column, with pinned")
  func release() throws {
    let id = try addLease()
    let before = try rows()
    let report = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    #expect(report.released.count == 1)
    let line = try last()
    #expect(line.action == "release" && line.undoObstacle == nil)
    #expect(line.command == ["release", id.description, "--force"])
    _ = try UndoChange(line).perform(in: context)
    #expect(try rows() == before)
    #expect(try last().undoes == line.id)
    #expect(journal.read().lastChange(of: line.cache) == nil)
  }

  @Test("Many released leases come back at once")
  func many() throws {
    try sql(
      """
      WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
      INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, pinned)
      SELECT i, 'packages', 'u', 's', 'h' || i, '1', 1795000000, 1 FROM n;
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      SELECT id, 4194000, 7, 1, 1795000000 FROM entries WHERE id >= 100
      """)
    let before = try rows()
    let report = try ReleaseLeases(.stuck, force: true).perform(in: context)
    #expect(report.released.count == 501)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == before)
  }

  @Test("A lowered refcount rises again")
  func lowered() throws {
    let id = try addLease()
    let before = try rows()
    _ = try ReleaseLeases(.named([id]), one: true, force: true).perform(in: context)
    #expect(try rows() != before)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == before)
  }

  @Test("A pin and an unpin are taken back with the pin's reason")
  func pins() throws {
    let before = try rows()
    _ = try PinEntries(ids: [1, 2], reason: "release builds").perform(in: context)
    let pinned = try rows()
    let pin = try last()
    _ = try UndoChange(pin).perform(in: context)
    #expect(try rows() == before)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == pinned)
    _ = try UnpinEntries(ids: [1]).perform(in: context)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == pinned)
  }

  @Test("A repaired ghost becomes a ghost again")
  func repair() throws {
    try sql("UPDATE entries SET pinned = 5 WHERE id = 2")
    let before = try rows()
    _ = try RepairPins(ids: [2]).perform(in: context)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == before)
  }

  @Test("A lease that another process took meanwhile survives the undo and counts")
  func others() throws {
    let id = try addLease()
    _ = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    let line = try last()
    try sql(
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      VALUES (1, 99, 5, 3, 6); UPDATE entries SET pinned = 3 WHERE id = 1
      """)
    _ = try UndoChange(line).perform(in: context)
    #expect(try rows().contains("e 1 5"))
    #expect(try rows().contains("l 1 99 5 3 6"))
  }

  @Test(
    "An undo whose rows changed since is refused and changes nothing",
    arguments: [
      "INSERT INTO leases VALUES (1, 4194000, 1795000000000000001, 9, 1)",
      "DELETE FROM entries WHERE id = 1",
      "UPDATE entries SET version = '2' WHERE id = 1",
    ])
  func conflict(change: String) throws {
    let id = try addLease()
    _ = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    let line = try last()
    try sql(change)
    let before = try rows()
    #expect {
      try UndoChange(line).perform(in: context)
    } throws: {
      ($0 as? CacheError)?.code == .refused
    }
    #expect(try rows() == before)
  }

  @Test("An undo runs once")
  func twice() throws {
    let id = try addLease()
    _ = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    let line = try last()
    _ = try UndoChange(line).perform(in: context)
    #expect(throws: CacheError.self) { try UndoChange(line).perform(in: context) }
  }

  @Test("A lease without an entry stays gone, and those beside it come back")
  func orphan() throws {
    try addLease()
    try sql("PRAGMA foreign_keys = 0; INSERT INTO leases VALUES (77, 4194000, 3, 1, 1795000000)")
    _ = try ReleaseLeases(.named([LeaseID(entryID: 77, holderPID: 4_194_000, nonce: 3)])).perform(
      in: context)
    #expect(try last().undoObstacle?.contains("entry 77 is gone") == true)
    #expect(throws: CacheError.self) { try UndoPlan(last()) }
    try sql("PRAGMA foreign_keys = 0; INSERT INTO leases VALUES (77, 4194000, 3, 1, 1795000000)")
    let before = try rows()
    _ = try ReleaseLeases(.stuck, force: true).perform(in: context)
    _ = try UndoChange(last()).perform(in: context)
    #expect(try rows() == before.filter { !$0.hasPrefix("l 77") })
  }

  @Test("A row with a value of a wrong type cannot be put back, and the journal says so")
  func damagedRow() throws {
    try sql("INSERT INTO leases VALUES (1, 4194000, 3, 'lots', 1795000000)")
    let id = LeaseID(entryID: 1, holderPID: 4_194_000, nonce: 3)
    _ = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    #expect(try last().undoObstacle?.contains("wrong type") == true)
  }

  @Test("A migration is noted as not undoable")
  func migration() throws {
    try sql("ALTER TABLE leases DROP COLUMN refcount; DELETE FROM schema_migrations")
    _ = try RunMigrations().perform(in: context)
    #expect(try last().action == "migrate")
    #expect(try last().undoObstacle?.contains("backup") == true)
  }

  @Test("A change of another cache, and a journal that somebody edited, are refused")
  func foreign() throws {
    let id = try addLease()
    _ = try ReleaseLeases(.named([id]), force: true).perform(in: context)
    var line = try last()
    line.cache = "/elsewhere"
    #expect(throws: CacheError.self) { try UndoChange(line).perform(in: context) }
    line = try last()
    line.before.append(.note(.init(key: "schema_version", value: "9")))
    #expect(throws: CacheError.self) { try UndoPlan(line) }
    line = try last()
    line.before = line.after
    #expect(throws: CacheError.self) { try UndoPlan(line) }
  }

  @Test("What changes no row, and what only looks, leaves no line; read-only undoes nothing")
  func nothing() throws {
    _ = try ListLeases().perform(in: context)
    _ = try UnpinEntries(ids: [1]).perform(in: context)
    #expect(journal.read().lines.isEmpty)
    _ = try PinEntries(ids: [1]).perform(in: context)
    var readOnly = context
    readOnly.isReadOnly = true
    let line = try last()
    #expect(throws: CacheError.self) { try UndoChange(line).perform(in: readOnly) }
  }

  @Test("A journal that cannot be written does not stop the change, and is reported")
  func unwritable() throws {
    var context = context
    context.journal = Journal(path: FilePath(scratch.sub("cache")))
    final class Count: Sendable { let value = Mutex(0) }
    let told = Count()
    context.onJournalFailure = { _ in told.value.withLock { $0 += 1 } }
    _ = try PinEntries(ids: [1]).perform(in: context)
    #expect(told.value.withLock { $0 } == 1)
    #expect(try rows().contains("e 1 2"))
  }
}
