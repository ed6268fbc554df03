import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Leases of this process")
struct LeaseTests {
  private struct Thrown: Error {}

  /// A cache with one entry, and the connection that made it.
  private static func make() throws -> (TemporaryCache, DiskCache, Entry) {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    let entry = try disk.recordInstall(
      kind: .toolchains, url: "https://e.org/t", version: "1", path: "toolchains/t", bytes: 4)
    return (cache, disk, entry)
  }

  private static func state(_ disk: DiskCache, _ id: Int64) throws -> (Int64?, Int64) {
    let entry = try #require(try disk.entry(id))
    return (entry.pinned, entry.refcount)
  }

  @Test("a fresh cache's lease is a row of this process, and pinned follows it")
  func freshLease() throws {
    let (cache, disk, entry) = try Self.make()
    let lease = try disk.lease(entry)
    #expect(lease.id.entryID == entry.id && lease.id.holderPID == Int64(getpid()))
    let row = try RawIndex.column(
      cache.index,
      "SELECT entry_id || ':' || holder_pid || ':' || holder_nonce || ' ' || refcount FROM leases")
    #expect(row == ["\(lease.id) 1"])
    #expect(try Self.state(disk, entry.id) == (1, 1))
    try lease.release()
    #expect(try Self.state(disk, entry.id) == (0, 0))
    #expect(try RawIndex.column(cache.index, "SELECT COUNT(*) FROM leases") == ["0"])
  }

  @Test("two leases are one row with the refcount 2; the nonce of a process never changes")
  func refcounts() throws {
    let (cache, disk, entry) = try Self.make()
    let first = try disk.lease(entry)
    let second = try DiskCache.openExisting(at: cache.location).lease(entry)
    #expect(first.id == second.id)
    #expect(try RawIndex.column(cache.index, "SELECT refcount FROM leases") == ["2"])
    try first.release()
    try first.release()
    #expect(try Self.state(disk, entry.id) == (1, 1), "a second release takes nothing more")
    try second.release()
    #expect(try Self.state(disk, entry.id) == (0, 0))
  }

  @Test("a scoped lease is held inside and given back on every way out")
  func scoped() throws {
    let (_, disk, entry) = try Self.make()
    let inside = try disk.withLease(on: entry) { try disk.entry(entry.id)?.pinned }
    #expect(inside == 1)
    #expect(throws: Thrown.self) { try disk.withLease(on: entry) { throw Thrown() } }
    #expect(try Self.state(disk, entry.id) == (0, 0))
  }

  @Test("a lease that is let go without release is given back")
  func deinitialised() throws {
    let (_, disk, entry) = try Self.make()
    do {
      let lease = try disk.lease(entry)
      #expect(try Self.state(disk, entry.id) == (1, 1))
      withExtendedLifetime(lease) {}
    }
    #expect(try Self.state(disk, entry.id) == (0, 0))
  }

  @Test("an entry that is gone, or replaced under its id, cannot be leased")
  func reusedID() throws {
    let (cache, disk, entry) = try Self.make()
    try RawIndex.run(cache.index, "DELETE FROM entries")
    #expect(throws: CacheError.self) { try disk.lease(entry) }
    let other = try disk.recordInstall(
      kind: .toolchains, url: "https://e.org/other", version: "1", path: "t", bytes: 1)
    try #require(other.id == entry.id, "SQLite gives the id to the next entry")
    let error = #expect(throws: CacheError.self) { try disk.lease(entry) }
    #expect(error?.code == .notFound)
    #expect(try Self.state(disk, other.id) == (0, 0))
  }

  @Test("T-D20: after a forced release the holder's own release is harmless")
  func releaseAfterForce() throws {
    let (cache, disk, entry) = try Self.make()
    let lease = try disk.lease(entry)
    let report = try ReleaseLeases(.named([lease.id]), force: true)
      .perform(in: ActionContext(location: cache.location))
    #expect(report.released.count == 1)
    #expect(try Self.state(disk, entry.id) == (0, 0))
    try lease.release()
    #expect(try Self.state(disk, entry.id) == (0, 0))
  }

  @Test("T-D20: a late release leaves the lease on the entry that got the old one's id alone")
  func releaseAfterReuse() throws {
    let (cache, disk, entry) = try Self.make()
    let late = try disk.lease(entry)
    try RawIndex.run(cache.index, "PRAGMA foreign_keys = ON; DELETE FROM entries")
    let other = try disk.recordInstall(
      kind: .toolchains, url: "https://e.org/other", version: "1", path: "t", bytes: 1)
    try #require(other.id == entry.id)
    let held = try disk.lease(other)
    try late.release()
    #expect(try Self.state(disk, other.id) == (1, 1))
    try held.release()
  }

  @Test(
    "T-D16: a damaged refcount never makes a new hold count as none",
    arguments: ["0", "-3", "9223372036854775807", "1.5", "'lots'", "x'00'", "NULL"])
  func damagedRefcount(stored: String) throws {
    let (cache, disk, entry) = try Self.make()
    let lease = try disk.lease(entry)
    // NULL needs a table without the constraint.
    try RawIndex.run(
      cache.index,
      """
      CREATE TABLE l (entry_id INTEGER NOT NULL, holder_pid INTEGER NOT NULL,
        holder_nonce INTEGER NOT NULL, refcount INTEGER, acquired_at INTEGER NOT NULL,
        PRIMARY KEY (entry_id, holder_pid, holder_nonce));
      INSERT INTO l SELECT * FROM leases; DROP TABLE leases; ALTER TABLE l RENAME TO leases;
      UPDATE leases SET refcount = \(stored)
      """)
    let second = try DiskCache.openExisting(at: cache.location)
    let again = try second.lease(entry)
    let (pinned, _) = try Self.state(second, entry.id)
    #expect((pinned ?? 0) >= 1, "fbuild's GC takes what has pinned = 0")
    try again.release()
    try lease.release()
  }

  @Test("T-D18: nonces beyond 2^63 keep their bits")
  func largeNonces() throws {
    let (cache, disk, entry) = try Self.make()
    for nonce in [UInt64(1) << 63, .max, 1] {
      try disk.pin(entry, pid: 4_000_000, nonce: nonce)
      let leases = try DiskCache.inspect(at: cache.location).leases()
      #expect(leases.map(\.id.nonce) == [nonce])
      #expect(LeaseID(leases[0].id.description) == leases[0].id)
      try disk.unpin(entry, pid: 4_000_000, nonce: nonce)
    }
    #expect(try Self.state(disk, entry.id) == (0, 0))
  }
}
