import CacheKit
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What lies where the index should be")
struct BadFileTests {
  /// The error that looking gives, with the check that nothing was written and nothing hung.
  private func refusal(
    _ location: CacheLocation, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) -> CacheError? {
    let parent = location.root.removingLastComponent()
    let before = CacheSnapshot(parent)
    let start = ContinuousClock.now
    let error = #expect(throws: CacheError.self, sourceLocation: sourceLocation) {
      try DiskCache.inspect(at: location).statistics()
    }
    #expect(ContinuousClock.now - start < .seconds(1), sourceLocation: sourceLocation)
    #expect(CacheSnapshot(parent) == before, "R1", sourceLocation: sourceLocation)
    #expect(error?.hint?.isEmpty == false, "a hint helps", sourceLocation: sourceLocation)
    return error
  }

  @Test("T-A1: a root without an index is told apart, and nothing is made in it")
  func noIndex() throws {
    let cache = try TemporaryCache()
    let error = refusal(cache.location)
    #expect(error?.code == .noIndex)
  }

  @Test("T-A2: a missing root is named with what chose it, and is not made")
  func noCache() throws {
    let cache = try TemporaryCache(makesRoot: false)
    let chosen = CacheLocation(root: cache.root, reason: .environment)
    let error = refusal(chosen)
    #expect(error?.code == .noCache)
    #expect(error?.message.contains(cache.root.string) == true)
    #expect(error?.message.contains("FBUILD_CACHE_DIR") == true)
    let opened = #expect(throws: CacheError.self) { try DiskCache.openExisting(at: chosen) }
    #expect(opened?.code == .noCache && !FileManager.default.fileExists(atPath: cache.root.string))
  }

  @Test("T-A3: an empty file shows an empty cache; opening makes it a whole one")
  func emptyFile() throws {
    let cache = try TemporaryCache()
    try Data().write(to: URL(filePath: cache.index))
    let look = try Look.unwritten(cache)
    #expect(look.ids.isEmpty && look.leases.isEmpty)
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.pending.count == status.items.count)
    try DiskCache.open(at: cache.location).close()
    #expect(try DiskCache.inspect(at: cache.location).migrations().isCurrent)
  }

  @Test("T-A4: a file that is no database is damaged, for readers and writers, and stays as it is")
  func notADatabase() throws {
    let cache = try TemporaryCache.filled(3)
    try cache.overwrite(at: 0, with: Array("sixteen bytes!!\n".utf8))
    #expect(refusal(cache.location)?.code == .damaged)
    let before = CacheSnapshot(cache.root)
    for open in waysToChange {
      let error = #expect(throws: CacheError.self) { try open(cache.location) }
      #expect(error?.code == .damaged)
    }
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test("T-A15: a folder, FIFO, socket or device in its place is refused at once")
  func oddTypes() throws {
    let makers: [(String) -> CInt] = [
      { mkdir($0, 0o755) }, { mkfifo($0, 0o644) }, { mknod($0, S_IFCHR | 0o644, 0x103) },
      { mknod($0, S_IFSOCK | 0o644, 0) },
    ]
    for make in makers {
      let cache = try TemporaryCache()
      try #require(make(cache.index) == 0 || getuid() != 0)
      guard FileManager.default.fileExists(atPath: cache.index) else { continue }
      #expect(refusal(cache.location)?.code == .notAFile)
      let before = CacheSnapshot(cache.root)
      let error = #expect(throws: CacheError.self) { try DiskCache.open(at: cache.location) }
      #expect(error?.code == .notAFile)
      #expect(CacheSnapshot(cache.root).difference(from: before) == [])
    }
  }

  @Test("T-A15: a FIFO as -wal or -shm does not block either", arguments: ["-wal", "-shm"])
  func oddCompanions(suffix: String) throws {
    let cache = try TemporaryCache.filled(2)
    try #require(mkfifo(cache.index + suffix, 0o644) == 0)
    if suffix == "-wal" {
      #expect(refusal(cache.location)?.code == .notAFile)
    } else {
      #expect(try Look.unwritten(cache).ids == [1, 2])
    }
  }

  @Test("T-A15: a symbolic link to nowhere is refused, and nothing is made behind it")
  func danglingLink() throws {
    let cache = try TemporaryCache()
    try FileManager.default.createSymbolicLink(
      atPath: cache.index, withDestinationPath: cache.outside("nowhere"))
    #expect(refusal(cache.location) != nil)
    let before = CacheSnapshot(cache.root.removingLastComponent())
    let error = #expect(throws: CacheError.self) { try DiskCache.open(at: cache.location) }
    #expect(error?.code == .refused)
    let changed = CacheSnapshot(cache.root.removingLastComponent()).difference(from: before)
    #expect(changed == [])
  }

  @Test("T-A16: an index behind a link out of the root is shown and never changed")
  func linkedIndex() throws {
    let real = try TemporaryCache.crashed()
    let cache = try TemporaryCache()
    try FileManager.default.createSymbolicLink(
      atPath: cache.index, withDestinationPath: real.index)
    let before = CacheSnapshot(real.root)
    #expect(try Look.unwritten(cache).ids.count == 3, "the WAL lies beside the real file")
    for open in waysToChange {
      let error = #expect(throws: CacheError.self) { try open(cache.location) }
      #expect(error?.code == .refused)
    }
    #expect(CacheSnapshot(real.root).difference(from: before) == [])
  }

  @Test(
    "T-A17: no right to read names the file; a folder that cannot be written is no obstacle",
    .enabled(if: LadderTests.isRoot))
  func permissions() throws {
    let cache = try TemporaryCache.filled(2)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o555], ofItemAtPath: cache.root.string)
    #expect(try ActorProcess.asNobody("inspect", cache).line() == "ok immutable 2 0 sound")
    try FileManager.default.removeItem(atPath: cache.outside("actor"))
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: cache.index)
    let line = try ActorProcess.asNobody("inspect", cache).line() ?? ""
    #expect(line.hasPrefix("error permission ") && line.contains(cache.index), "\(line)")
  }

  @Test("T-A19: user_version and application_id of others do not matter")
  func foreignHeader() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(cache.index, "PRAGMA user_version = 77; PRAGMA application_id = 123456")
    #expect(try Look.unwritten(cache).ids == [1, 2])
    try DiskCache.open(at: cache.location).close()
  }

  @Test("T-A26: an index that was replaced is read anew, and the token tells")
  func replaced() throws {
    let (cache, other) = (try TemporaryCache.filled(2), try TemporaryCache.filled(5))
    let inspected = try DiskCache.inspect(at: cache.location)
    let before = try inspected.changeToken()
    #expect(try inspected.entryIDs(EntryQuery()).count == 2)
    try #require(rename(other.index, cache.index) == 0)
    #expect(try inspected.changeToken() != before)
    #expect(try inspected.entryIDs(EntryQuery()).count == 5)
  }

  @Test("T-A27: an index that was removed says so, and comes back when it is written again")
  func removed() throws {
    let cache = try TemporaryCache.filled(2)
    let inspected = try DiskCache.inspect(at: cache.location)
    #expect(try inspected.entryIDs(EntryQuery()).count == 2)
    try FileManager.default.removeItem(atPath: cache.index)
    for read in [{ _ = try inspected.changeToken() }, { _ = try inspected.statistics() }] {
      let error = #expect(throws: CacheError.self) { try read() }
      #expect(error?.code == .noIndex)
    }
    try DiskCache.open(at: cache.location).close()
    #expect(try inspected.statistics().entries == 0)
  }

  @Test("T-A26: a live index that was replaced is read anew, too")
  func replacedWhileLive() throws {
    let (cache, other) = (try TemporaryCache.filled(2), try TemporaryCache.filled(5))
    let writer = try RawIndex(cache.index)
    try writer.run("UPDATE entries SET use_count = 1")
    let inspected = try DiskCache.inspect(at: cache.location)
    #expect(try inspected.entryIDs(EntryQuery()).count == 2)
    #expect(inspected.source == .live)
    try FileManager.default.removeItem(atPath: cache.index + "-wal")
    try FileManager.default.removeItem(atPath: cache.index + "-shm")
    try #require(rename(other.index, cache.index) == 0)
    #expect(try inspected.entryIDs(EntryQuery()).count == 5)
  }
}
