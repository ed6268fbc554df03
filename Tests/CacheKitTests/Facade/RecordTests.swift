import CacheKit
import SystemPackage
import TestSupport
import Testing

@Suite("Recording and looking up")
struct RecordTests {
  private let url = "https://e.org/tools/gcc.tar.gz"

  @Test("open makes the folders and an index that any SQLite reads, as fbuild does")
  func openCreates() throws {
    let cache = try TemporaryCache(makesRoot: false)
    try DiskCache.open(at: cache.location).close()
    #expect(Set(CacheSnapshot(cache.root).items.keys).isSuperset(of: ["archives", "installed"]))
    #expect(try RawIndex.column(cache.index, "PRAGMA journal_mode") == ["wal"])
    #expect(try RawIndex.column(cache.index, "PRAGMA integrity_check") == ["ok"])
  }

  @Test("a first record has no use and no pin; a second one keeps URL, stem, uses and pins")
  func archiveUpsert() throws {
    let cache = try TemporaryCache()
    let first = try DiskCache.open(at: cache.location, options: .at(1000))
    let old = try first.recordArchive(
      kind: .lnkBlobs, url: url, version: "v1", path: "/c/a", bytes: 10, sha256: "aa")
    #expect(old.useCount == 0 && old.pinned == 0 && old.archivedAt == 1000)
    #expect(old.stem == "e-gcc" && old.lastUsedAt == 1000 && old.installedPath == nil)
    try first.touch(old)
    try RawIndex.run(cache.index, "UPDATE entries SET url = 'kept', stem = 'kept', pinned = 3")
    let second = try DiskCache.open(at: cache.location, options: .at(2000))
    let new = try second.recordArchive(
      kind: .lnkBlobs, url: url, version: "v1", path: "/c/b", bytes: 20, sha256: "bb")
    #expect(new.id == old.id && new.url == "kept" && new.stem == "kept")
    #expect(new.useCount == 1 && new.pinned == 3)
    #expect(new.archivePath == "/c/b" && new.archiveBytes == 20 && new.archiveSHA256 == "bb")
    #expect(new.archivedAt == 2000 && new.lastUsedAt == 2000)
  }

  @Test("an installation adds its phase to the entry of the same kind, URL and version")
  func bothPhases() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location, options: .at(5))
    try disk.recordArchive(
      kind: .toolchains, url: url, version: "1", path: "/x/a", bytes: 7, sha256: "s")
    let entry = try disk.recordInstall(
      kind: .toolchains, url: url, version: "1",
      path: cache.root.appending("toolchains/e-gcc/1"), bytes: 9)
    #expect(entry.archiveBytes == 7 && entry.installedBytes == 9 && entry.totalBytes == 16)
    #expect(entry.installedPath == "toolchains/e-gcc/1" && entry.installedAt == 5)
    #expect(try disk.statistics().entries == 1)
  }

  @Test("a path outside the root, and a relative one, are stored as given")
  func otherPaths() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    for (version, path) in [("1", "/elsewhere/x"), ("2", "platforms/y")] {
      let entry = try disk.recordInstall(
        kind: .platforms, url: url, version: version, path: FilePath(path), bytes: 1)
      #expect(entry.installedPath?.string == path)
    }
    // A sibling of the root that shares its first letters lies outside of it.
    let twin = cache.root.string + "-twin/x"
    let entry = try disk.recordInstall(
      kind: .platforms, url: url, version: "3", path: FilePath(twin), bytes: 1)
    #expect(entry.installedPath?.string == twin)
  }

  @Test("a negative size is recorded as 0")
  func negativeSize() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    let archive = try disk.recordArchive(
      kind: .packages, url: url, version: "1", path: "/a", bytes: -5, sha256: "")
    let install = try disk.recordInstall(
      kind: .packages, url: url, version: "2", path: "/b", bytes: .min)
    #expect(archive.archiveBytes == 0 && install.installedBytes == 0)
  }

  @Test("touch sets the last use to now and adds one use, each time")
  func touch() throws {
    let cache = try TemporaryCache()
    let entry = try DiskCache.open(at: cache.location, options: .at(10)).recordInstall(
      kind: .packages, url: url, version: "1", path: "p", bytes: 1)
    let later = try DiskCache.open(at: cache.location, options: .at(99))
    try later.touch(entry)
    try later.touch(entry)
    let after = try #require(try later.entry(entry.id))
    #expect(after.useCount == 2 && after.lastUsedAt == 99)
  }

  @Test("lookup needs kind, URL and version, all exact")
  func lookup() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    try disk.recordInstall(kind: .packages, url: url, version: "1", path: "p", bytes: 1)
    #expect(try disk.lookup(kind: .packages, url: url, version: "1") != nil)
    #expect(try disk.lookup(kind: .packages, url: url, version: "2") == nil)
    #expect(try disk.lookup(kind: .libraries, url: url, version: "1") == nil)
    #expect(try disk.lookup(kind: .packages, url: url + "?", version: "1") == nil)
  }

  @Test("lookupLatest takes the installed version that was used last")
  func lookupLatest() throws {
    let cache = try TemporaryCache()
    for (version, time) in [("1", 100), ("2", 300), ("3", 200)] as [(String, Int64)] {
      try DiskCache.open(at: cache.location, options: .at(time)).recordInstall(
        kind: .platforms, url: url, version: version, path: FilePath("p/\(version)"), bytes: 1)
    }
    let disk = try DiskCache.open(at: cache.location, options: .at(900))
    // An archive alone is no installation, however new.
    try disk.recordArchive(
      kind: .platforms, url: url, version: "4", path: "/a", bytes: 1, sha256: "")
    #expect(try disk.lookupLatest(kind: .platforms, url: url)?.version == "2")
    #expect(try disk.lookupLatest(kind: .toolchains, url: url) == nil)
  }

  @Test("statistics count phases, blocked bytes, zombies, unknown kinds and drift")
  func statistics() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    let held = try disk.recordInstall(
      kind: .packages, url: url, version: "1", path: "p", bytes: 100)
    try disk.recordArchive(
      kind: .lnkBlobs, url: url, version: "2", path: "/a", bytes: 11, sha256: "2")
    let drifted = try disk.recordInstall(
      kind: .packages, url: url, version: "3", path: "q", bytes: 5)
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET pinned = 2 WHERE id = \(drifted.id);
      INSERT INTO entries (kind, url, stem, hash, version, last_used_at)
      VALUES ('emulators', 'u', 's', 'h', 'v', 1)
      """)
    let lease = try disk.lease(held)
    let found = try disk.statistics()
    #expect(found.entries == 4 && found.zombies == 1 && found.unknownKinds == 1)
    #expect(found.installed == .init(count: 2, bytes: 105, heldBytes: 105))
    #expect(found.archives.bytes == 11 && found.archives.evictableBytes == 11)
    #expect(found.totalBytes == 116 && !found.isSaturated && found.ghosts == [drifted.id])
    try lease.release()
    #expect(try disk.statistics().installed.heldBytes == 5)
  }
}

extension OpenOptions {
  /// The clock stands still at `seconds`.
  static func at(_ seconds: Int64) -> OpenOptions { OpenOptions(clock: .fixed(seconds)) }
}
