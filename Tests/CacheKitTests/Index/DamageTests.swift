import Foundation
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("A damaged index")
struct DamageTests {
  private static let pageSize: UInt64 = 4096
  private static let noise = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }

  /// The first page of a b-tree.
  private static func root(_ cache: TemporaryCache, _ name: String) throws -> UInt64 {
    let sql = "SELECT rootpage FROM sqlite_master WHERE name = '\(name)'"
    return UInt64(try RawIndex.column(cache.index, sql).first ?? "") ?? 0
  }

  /// The pages of the table `entries`, in the order of their rows.
  private static func leaves(_ cache: TemporaryCache) throws -> [UInt64] {
    let sql = "SELECT pageno FROM dbstat WHERE name = 'entries' AND pagetype = 'leaf' ORDER BY path"
    return try RawIndex.column(cache.index, sql).compactMap { UInt64($0) }
  }

  private static func destroy(_ pages: [UInt64], in cache: TemporaryCache) throws {
    for page in pages {
      try cache.overwrite(at: (page - 1) * pageSize, with: Array(noise.prefix(Int(pageSize))))
    }
  }

  @Test(
    "T-A5: rows before and after damaged pages are listed once each, in every order",
    arguments: EntryColumn.allCases)
  func damagedPages(sort: EntryColumn) throws {
    let cache = try TemporaryCache.filled(400)
    let leaves = try Self.leaves(cache)
    try #require(leaves.count > 8)
    try Self.destroy([leaves[leaves.count / 2], leaves[leaves.count / 2 + 1]], in: cache)
    let before = CacheSnapshot(cache.root)
    for isDescending in [false, true] {
      let inspected = try DiskCache.inspect(at: cache.location)
      var ids: [Int64] = []
      let query = EntryQuery(sort: sort, isDescending: isDescending)
      let damage = try inspected.forEachEntry(query) { ids.append($0.id) }
      #expect(damage?.code == .damaged)
      #expect(ids.contains(1) && ids.contains(400) && ids.count > 300)
      #expect(Set(ids).count == ids.count, "no row twice")
    }
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test("T-A5: the status names the damaged pages, and counts the rows that can be read")
  func status() throws {
    for count in [400, 40_000] {
      let cache = try TemporaryCache.filled(count)
      let leaves = try Self.leaves(cache)
      let bad = leaves[leaves.count / 2]
      try Self.destroy([bad], in: cache)
      let before = CacheSnapshot(cache.root)
      let report = try ShowStatus().perform(in: ActionContext(location: cache.location))
      let message = report.damage?.message ?? ""
      #expect(message.contains("is damaged: page \(bad)"), "\(message)")
      #expect(!message.contains("***") && !message.contains("\n"))
      #expect(report.statistics.entries > Int64(count * 8 / 10))
      #expect(report.statistics.archives.bytes > 0 && report.migrations.isCurrent)
      #expect(report.findings.first?.id == "index_damaged")
      #expect(CacheSnapshot(cache.root).difference(from: before) == [])
    }
  }

  @Test("T-A5: a damaged page of the leases takes no entry away")
  func damagedLeases() throws {
    let cache = try TemporaryCache.filled(5)
    try Self.destroy([try Self.root(cache, "leases")], in: cache)
    let inspected = try DiskCache.inspect(at: cache.location)
    var ids: [Int64] = []
    let damage = try inspected.forEachEntry(EntryQuery()) { ids.append($0.id) }
    #expect(damage?.code == .damaged && ids == [1, 2, 3, 4, 5])
    let report = try ShowStatus().perform(in: ActionContext(location: cache.location))
    #expect(report.statistics.entries == 5 && report.damage?.code == .damaged)
  }

  @Test("T-A5: an entry that the list of a damaged index shows is shown by its id")
  func entryOfDamaged() throws {
    let cache = try TemporaryCache.filled(400)
    let leaves = try Self.leaves(cache)
    try Self.destroy([leaves[leaves.count / 2]], in: cache)
    let context = ActionContext(location: cache.location)
    for id in [Int64(1), 5, 400] {
      let report = try ShowEntry(id: id).perform(in: context)
      #expect(report.entry.id == id && report.damage?.code == .damaged)
    }
    let error = #expect(throws: CacheError.self) {
      try ShowEntry(id: 4000).perform(in: context)
    }
    #expect(error?.code == .notFound || error?.code == .damaged)
  }

  @Test(
    "T-A5, L1: leases beside damaged entries are listed, and an unreadable entry proves nothing")
  func leasesBesideDamage() throws {
    let cache = try TemporaryCache.filled(40_000)
    let leaves = try Self.leaves(cache)
    // A holder that cannot be: only the entry decides between dead and orphan.
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      SELECT id, 4194305, 5, 1, 1 FROM entries WHERE id IN (1, 20000, 40000)
      """)
    let middle = try #require(leaves.dropFirst(leaves.count / 2).first)
    try Self.destroy(
      leaves.filter { abs(Int($0) - Int(middle)) < leaves.count / 20 }, in: cache)
    let before = CacheSnapshot(cache.root)
    let report = try ListLeases().perform(in: ActionContext(location: cache.location))
    #expect(report.damage?.code == .damaged)
    #expect(report.leases.map(\.lease.id.entryID) == [1, 20_000, 40_000])
    #expect(report.leases.map { $0.lease.entry != nil } == [true, false, true])
    #expect(report.leases[1].lease.problems.last?.message.contains("cannot be read") == true)
    #expect(report.leases.allSatisfy { $0.judgement.verdict != .orphan })
    let one = try ListLeases(entry: 20_000).perform(in: ActionContext(location: cache.location))
    #expect(one.leases.count == 1 && one.damage?.code == .damaged)
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test(
    "T-A5: findings become one clean sentence",
    arguments: [
      (
        "*** in database main ***\nPage 79: btreeInitPage() returns error code 11",
        "page 79: btreeInitPage() returns error code 11"
      ),
      ("Tree 5 page 7 cell 3: Rowid out of order\nPage 9: x", "pages 7, 9: Rowid out of order"),
      ("On tree page 4 cell 0: invalid page number 77", "page 4: invalid page number 77"),
      ("Page 9 is never used", "page 9"), ("row 3 missing", "row 3 missing"), ("ok", "-"),
    ])
  func sentence(text: String, expected: String) {
    #expect(IntegrityWords.sentence(IntegrityWords.findings(text)) ?? "-" == expected)
  }

  @Test("X5: a rehearsal on a damaged index says what is wrong in one sentence")
  func rehearsal() throws {
    let cache = try TemporaryCache.filled(40_000)
    let leaves = try Self.leaves(cache)
    try RawIndex.run(cache.index, "DROP TABLE leases")
    try Self.destroy([leaves[leaves.count / 2]], in: cache)
    let error = #expect(throws: CacheError.self) {
      try RehearseMigrations().perform(in: ActionContext(location: cache.location))
    }
    let message = error?.message ?? ""
    #expect(error?.code == .damaged && message.contains("page"), "\(message)")
    #expect(!message.contains("***") && !message.contains("\n"), "\(message)")
  }

  @Test("T-A5: a limit holds for the rows of a damaged table, too")
  func limitedSalvage() throws {
    let cache = try TemporaryCache.filled(400)
    let leaves = try Self.leaves(cache)
    try Self.destroy([leaves[leaves.count / 2]], in: cache)
    var ids: [Int64] = []
    let query = EntryQuery(sort: .name)
    _ = try DiskCache.inspect(at: cache.location).forEachEntry(query, limit: 7) {
      ids.append($0.id)
    }
    #expect(ids.count == 7)
  }

  @Test("T-A6: a file cut off at three quarters lists the rows of its pages")
  func truncated() throws {
    let cache = try TemporaryCache.filled(400)
    try cache.truncate(to: try cache.size() / 4 * 3)
    let before = CacheSnapshot(cache.root)
    var ids: [Int64] = []
    let inspected = try DiskCache.inspect(at: cache.location)
    let damage = try inspected.forEachEntry(EntryQuery()) { ids.append($0.id) }
    #expect(damage?.code == .damaged)
    #expect(ids.count > 50 && Set(ids).count == ids.count)
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test("T-A6: a file cut off anywhere is told apart from a sound one and never traps")
  func truncatedAnywhere() throws {
    let sound = try TemporaryCache.filled(100)
    let size = try sound.size()
    // To SQLite a file of one byte is an empty database, by design.
    for cut in stride(from: UInt64(2), to: size, by: 7919) {
      let cache = try TemporaryCache()
      try FileManager.default.copyItem(atPath: sound.index, toPath: cache.index)
      try cache.truncate(to: cut)
      do {
        let look = try Look.unwritten(cache)
        #expect(look.damage != nil, "cut at \(cut)")
      } catch let error as CacheError {
        #expect(error.code == .damaged, "cut at \(cut): \(error)")
      }
    }
  }

  @Test(
    "T-A7: a damaged index b-tree hides no row",
    arguments: ["idx_lru_archive", "sqlite_autoindex_entries_1"])
  func damagedIndex(name: String) throws {
    let cache = try TemporaryCache.filled(100)
    try Self.destroy([try Self.root(cache, name)], in: cache)
    let inspected = try DiskCache.inspect(at: cache.location)
    for sort in EntryColumn.allCases {
      var count = 0
      _ = try inspected.forEachEntry(EntryQuery(sort: sort)) { _ in count += 1 }
      #expect(count == 100, "\(sort)")
    }
    #expect(try inspected.statistics().archives.bytes == 5050)
  }

  @Test("T-A8: two rows of one identity are both listed")
  func duplicateIdentity() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      CREATE TABLE copy AS SELECT * FROM entries; DROP TABLE entries;
      ALTER TABLE copy RENAME TO entries; UPDATE entries SET hash = 'same', version = 'same'
      """)
    #expect(try Look.unwritten(cache).listed.map(\.version) == ["same", "same"])
  }

  @Test("T-A11: without its WAL the main file opens with the rows that it has")
  func lostWAL() throws {
    let cache = try TemporaryCache.crashed()
    try FileManager.default.removeItem(atPath: cache.index + "-wal")
    #expect(try Look.unwritten(cache).ids == [1, 2])
  }

  @Test("T-A12: a WAL cut off or broken in a frame counts up to its last whole commit")
  func brokenWAL() throws {
    for damage in ["cut", "checksum", "salt"] {
      let cache = try TemporaryCache.crashed()
      let size = try cache.size("-wal")
      switch damage {
      case "cut": try cache.truncate("-wal", to: size - 100)
      case "checksum": try cache.overwrite("-wal", at: size - 50, with: [1, 2, 3, 4, 5, 6, 7])
      default: try cache.overwrite("-wal", at: 32 + 8, with: [0xFF, 0xFE, 0xFD, 0xFC])
      }
      let look = try Look.unwritten(cache)
      #expect(look.ids == [1, 2] && look.source == .copy, "\(damage)")
    }
  }

  @Test(
    "T-A14: a -shm of garbage, of no size, or huge is never trusted",
    arguments: ["garbage", "empty", "huge", "one bit"])
  func brokenSharedMemory(kind: String) throws {
    let cache = try TemporaryCache.crashed(keepsSharedMemory: true)
    switch kind {
    case "garbage": try cache.overwrite("-shm", at: 0, with: Array(repeating: 0xA5, count: 32768))
    case "empty": try cache.truncate("-shm", to: 0)
    case "huge": try cache.truncate("-shm", to: 2 << 30)
    default: try cache.overwrite("-shm", at: 16, with: [0xFF])
    }
    let look = try Look.unwritten(cache)
    #expect(look.ids.count == 3 && look.source == .copy)
  }

  @Test("T-A20: a hot rollback journal is rolled back in the copy alone")
  func hotJournal() throws {
    let cache = try TemporaryCache.filled(300)
    let actor = try ActorProcess("spill", cache.location)
    try #require(actor.line() == "spilled")
    actor.kill()
    try #require(FileManager.default.fileExists(atPath: cache.index + "-journal"))
    let look = try Look.unwritten(cache)
    #expect(look.source == .copy && look.damage == nil)
    #expect(look.listed.count == 300 && look.listed.allSatisfy { $0.useCount == 0 })
  }

  @Test(
    "T-A21: other page sizes, auto_vacuum and UTF-16 read the same",
    arguments: [
      "page_size = 512", "page_size = 65536", "auto_vacuum = FULL", "encoding = 'UTF-16le'",
      "encoding = 'UTF-16be'",
    ])
  func otherFormats(pragma: String) throws {
    let plain = try TemporaryCache.filled(20)
    let cache = try TemporaryCache()
    let index = try RawIndex(cache.index)
    try index.run("PRAGMA \(pragma)")
    try index.run("PRAGMA journal_mode = WAL")
    try index.close()
    try DiskCache.open(at: cache.location).close()
    try cache.add(1...20)
    try RawIndex.run(cache.index, "UPDATE entries SET stem = 'grün-🧱' WHERE id = 3")
    try RawIndex.run(plain.index, "UPDATE entries SET stem = 'grün-🧱' WHERE id = 3")
    let (look, expected) = (try Look.unwritten(cache), try Look(plain.location))
    #expect(look.listed == expected.listed && look.damage == nil)
  }

  @Test("T-A22: a sparse file of 64 GiB answers at once", arguments: ["clean", "wal", "claimed"])
  func sparse(kind: String) throws {
    let cache = kind == "wal" ? try TemporaryCache.crashed() : try TemporaryCache.filled(2)
    if kind == "claimed" {
      // The header says as many pages as there are.
      try cache.overwrite(at: 28, with: [1, 0, 0, 0])
    }
    try cache.truncate(to: 64 << 30)
    let start = ContinuousClock.now
    let inspected = try DiskCache.inspect(at: cache.location)
    let count = try inspected.entryIDs(EntryQuery()).count
    #expect(count == (kind == "wal" ? 3 : 2))
    #expect(try inspected.statistics().entries == Int64(count))
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
