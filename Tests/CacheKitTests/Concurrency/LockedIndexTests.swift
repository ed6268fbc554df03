import CacheKit
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("An index that others hold")
struct LockedIndexTests {
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
  }

  @Test(
    "T-A24: while a writer holds its lock, rows appear within 5 seconds",
    arguments: ["immediate", "exclusive", "alone"])
  func readers(mode: String) throws {
    let cache = try TemporaryCache.filled(3)
    let holder = try ActorProcess("lock", cache.location, mode)
    try #require(holder.line() == "locked")
    let elapsed = try seconds { () throws -> Void in
      let ids = try DiskCache.inspect(at: cache.location).entryIDs(EntryQuery())
      #expect(ids == [1, 2, 3])
    }
    #expect(elapsed < 5, "\(elapsed)")
    holder.proceed()
    #expect(holder.line() == "ok")
  }

  @Test("T-A24: an exclusive lock on an index with a rollback journal keeps no reader waiting")
  func rollbackJournal() throws {
    let cache = try TemporaryCache.filled(300)
    let holder = try ActorProcess("spill", cache.location)
    try #require(holder.line() == "spilled")
    let elapsed = try seconds {
      var uses: Set<Int64> = []
      _ = try DiskCache.inspect(at: cache.location).forEachEntry(EntryQuery()) {
        uses.insert($0.useCount ?? -2)
      }
      #expect(uses == [0], "what is not committed is not shown")
    }
    #expect(elapsed < 5, "\(elapsed)")
  }

  @Test("T-A24, G5: a change waits for its deadline, then says busy, and changes nothing")
  func writers() throws {
    let cache = try TemporaryCache.filled(1)
    let holder = try ActorProcess("lock", cache.location, "immediate")
    try #require(holder.line() == "locked")
    let context = ActionContext(
      location: cache.location, options: OpenOptions(busyTimeout: 0.3))
    let elapsed = seconds {
      let error = #expect(throws: CacheError.self) {
        try PinEntries(ids: [1]).perform(in: context)
      }
      #expect(error?.code == .busy && error?.hint != nil)
    }
    #expect(elapsed >= 0.3 && elapsed < 5, "\(elapsed)")
    holder.proceed()
    holder.wait()
    #expect(try PinEntries(ids: [1]).perform(in: context).changed.count == 1)
  }

  @Test("G5: against a holder that shuts out all others a change waits its deadline once")
  func deadline() throws {
    let cache = try TemporaryCache.filled(1)
    let holder = try ActorProcess("lock", cache.location, "alone")
    try #require(holder.line() == "locked")
    let context = ActionContext(location: cache.location, options: OpenOptions(busyTimeout: 3))
    let elapsed = seconds {
      let error = #expect(throws: CacheError.self) {
        try PinEntries(ids: [1]).perform(in: context)
      }
      #expect(error?.code == .busy)
      let parts = error?.message.components(separatedBy: "\(holder.pid)") ?? []
      #expect(parts.count <= 2, "the holder is named once: \(error?.message ?? "")")
    }
    #expect(elapsed >= 2.5 && elapsed < 4.3, "\(elapsed)")
  }

  @Test("T-I9: a writer that is stopped inside its transaction is named, and the next change works")
  func stoppedWriter() throws {
    let cache = try TemporaryCache.filled(1)
    let holder = try ActorProcess("lock", cache.location, "immediate")
    try #require(holder.line() == "locked")
    try #require(kill(holder.pid, SIGSTOP) == 0)
    let context = ActionContext(location: cache.location, options: OpenOptions(busyTimeout: 0.2))
    let error = #expect(throws: CacheError.self) {
      try PinEntries(ids: [1]).perform(in: context)
    }
    #expect(error?.code == .busy && error?.message.contains("\(holder.pid)") == true, "\(error!)")
    #expect(try DiskCache.inspect(at: cache.location).entryIDs(EntryQuery()) == [1])
    try #require(kill(holder.pid, SIGCONT) == 0)
    holder.proceed()
    holder.wait()
    #expect(try PinEntries(ids: [1]).perform(in: context).changed.count == 1)
  }

  @Test("G5: one who holds the lock of cachescope is named by what the kernel says")
  func flockHolder() throws {
    let cache = try Fixture.legacyVA.copied()
    let path = cache.location.lockFile.string
    try Data("99999999\n".utf8).write(to: URL(filePath: path))
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    defer { close(descriptor) }
    let error = #expect(throws: CacheError.self) {
      try DiskCache.open(at: cache.location, options: OpenOptions(busyTimeout: 0.2))
    }
    #expect(error?.code == .busy)
    #expect(error?.message.hasSuffix(" \(getpid())") == true, "\(error?.message ?? "")")
  }

  @Test("T-A24: a change waits out a lock that ends before its deadline")
  func patience() throws {
    let cache = try TemporaryCache.filled(1)
    let holder = try ActorProcess("lock", cache.location, "immediate")
    try #require(holder.line() == "locked")
    let disk = try DiskCache.openExisting(
      at: cache.location, options: OpenOptions(busyTimeout: 30))
    let entry = try #require(try disk.entry(1))
    Thread.detachNewThread { holder.proceed() }
    try disk.touch(entry)
    #expect(try disk.entry(1)?.useCount == 1)
  }

  @Test("T-C10: a long read of another program does not stop a migration")
  func longRead() throws {
    let cache = try Fixture.legacyVA.copied()
    let reader = try RawIndex(cache.index)
    try reader.run("BEGIN; SELECT COUNT(*) FROM entries")
    try DiskCache.open(at: cache.location).close()
    #expect(try DiskCache.inspect(at: cache.location).migrations().isCurrent)
    try reader.run("COMMIT")
  }

  @Test("T-K3: beside an inspection that stays open the WAL stays below 5 MiB over 1,500 changes")
  func boundedWAL() throws {
    let cache = try TemporaryCache.filled(40)
    let disk = try DiskCache.openExisting(at: cache.location)
    let inspected = try DiskCache.inspect(at: cache.location)
    let entries = try inspected.entries(ids: (1...40).map { $0 })
    var largest: UInt64 = 0
    for round in 0..<1500 {
      try disk.touch(entries[round % 40])
      guard round % 50 == 0 else { continue }
      _ = try inspected.changeToken()
      #expect(try inspected.statistics().entries == 40)
      largest = max(largest, try cache.size("-wal"))
    }
    #expect(inspected.source == .live && largest > 1 << 20 && largest < 5 << 20, "\(largest)")
  }

  @Test("the last connection leaves one complete file and no WAL")
  func closing() throws {
    let cache = try TemporaryCache.filled(2)
    let disk = try DiskCache.openExisting(at: cache.location)
    let entry = try #require(try disk.entry(1))
    try disk.touch(entry)
    #expect(try cache.size("-wal") > 0)
    disk.close()
    #expect(!FileManager.default.fileExists(atPath: cache.index + "-wal"))
    #expect(try DiskCache.inspect(at: cache.location).entry(1)?.useCount == 1)
  }
}
