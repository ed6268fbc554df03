import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("R6: a cache restored over an index that was not closed")
struct ForeignLogTests {
  /// The restored index, sound in its one file, with the WAL of the one that stood there before.
  ///
  /// - Parameters:
  ///   - made: when the restored one was made.
  ///   - isPart: whether the WAL holds only some of the pages.
  private static func restored(made: Int64, isPart: Bool = false) throws -> LostCache {
    let restored = try LostCache(blobs: 4)
    try RawIndex.run(
      restored.cache.index,
      """
      UPDATE schema_migrations SET applied_at = \(made);
      UPDATE entries SET version = '9.9.9' WHERE kind = 'toolchains';
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
        SELECT max(id), \(getpid()), 5, 1, 1790000000 FROM entries;
      PRAGMA wal_checkpoint(TRUNCATE)
      """)
    let left = try LostCache(blobs: 90)
    if isPart { try RawIndex.run(left.cache.index, "PRAGMA wal_checkpoint(TRUNCATE)") }
    let open = try RawIndex(left.cache.index)
    try open.run("PRAGMA wal_autocheckpoint = 0; UPDATE entries SET use_count = 7")
    if !isPart {
      // As after a first pull that was killed: everything is in the WAL.
      try open.run("UPDATE schema_migrations SET applied_at = 1700000000; VACUUM")
    }
    let files = FileManager.default
    try? files.removeItem(atPath: restored.cache.index + "-wal")
    try files.copyItem(
      atPath: left.cache.index + "-wal", toPath: restored.cache.index + "-wal")
    try open.close()
    return restored
  }

  private func findings(_ cache: LostCache) throws -> [Finding] {
    try ShowStatus().perform(in: cache.context).findings
  }

  @Test(
    "the WAL of another index is told by when both were made; nothing is changed until it is rebuilt"
  )
  func recognised() throws {
    let cache = try Self.restored(made: 1_790_000_000)
    let found = try #require(try findings(cache).first { $0.id == "index_damaged" })
    #expect(found.message.contains("its WAL is of another index"))
    let error = #expect(throws: CacheError.self) {
      _ = try PinEntries(ids: [1]).perform(in: cache.context)
    }
    #expect(error?.code == .damaged && error?.hint?.contains("rebuild") == true)
  }

  @Test(
    "where the two together are damaged and the file is sound, the WAL is of another index, too")
  func mixed() throws {
    let cache = try Self.restored(made: 1_790_000_000, isPart: true)
    let damage = try DiskCache.inspect(at: cache.context.location)
    _ = try? damage.statistics()
    #expect(damage.damage?.message.contains("without its WAL the file is sound") == true)
  }

  @Test("rebuild takes the rows of both, each once, with their leases", arguments: [false, true])
  func rebuilt(isPart: Bool) throws {
    let cache = try Self.restored(made: 1_790_000_000, isPart: isPart)
    let report = try cache.rebuild(knowsProject: false)
    #expect(report.isDone)
    let identities = try RawIndex.column(
      cache.cache.index, "SELECT kind || hash || version FROM entries")
    #expect(Set(identities).count == identities.count)
    #expect(isPart ? identities.count >= 5 : identities.count == 92)
    let held = """
      SELECT e.kind FROM entries e JOIN leases l ON l.entry_id = e.id WHERE l.holder_nonce = 5
      """
    #expect(try RawIndex.column(cache.cache.index, held).contains("toolchains"))
    #expect(try findings(cache).allSatisfy { $0.id != "index_damaged" })
  }

  @Test("an index whose own WAL holds everything, or a part, is sound")
  func own() throws {
    let cache = try LostCache()
    let open = try RawIndex(cache.cache.index)
    try open.run("PRAGMA wal_autocheckpoint = 0; UPDATE entries SET use_count = 7")
    #expect(try DiskCache.inspect(at: cache.context.location).withDamage() == nil)
    try open.close()
  }
}

extension InspectedCache {
  fileprivate func withDamage() throws -> CacheError? {
    _ = try statistics()
    return damage
  }
}
