import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// What is told of a whole index: the order of eviction, SQLite's checks, a backup by hand.
@Suite("Care of an index")
struct IndexCareTests {
  private func filled(_ sql: [String]) throws -> TemporaryCache {
    let cache = try TemporaryCache()
    try DiskCache.open(at: cache.location).close()
    for statement in sql { try RawIndex.run(cache.index, statement) }
    return cache
  }

  @Test("the rank of an entry is its place in the list that fbuild's GC would read")
  func rank() throws {
    var random = SeededRandom(seed: 4711)
    let rows = (1...300).map { id in
      let used = Int64.random(in: 0...40, using: &random)
      let pinned = Int.random(in: 0...3, using: &random) == 0 ? 1 : 0
      let path = Int.random(in: 0...5, using: &random) == 0 ? "NULL" : "'archives/x/\(id)'"
      return "(\(id), 'packages', 'u', 's', 'h', '\(id)', \(path), \(used), \(pinned))"
    }
    let cache = try filled([
      """
      INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, last_used_at, pinned)
      VALUES \(rows.joined(separator: ", "))
      """,
      "INSERT INTO leases SELECT id, 4000000, 1, 1, 1 FROM entries WHERE pinned = 1 AND id % 2",
    ])
    let order = try RawIndex.column(
      cache.index,
      """
      SELECT id FROM entries WHERE pinned = 0 AND archive_path IS NOT NULL
      ORDER BY last_used_at, id
      """)
    let inspected = try DiskCache.inspect(at: cache.location)
    for (place, id) in order.enumerated() {
      let rank = try inspected.evictionRank(of: #require(Int64(id)))
      #expect(rank == EvictionRank(position: place + 1, count: order.count))
    }
    let leased = try inspected.leasedRanks()
    for (id, rank) in leased {
      let earlier = try RawIndex.column(
        cache.index,
        """
        SELECT count(*) FROM entries, (SELECT last_used_at AS used FROM entries WHERE id = \(id))
        WHERE pinned = 0 AND archive_path IS NOT NULL AND (last_used_at, id) < (used, \(id))
        """)
      #expect(earlier == ["\(rank.position - 1)"])
      #expect(rank.count == order.count + 1)
    }
    let expected = try RawIndex.column(
      cache.index,
      "SELECT count(*) FROM entries WHERE pinned = 1 AND id % 2 AND archive_path IS NOT NULL")
    #expect(["\(leased.count)"] == expected && !leased.isEmpty)
  }

  @Test("T-B7: an entry with nothing to take has no rank")
  func noRank() throws {
    let cache = try filled([
      """
      INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at)
      VALUES (1, 'packages', 'u', 's', 'h', '1', 5)
      """
    ])
    #expect(try DiskCache.inspect(at: cache.location).evictionRank(of: 1) == nil)
    #expect(try DiskCache.inspect(at: cache.location).evictionRank(of: 2) == nil)
  }

  @Test("SQLite's checks are told in full, and write nothing (R1)")
  func integrity() throws {
    let cache = try filled(["INSERT INTO leases VALUES (77, 4000000, 1, 1, 1)"])
    let before = CacheSnapshot(cache.root)
    let report = try DiskCache.inspect(at: cache.location).integrity()
    #expect(report.pages == [] && report.danglingRows == ["leases": 1])
    #expect(CacheSnapshot(cache.root) == before)
    try RawIndex.run(cache.index, "DELETE FROM leases")
    #expect(try DiskCache.inspect(at: cache.location).integrity().isSound)
    try RawIndex.run(
      cache.index,
      "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'idx_lru_archive'")
    let damaged = try DiskCache.inspect(at: cache.location).integrity()
    #expect(!damaged.pages.isEmpty)
  }

  @Test("M5: a backup by hand holds what is there and leaves the index as it is")
  func backup() throws {
    let cache = try filled([
      """
      INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at)
      VALUES (1, 'packages', 'u', 's', 'h', '1', 5)
      """
    ])
    let content = try Data(contentsOf: URL(filePath: cache.index))
    var context = ActionContext(location: cache.location)
    let report = try BackupIndex().perform(in: context)
    #expect(report.path.lastComponent?.string.hasSuffix("-manual") == true)
    let copy = try RawIndex(report.path.string)
    let original = try RawIndex(cache.index)
    #expect(try copy.dump() == original.dump())
    try copy.close()
    try original.close()
    #expect(try Data(contentsOf: URL(filePath: cache.index)) == content)
    #expect(try FileStatus(FilePath(cache.index + "-wal")) == nil)
    context.isReadOnly = true
    #expect(throws: CacheError.self) { try BackupIndex().perform(in: context) }
  }
}
