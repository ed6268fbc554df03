import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("Carrying a plan out")
struct ApplyCollectionTests {
  @Test("what was removed to make room is told of one entry and of many")
  func relief() {
    #expect(
      DiskRelief.words([20])
        == "the files of entry 20 were removed, and its row could not be cleared")
    #expect(DiskRelief.words([3, 20]).hasPrefix("the files of entries 3, 20 were removed"))
  }

  @Test("G2: rows and files go, and nothing is left beside the cache")
  func all() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2, .archive)
    let report = try made.apply(try made.plan())
    #expect(report.outcomes.map(\.result) == [.removed, .removed])
    #expect(try made.ids().isEmpty && !made.exists(made.full(1)) && !made.hasTrash)
    #expect(made.exists(made.cache.path("archives")) && report.freed > 10_000)
  }

  @Test(
    "G1, T-E10, T-E16: what has changed since the plan stays, each with its reason; the rest goes")
  func changed() throws {
    let made = try CollectedCache()
    for id in 1...6 as ClosedRange<Int64> { try made.add(id) }
    let plan = try made.plan()
    try RawIndex.run(made.cache.index, "UPDATE entries SET last_used_at = 9000 WHERE id = 1")
    try RawIndex.run(made.cache.index, "DELETE FROM entries WHERE id = 2")
    try made.write(made.full(3) + "/new")
    try made.addLease(4, pid: getpid())
    try FileManager.default.removeItem(atPath: made.full(5))
    let report = try made.apply(plan)
    let results = report.outcomes.map(\.result)
    #expect(results == [.skipped, .gone, .skipped, .skipped, .missing, .removed])
    #expect(report.broken.count == 3 && report.broken.allSatisfy { !$0.reason.isEmpty })
    #expect(try made.ids() == ["1", "3", "4"])
    for id in [1, 2, 3, 4] as [Int64] { #expect(made.exists(made.full(id))) }
  }

  @Test("T-E4, T-E7: a link on the way is refused, a link inside goes without its target")
  func links() throws {
    let made = try CollectedCache()
    let outside = made.cache.outside("outside")
    try FileManager.default.createDirectory(
      atPath: outside + "/victim", withIntermediateDirectories: true)
    try made.write(outside + "/victim/f")
    try made.add(1)
    #expect(symlink(outside + "/victim", made.full(1) + "/link") == 0)
    #expect(symlink(outside, made.cache.path("installed/packages/s/out")) == 0)
    try made.addRow(2, path: "installed/packages/s/out/victim")
    let plan = try made.plan()
    #expect(plan.steps.first { $0.entryID == 2 }?.refused?.contains("symbolic link") == true)
    let report = try made.apply(plan)
    #expect(report.outcomes.map(\.result) == [.removed])
    #expect(made.exists(outside + "/victim/f"))
    let evicted = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(evicted.skipped.count == 1 && made.exists(outside + "/victim/f"))
  }

  @Test("T-E5: a folder that turns into a link again and again leads nowhere outside")
  func swaps() throws {
    let made = try CollectedCache()
    let outside = made.cache.outside("outside")
    try FileManager.default.createDirectory(
      atPath: outside + "/1", withIntermediateDirectories: true)
    try made.write(outside + "/1/kept")
    try made.add(1)
    let folder = String(made.full(1).dropLast("/1".count))
    #expect(symlink(outside, folder + ".link") == 0)
    let isDone = Mutex(false)
    let swapper = Thread {
      while !isDone.withLock(\.self) {
        rename(folder, folder + ".real")
        rename(folder + ".link", folder)
        rename(folder, folder + ".link")
        rename(folder + ".real", folder)
      }
    }
    swapper.start()
    for _ in 0..<200 {
      _ = try? EvictEntries(ids: [1]).perform(in: made.context)
      #expect(made.exists(outside + "/1/kept"))
      if try made.ids().isEmpty { try made.addRow(1) }
    }
    isDone.withLock { $0 = true }
  }

  @Test("files of an entry that stays go with no other one, whoever names them")
  func shared() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.addRow(2, path: made.full(1) + "/sub")
    try RawIndex.run(made.cache.index, "UPDATE entries SET pinned = 1 WHERE id = 2")
    let plan = try made.plan()
    #expect(plan.steps.map(\.entryID) == [1] && plan.taken.isEmpty)
    #expect(try EvictEntries(ids: [1]).perform(in: made.context).skipped.count == 1)
    #expect(made.exists(made.full(1) + "/sub/b"))
    try RawIndex.run(made.cache.index, "UPDATE entries SET pinned = 0")
    let report = try made.apply(try made.plan())
    #expect(report.outcomes.map(\.result) == [.removed, .removed])
    #expect(try made.ids().isEmpty)
  }

  @Test("a row that names a folder of others blocks none of them")
  func shallow() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.addRow(2, path: "installed/packages", more: ["pinned": "1"])
    let report = try made.apply(try made.plan())
    #expect(report.outcomes.map(\.result) == [.removed])
  }

  @Test("T-E14: a tree deeper than descriptors reach goes as a whole")
  func deep() throws {
    let made = try CollectedCache()
    try made.add(1)
    var folder = open(made.full(1), O_RDONLY | O_DIRECTORY)
    for _ in 0..<1500 {
      mkdirat(folder, "d", 0o755)
      let inner = openat(folder, "d", O_RDONLY | O_DIRECTORY)
      close(folder)
      folder = inner
    }
    close(folder)
    let report = try EvictEntries(ids: [1]).perform(in: made.context)
    #expect(report.outcomes.map(\.result) == [.removed])
    #expect(!made.exists(made.full(1)) && !made.hasTrash)
  }

  @Test("T-E6: a mount inside an entry keeps it", .enabled(if: geteuid() == 0))
  func mounted() throws {
    let made = try CollectedCache()
    try made.add(1)
    guard let mount = Mount.small(at: made.full(1) + "/sub/mounted") else { return }
    try made.write(mount.path + "/f", bytes: 10)
    let report = try EvictEntries(ids: [1]).perform(in: made.context)
    #expect(report.skipped.count == 1 && made.exists(mount.path + "/f"))
    #expect(try made.ids() == ["1"])
  }

  @Test(
    "T-M1: what a lower layer cannot rename is removed where it is, and never kept",
    .enabled(if: geteuid() == 0))
  func overlay() throws {
    let owner = try TemporaryCache()
    let lower = try CollectedCache(at: owner.root.string, beside: owner)
    try lower.add(1)
    guard let mount = Mount.overlay(over: owner.root.string, beside: owner) else { return }
    let merged = try CollectedCache(at: mount.path, beside: owner)
    let kept = try EvictEntries(ids: [1], keep: 600).perform(in: merged.context)
    #expect(kept.outcomes.map(\.result) == [.skipped])
    #expect(try merged.ids() == ["1"] && merged.exists(merged.full(1) + "/sub/b"))
    let gone = try EvictEntries(ids: [1]).perform(in: merged.context)
    #expect(gone.outcomes.map(\.result) == [.removed] && !merged.exists(merged.full(1)))
    #expect(try merged.ids().isEmpty && !merged.hasTrash)
  }

  @Test("T-M2: a phase that is a file system of its own is collected", .enabled(if: geteuid() == 0))
  func mountedPhase() throws {
    let made = try CollectedCache()
    guard let mount = Mount.small(at: made.cache.path("installed")) else { return }
    try made.add(1)
    let kept = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    #expect(kept.outcomes.map(\.result) == [.kept] && !made.exists(made.full(1)))
    #expect(try RestoreTrash().perform(in: made.context).restored.count == 1)
    #expect(made.exists(made.full(1) + "/sub/b"))
    #expect(try made.apply(try made.plan()).outcomes.map(\.result) == [.removed])
    #expect(try FileManager.default.contentsOfDirectory(atPath: mount.path) == ["packages"])
  }

  @Test(
    "G6, T-E21, T-M7: with no byte free, files go first where the index cannot be opened",
    .enabled(if: geteuid() == 0))
  func fullDisk() throws {
    try Self.onSmallDisk { full in
      try full.fillDisk()
      let report = try EvictEntries(ids: [1, 2]).perform(in: full.context)
      #expect(report.outcomes.map(\.result) == [.removed, .removed])
      #expect(try full.ids() == ["3"] && full.exists(full.full(3)))
    }
  }

  @Test(
    "G6: with no byte free, an index that was never migrated is collected, but for what is held",
    .enabled(if: geteuid() == 0))
  func fullDiskBeforeMigrations() throws {
    try Self.onSmallDisk { full in
      try full.bringOldLeases("(2, \(getpid()), \(Int64(Date().timeIntervalSince1970)))")
      try full.fillDisk()
      #expect(throws: CacheError.self) { try RunMigrations().perform(in: full.context) }
      let report = try EvictEntries(ids: [1, 2, 3]).perform(in: full.context)
      #expect(report.outcomes.map(\.result) == [.removed, .skipped, .removed])
      #expect(try full.ids() == ["2"] && full.exists(full.full(2)))
      let steps = try RunMigrations().perform(in: full.context).migration.steps
      #expect(steps.map(\.outcome).contains(.applied))
    }
  }

  /// With three entries of 100,000 bytes and more on a file system of 1 MiB, where one can be mounted.
  private static func onSmallDisk(_ body: (CollectedCache) throws -> Void) throws {
    let owner = try TemporaryCache()
    guard let mount = Mount.small(1 << 20, beside: owner) else { return }
    defer { withExtendedLifetime(mount) {} }
    let full = try CollectedCache(at: mount.path + "/cache", beside: owner)
    for id in 1...3 as ClosedRange<Int64> {
      try full.add(id)
      try full.write(full.full(id) + "/large", bytes: 100_000)
    }
    try body(full)
  }
}

extension CollectedCache {
  fileprivate func fillDisk() throws {
    let filler = open(root + "/../fill", O_WRONLY | O_CREAT, 0o600)
    let page = [UInt8](repeating: 1, count: 4096)
    while Glibc.write(filler, page, page.count) > 0 {}
    close(filler)
  }

  /// The leases as the first versions of fbuild kept them, and no migration on record.
  fileprivate func bringOldLeases(_ rows: String) throws {
    try RawIndex.run(
      index,
      """
      DROP TABLE leases;
      CREATE TABLE leases (entry_id INTEGER NOT NULL, holder_pid INTEGER NOT NULL,
        acquired_at INTEGER NOT NULL, PRIMARY KEY (entry_id, holder_pid));
      INSERT INTO leases VALUES \(rows);
      DROP TABLE schema_migrations;
      """)
  }
}
