import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// 10,000 rows with every storage class in every column, looked at from all sides.
@Suite("Rows of any content")
struct HostileRowTests {
  private struct Shared: Sendable {
    let cache: TemporaryCache
    let rows: HostileRows
  }

  private static let shared = Result {
    let cache = try TemporaryCache.filled(1)
    // A static value outlives every destructor.
    atexit { HostileRowTests.removeFiles() }
    return Shared(cache: cache, rows: try HostileRows.write(10_000, to: cache, seed: 20_261_122))
  }

  private static func removeFiles() {
    guard let shared = try? shared.get() else { return }
    try? FileManager.default.removeItem(
      atPath: shared.cache.root.removingLastComponent().string)
  }

  @Test("R2, T-B6, T-B10, T-B22: each of 10,000 random rows is listed with its true values")
  func listed() throws {
    let shared = try Self.shared.get()
    let inspected = try DiskCache.inspect(at: shared.cache.location)
    var seen: Set<Int64> = []
    let damage = try inspected.forEachEntry(EntryQuery()) { entry in
      seen.insert(entry.id)
      Self.compare(entry, shared.rows)
    }
    #expect(damage == nil && seen == Set(shared.rows.rows.keys))
  }

  private static func compare(_ entry: Entry, _ rows: HostileRows) {
    let texts: [(String, RawText?)] = [
      ("kind", entry.kind), ("url", entry.url), ("stem", entry.stem), ("hash", entry.hash),
      ("version", entry.version), ("archive_path", entry.archivePath),
      ("archive_sha256", entry.archiveSHA256), ("installed_path", entry.installedPath),
    ]
    for (column, text) in texts {
      let stored = rows.cell(entry.id, column)
      let kept = stored.text?.prefix(InspectedCache.listTextLimit)
      let isSame = text?.bytes.elementsEqual(kept ?? []) ?? (stored.text == nil)
      #expect(isSame && text?.fullCount == stored.text?.count, "row \(entry.id) \(column)")
      expectProblem(entry, column, stored, isWrong: stored.text == nil && stored != .null)
    }
    let numbers: [(String, Int64?)] = [
      ("archive_bytes", entry.archiveBytes), ("installed_bytes", entry.installedBytes),
      ("installed_at", entry.installedAt), ("archived_at", entry.archivedAt),
      ("last_used_at", entry.lastUsedAt), ("use_count", entry.useCount), ("pinned", entry.pinned),
    ]
    for (column, number) in numbers {
      let stored = rows.cell(entry.id, column)
      #expect(number == stored.integer, "row \(entry.id) \(column)")
      expectProblem(entry, column, stored, isWrong: stored.integer == nil && stored != .null)
    }
  }

  private static func expectProblem(
    _ entry: Entry, _ column: String, _ stored: HostileCell, isWrong: Bool
  ) {
    let required = !["archive", "installed"].contains { column.hasPrefix($0) }
    guard isWrong || stored == .null && required else { return }
    let isNamed = entry.problems.contains { $0.column == column }
    #expect(isNamed, "row \(entry.id) \(column) holds \(stored)")
  }

  @Test(
    "R2: every sort of 10,000 random rows is a permutation of them",
    arguments: EntryColumn.allCases)
  func sorted(by column: EntryColumn) throws {
    let shared = try Self.shared.get()
    let inspected = try DiskCache.inspect(at: shared.cache.location)
    for isDescending in [false, true] {
      let ids = try inspected.entryIDs(EntryQuery(sort: column, isDescending: isDescending))
      #expect(ids.count == 10_000 && Set(ids) == Set(shared.rows.rows.keys))
      let again = try inspected.entryIDs(EntryQuery(sort: column, isDescending: isDescending))
      #expect(ids == again, "ties go by id")
    }
  }

  @Test(
    "R2: no filter fails on random rows, and a negated one takes what the other leaves",
    arguments: [
      "x", "pinned", "leased", "problem", "size>1K", "uses<3", "age>1d", "kind:lnk", "name:a\\b",
      "%", "_", "'\"", "id:0", "hash:f", "sha:0", "path:..", "\u{1B}[", "size>", ":", "!",
      "age<99999999999999999999w",
    ])
  func filtered(by words: String) throws {
    let shared = try Self.shared.get()
    let inspected = try DiskCache.inspect(at: shared.cache.location)
    let matching = try inspected.entryIDs(EntryQuery(filter: EntryFilter(words)))
    guard words != "!" else { return }
    let others = try inspected.entryIDs(EntryQuery(filter: EntryFilter("!" + words)))
    #expect(Set(matching).isDisjoint(with: others))
    #expect(matching.count + others.count == 10_000)
  }

  @Test("R2, A2: totals over random rows are what their usable sizes sum up to, saturated")
  func totals() throws {
    let shared = try Self.shared.get()
    let found = try DiskCache.inspect(at: shared.cache.location).statistics()
    #expect(found.entries == 10_000)
    var isSaturated = false
    for (phase, result) in [("archive", found.archives), ("installed", found.installed)] {
      let cells = shared.rows.rows.keys.map { shared.rows.cell($0, "\(phase)_bytes") }
      var sum: Int64 = 0
      for size in cells.compactMap(\.integer) where size > 0 {
        let next = sum.addingReportingOverflow(size)
        isSaturated = isSaturated || next.overflow
        sum = next.overflow ? .max : next.partialValue
      }
      #expect(result.bytes == sum, "\(phase)")
      let paths = shared.rows.rows.keys.filter { shared.rows.cell($0, "\(phase)_path") != .null }
      #expect(result.count == Int64(paths.count))
    }
    #expect(found.isSaturated == isSaturated)
  }

  @Test("R2: leases of any content are listed, judged and never stop a list of entries")
  func leases() throws {
    let shared = try Self.shared.get()
    let stored = try RawIndex.column(shared.cache.index, "SELECT COUNT(*) FROM leases")
    let report = try ListLeases().perform(in: ActionContext(location: shared.cache.location))
    #expect(stored == ["\(report.leases.count)"] && report.leases.count > 1000)
    _ = try ShowStatus().perform(in: ActionContext(location: shared.cache.location))
    for id in shared.rows.rows.keys.sorted().prefix(50) {
      _ = try ShowEntry(id: id).perform(in: ActionContext(location: shared.cache.location))
    }
  }
}

@Suite("Rows of known damage")
struct DamagedRowTests {
  /// A cache whose one entry was changed by an UPDATE, as listed and as counted.
  private func changed(_ set: String) throws -> (Entry, Statistics) {
    let cache = try TemporaryCache.filled(1)
    try RawIndex.run(cache.index, "UPDATE entries SET \(set)")
    let inspected = try DiskCache.inspect(at: cache.location)
    let entry = try #require(try inspected.entries(ids: [1]).first)
    return (entry, try inspected.statistics())
  }

  @Test("T-B1: an unknown kind is listed, counted and named")
  func unknownKind() throws {
    let (entry, statistics) = try changed("kind = 'future-kind'")
    #expect(entry.kind == "future-kind" && entry.knownKind == nil)
    #expect(entry.problems.contains { $0.column == "kind" } && statistics.unknownKinds == 1)
  }

  @Test(
    "T-B2, T-B3, T-B4: a size that is no byte count is named and counts as 0",
    arguments: ["'lots'", "1.5", "1e300", "9e999", "-5", "x'00'"])
  func sizes(value: String) throws {
    let (entry, statistics) = try changed("archive_bytes = \(value)")
    #expect(entry.problems.contains { $0.column == "archive_bytes" } && entry.totalBytes == 0)
    #expect(statistics.archives.bytes == 0 && statistics.unusableSizes == 1)
  }

  @Test("T-B5: two rows of the largest size saturate the total and say so")
  func saturation() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      "UPDATE entries SET archive_bytes = 9223372036854775807, installed_bytes = 9223372036854775807"
    )
    let inspected = try DiskCache.inspect(at: cache.location)
    let statistics = try inspected.statistics()
    #expect(statistics.isSaturated && statistics.totalBytes == .max)
    #expect(try inspected.entries(ids: [1]).first?.totalBytes == .max)
    #expect(try inspected.entryIDs(EntryQuery(sort: .size, isDescending: true)) == [1, 2])
  }

  @Test("T-B7: a row with neither phase is a zombie")
  func zombie() throws {
    let (_, statistics) = try changed("archive_path = NULL, archive_bytes = NULL")
    #expect(statistics.zombies == 1)
  }

  @Test("T-B8: an empty path, and one that leaves through .., are named")
  func paths() throws {
    for path in ["", "../victim", "a/../../b", ".."] {
      let (entry, _) = try changed("archive_path = '\(path)'")
      #expect(entry.problems.contains { $0.column == "archive_path" }, "\(path)")
    }
    let (sound, _) = try changed("archive_path = 'c/a..b/..c/...'")
    #expect(!sound.problems.contains { $0.column == "archive_path" })
  }

  @Test(
    "T-B8, T-E1, T-E3: a path that would make fbuild's GC delete more than an entry is named",
    arguments: [
      ".", "./", "archives", "installed/packages", "index.sqlite", "a//b/./", "/",
      "/srv/victim/dir",
      "$ROOT", "$ROOT/", "$ROOT/index.sqlite", "$ROOT/archives/./lnk-blobs", "$ROOT-other/a/b/c",
    ])
  func dangerousPaths(path: String) {
    let root = "/var/cache/fbuild"
    let bytes = Array(path.replacing("$ROOT", with: root).utf8)
    #expect(StoredPath.danger(bytes, root: Array(root.utf8)) != nil)
  }

  @Test(
    "T-B20: paths that real fbuild writes are sound, also those of a cache that was moved",
    arguments: [
      "platforms/127-ArduinoCore-avr-1/0a08cfe064234311/0.0.0+override", "a/b/c",
      "/var/cache/fbuild/archives/lnk-blobs/127-a/9008f188f5758f7a/3cbb/a.zip",
      "/home/ci/.fbuild/prod/cache/archives/lnk-blobs/127-a/9008f188f5758f7a/3cbb/a.zip",
    ])
  func soundPaths(path: String) {
    #expect(StoredPath.danger(Array(path.utf8), root: Array("/var/cache/fbuild".utf8)) == nil)
  }

  @Test("T-B18: a blob whose hash is not that of its URL is named")
  func foreignHash() throws {
    let url = "http://127.0.0.1/a.bin"
    let own = "kind = 'lnk-blobs', url = '\(url)', version = archive_sha256, hash = "
    let (sound, _) = try changed(own + "'\(CachePaths.hash(ofURL: url))'")
    #expect(!sound.problems.contains { $0.column == "hash" })
    for hash in ["0000000000000000", "", "\(CachePaths.hash(ofURL: url))0"] {
      let (entry, _) = try changed(own + "'\(hash)'")
      #expect(entry.problems.contains { $0.column == "hash" }, "\(hash)")
    }
  }

  @Test("T-B9: a BLOB shows its start and its length")
  func blobs() throws {
    let (entry, _) = try changed("url = x'00ff10', version = zeroblob(1048576)")
    #expect(entry.url == nil && entry.version == nil)
    #expect(entry.problems.contains { $0.column == "url" && $0.message.contains("00ff10") })
    #expect(entry.problems.contains { $0.column == "version" && $0.message.contains("1048576") })
  }

  @Test("T-B11: a text of 1 MB is cut in lists, keeps its length, and is whole where one is shown")
  func longText() throws {
    let cache = try TemporaryCache.filled(1)
    try RawIndex.run(cache.index, "UPDATE entries SET url = 'x' || hex(zeroblob(500000))")
    let inspected = try DiskCache.inspect(at: cache.location)
    let listed = try #require(try inspected.entries(ids: [1]).first)
    #expect(listed.url?.bytes.count == InspectedCache.listTextLimit)
    #expect(listed.url?.fullCount == 1_000_001 && listed.url?.string == nil)
    #expect(try inspected.entry(1)?.url?.bytes.count == 1_000_001)
  }

  @Test("T-B13: times that cannot be seconds are named", arguments: [-1, 1_700_000_000_000])
  func times(value: Int64) throws {
    let (entry, _) = try changed("last_used_at = \(value)")
    #expect(entry.lastUsedAt == value && entry.problems.contains { $0.column == "last_used_at" })
  }

  @Test("T-B15: use counts and pins of any size are shown as they are")
  func counts() throws {
    for value in [Int64.min + 1, -1, .max] {
      let (entry, _) = try changed("use_count = \(value), pinned = \(value)")
      #expect(entry.useCount == value && entry.pinned == value && entry.isGhost)
      #expect(!entry.problems.isEmpty)
    }
  }

  @Test(
    "T-B19: a blob's hash that is not its version is named",
    arguments: ["'ABC'", "NULL", "'zz'"])
  func blobHash(value: String) throws {
    let (entry, _) = try changed("archive_sha256 = \(value)")
    #expect(entry.problems.contains { $0.column == "archive_sha256" })
  }

  @Test("a path of the index is never looked up outside the root")
  func outside() throws {
    let cache = try TemporaryCache.filled(1)
    for (path, state) in [
      ("/etc/passwd", ShowEntry.PhaseOnDisk.State.outside), ("../../etc/passwd", .outside),
      ("archives/x/../../..", .outside), ("archives", .present), ("archives/none", .missing),
      (String(repeating: "/a", count: 20_000), .unreadable),
    ] {
      try RawIndex.run(cache.index, "UPDATE entries SET archive_path = '\(path)'")
      let report = try ShowEntry(id: 1).perform(in: ActionContext(location: cache.location))
      #expect(report.archive?.state == state, "\(path)")
    }
  }
}
