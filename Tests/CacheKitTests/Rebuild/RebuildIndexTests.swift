import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("Rebuilding an index")
struct RebuildIndexTests {
  @Test("X6 (T-A1): a lost index comes back from the disk, with the URLs of a project's pointers")
  func lost() throws {
    let cache = try LostCache()
    let before = try cache.rows()
    try cache.lose()
    let report = try cache.rebuild()
    #expect(report.isDone && report.added.count == 4 && report.kept == nil && !report.hadIndex)
    let blobs = before.filter { $0.contains("lnk-blobs") }
    #expect(blobs.count == 3)
    #expect(Set(try cache.rows()).isSuperset(of: blobs))
    // A tree tells its place and its size, and no file tells its URL.
    let tree = try RawIndex.column(
      cache.cache.index,
      "SELECT installed_path || ' ' || installed_bytes || url FROM entries WHERE kind = 'toolchains'"
    )
    let root = cache.context.location.root
    #expect(tree == [String(cache.tree("2.1.0").string.dropFirst(root.string.count + 1)) + " 700"])
    #expect(try cache.kept().isEmpty)
    #expect(try DiskCache.inspect(at: cache.context.location).integrity().isSound)
    #expect(try DiskCache.inspect(at: cache.context.location).migrations().isCurrent)
  }

  @Test(
    "X6: a blob that no pointer names is an entry without a URL, which a later project gives it")
  func withoutURL() throws {
    let cache = try LostCache()
    let before = try cache.rows()
    try cache.lose()
    #expect(try cache.rebuild(knowsProject: false).unnamed == 4)
    let entry = try #require(
      try DiskCache.inspect(at: cache.context.location).entries(ids: [1]).first)
    #expect(entry.problems.map(\.column) == ["url"])
    let report = try cache.rebuild()
    #expect(report.isDone && report.named == 3 && report.added.isEmpty)
    #expect(Set(try cache.rows()).isSuperset(of: before.filter { $0.contains("lnk-blobs") }))
  }

  @Test("R6 (T-A5): damage in the middle keeps the rows around it, and the disk gives the others")
  func damaged() throws {
    let cache = try LostCache(blobs: 200)
    let before = try cache.rows()
    let size = try cache.cache.size()
    var random = SeededRandom(seed: 7)
    let noise = (0..<8192).map { _ in UInt8.random(in: 0...255, using: &random) }
    let middle = size / 2 / 4096 * 4096
    try cache.cache.overwrite(at: middle, with: noise)
    let report = try cache.rebuild()
    #expect(report.damage?.code == .damaged && report.isDone)
    #expect(!report.isSalvageWhole && report.salvagedEntries > 0)
    let blobs = before.filter { $0.contains("lnk-blobs") }
    #expect(blobs.count == 200)
    #expect(Set(try cache.rows()).isSuperset(of: blobs))
    let kept = try #require(report.kept)
    let bytes = try Data(contentsOf: URL(filePath: kept.string))
    #expect(
      UInt64(bytes.count) == size && Array(bytes.dropFirst(Int(middle)).prefix(8192)) == noise)
    #expect(try cache.kept() == [kept.lastComponent?.string])
  }

  @Test(
    "R6 (T-A4, T-A6): whatever is wrong with the file, the blobs of a project come back whole",
    arguments: ["header", "cut", "zeros", "empty"])
  func damages(how: String) throws {
    let cache = try LostCache(blobs: 60)
    let before = try cache.rows()
    switch how {
    case "header": try cache.cache.overwrite(at: 0, with: Array(repeating: 0x41, count: 16))
    case "cut": try cache.cache.truncate(to: cache.cache.size() * 3 / 4)
    case "zeros": try cache.cache.overwrite(at: 4096, with: Array(repeating: 0, count: 16_384))
    default: try cache.cache.truncate(to: 0)
    }
    let report = try cache.rebuild()
    #expect(report.isDone && report.isNeeded)
    let blobs = before.filter { $0.contains("lnk-blobs") }
    #expect(blobs.count == 60)
    #expect(Set(try cache.rows()).isSuperset(of: blobs))
    #expect(try DiskCache.inspect(at: cache.context.location).integrity().isSound)
  }

  @Test("R6: a row that can be read keeps its id, its uses, its leases and the note of its pin")
  func salvaged() throws {
    let cache = try LostCache()
    let index = cache.cache.index
    try RawIndex.run(
      index,
      """
      UPDATE entries SET use_count = 41, last_used_at = 77, pinned = 5 WHERE id = 2;
      INSERT INTO leases VALUES (2, 4242, -3, 5, 99);
      INSERT INTO cache_meta VALUES ('cachescope_pin:x', 'why');
      INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, installed_bytes)
        VALUES (900, 'emulators', CAST(x'68C328' AS TEXT), 's', 'h', 'v', -1, 'lots');
      DROP INDEX idx_lru_installed
      """)
    // Nothing is wrong with it but a row that the disk has and the index has not.
    try RawIndex.run(index, "DELETE FROM entries WHERE id = 1")
    let report = try cache.rebuild()
    #expect(report.isDone && report.damage == nil && report.isSalvageWhole)
    #expect(report.added.map(\.url) == [LostCache.url(0)])
    let row = "SELECT use_count || ' ' || last_used_at || ' ' || pinned FROM entries WHERE id = 2"
    #expect(try RawIndex.column(index, row) == ["41 77 5"])
    #expect(
      try RawIndex.column(index, "SELECT holder_nonce || ' ' || refcount FROM leases") == ["-3 5"])
    #expect(
      try RawIndex.column(index, "SELECT value FROM cache_meta WHERE key LIKE 'cachescope_pin%'")
        == ["why"])
    let odd = "SELECT hex(url) || ' ' || typeof(installed_bytes) FROM entries WHERE id = 900"
    #expect(try RawIndex.column(index, odd) == ["68C328 text"])
  }

  @Test(
    "R6 (T-A4): rows whose pages are whole come back though what leads to them is damaged",
    arguments: ["header", "root of entries"])
  func leaves(damage: String) throws {
    let cache = try LostCache(blobs: 200)
    let held = try #require(try RawIndex.column(cache.cache.index, "SELECT id FROM entries").last)
    try RawIndex.run(
      cache.cache.index,
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      VALUES (\(held), \(getpid()), 77, 2, 1790000000);
      UPDATE entries SET use_count = 40 + id, pinned = 2 * (id = \(held));
      """)
    let root = try #require(
      try RawIndex.column(
        cache.cache.index, "SELECT rootpage FROM sqlite_master WHERE name = 'entries'"
      ).first)
    let before = try cache.rows()
    let page = damage == "header" ? 0 : try #require(Int(root)) - 1
    try cache.cache.overwrite(at: UInt64(page * 4096), with: [UInt8](repeating: 0xA5, count: 16))
    let report = try cache.rebuild(knowsProject: false)
    #expect(report.isDone && report.salvagedEntries == before.count && report.salvagedLeases == 1)
    #expect(try cache.rows() == before)
    let lease = try RawIndex.column(
      cache.cache.index,
      "SELECT entry_id || ' ' || holder_nonce || ' ' || refcount || ' ' || acquired_at FROM leases")
    #expect(lease == ["\(held) 77 2 1790000000"])
  }

  @Test("R6: what a row names gets no second row, whatever kind and hash the row has")
  func named() throws {
    let cache = try LostCache()
    try RawIndex.run(
      cache.cache.index,
      "UPDATE entries SET kind = 'emulators', hash = '00aa' WHERE installed_path IS NOT NULL")
    let report = try cache.rebuild()
    #expect(!report.isNeeded && report.added.isEmpty)
  }

  @Test("R6: a row of zeros is left out, and a path that ends in zeros is found again")
  func zeros() throws {
    let cache = try LostCache()
    try RawIndex.run(
      cache.cache.index,
      """
      UPDATE entries SET archive_path = CAST(x'2F610000' AS TEXT) WHERE id = 1;
      INSERT INTO entries (kind, url, stem, hash, version, last_used_at)
        VALUES ('packages', '', '', CAST(x'0000' AS TEXT), CAST(x'00' AS TEXT), 0);
      """)
    let report = try cache.rebuild()
    #expect(report.isDone && report.dropped == 1 && report.completed.count == 1)
    #expect(try cache.rows().count == 4)
  }

  @Test("a sound index that has all is left as it is")
  func sound() throws {
    let cache = try LostCache()
    let before = try Data(contentsOf: URL(filePath: cache.cache.index))
    let report = try cache.rebuild()
    #expect(!report.isNeeded && !report.isDone)
    #expect(try Data(contentsOf: URL(filePath: cache.cache.index)) == before)
    #expect(try cache.kept().isEmpty)
  }

  @Test("T-J5: what proves nothing gets no row, and stays where it is")
  func unproved() throws {
    let cache = try LostCache()
    let blob = try #require(
      try RawIndex.column(
        cache.cache.index, "SELECT archive_path FROM entries WHERE id = 1"
      ).first)
    try Data("other bytes".utf8).write(to: URL(filePath: blob))
    try cache.makeTree("3.0.0", isComplete: false)
    try cache.makeTree("4.0.0_staging")
    try cache.lose()
    let report = try cache.rebuild()
    #expect(report.added.count == 3)
    #expect(
      Set(report.unproved.map(\.path)) == [FilePath(blob), cache.tree("3.0.0")])
    #expect(try String(contentsOfFile: blob, encoding: .utf8) == "other bytes")
  }

  @Test("links lead the search nowhere: neither a blob nor a tree outside becomes an entry")
  func links() throws {
    let cache = try LostCache(blobs: 1)
    let archives = cache.context.location.archives
    let outside = cache.cache.outside("moved")
    try FileManager.default.moveItem(atPath: archives.string, toPath: outside)
    try FileManager.default.createDirectory(
      atPath: archives.string, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: archives.appending("lnk-blobs").string, withDestinationPath: outside + "/lnk-blobs")
    try cache.lose()
    #expect(try cache.rebuild().added.map(\.kind) == [.toolchains])
  }

  @Test("a row that names its blob where nothing is gets the place where it is: a moved cache")
  func completed() throws {
    let cache = try LostCache()
    let before = try cache.rows()
    try RawIndex.run(
      cache.cache.index,
      "UPDATE entries SET archive_path = '/elsewhere' || archive_path WHERE archive_path IS NOT NULL"
    )
    let report = try cache.rebuild()
    #expect(report.completed.count == 3 && report.added.isEmpty)
    #expect(try cache.rows() == before)
  }

  @Test("a dry run tells the same and changes no byte below the root")
  func dryRun() throws {
    let cache = try LostCache()
    try cache.lose()
    let before = CacheSnapshot(cache.cache.root)
    let told = try cache.rebuild(dryRun: true)
    #expect(CacheSnapshot(cache.cache.root) == before && !told.isDone)
    #expect(try cache.rebuild().added == told.added)
  }

  @Test("an index with a newer schema is not rebuilt: what is not known would be lost")
  func newer() throws {
    let cache = try LostCache()
    try RawIndex.run(
      cache.cache.index, "INSERT INTO schema_migrations VALUES ('m099_future', 1)")
    let before = try Data(contentsOf: URL(filePath: cache.cache.index))
    #expect { try cache.rebuild() } throws: { ($0 as? CacheError)?.code == .newerSchema }
    #expect(try Data(contentsOf: URL(filePath: cache.cache.index)) == before)
  }

  @Test("G5: while another process has the index open nothing is done, and it is named")
  func busy() async throws {
    let cache = try LostCache()
    try RawIndex.run(cache.cache.index, "DELETE FROM entries WHERE id = 1")
    let sqlite = Process()
    sqlite.executableURL = URL(filePath: "/usr/bin/env")
    sqlite.arguments = ["sqlite3", cache.cache.index]
    let (input, output) = (Pipe(), Pipe())
    (sqlite.standardInput, sqlite.standardOutput) = (input, output)
    try sqlite.run()
    defer { sqlite.terminate() }
    input.fileHandleForWriting.write(Data("SELECT count(*) FROM entries;\n".utf8))
    _ = output.fileHandleForReading.availableData
    #expect { try cache.rebuild() } throws: { error in
      guard let error = error as? CacheError else { return false }
      return error.code == .busy && error.message.contains("\(sqlite.processIdentifier)")
    }
    #expect(try cache.kept().isEmpty)
    input.fileHandleForWriting.closeFile()
    sqlite.waitUntilExit()
    #expect(try cache.rebuild().isDone)
  }

  @Test(
    "a rebuild stands in the journal with the place of the old index, and cannot be undone by key")
  func journal() throws {
    let cache = try LostCache()
    try cache.cache.overwrite(at: 0, with: Array(repeating: 0x41, count: 16))
    let report = try cache.rebuild()
    let line = try #require(cache.context.journal?.read().lines.last)
    #expect(line.action == "rebuild" && line.command.contains(cache.project.string))
    #expect(line.undoObstacle?.contains(try #require(report.kept).string) == true)
  }

  @Test("a legacy index keeps its rows, and becomes one of today's")
  func legacy() throws {
    let cache = try Fixture.legacyVA.copied()
    let before = try RawIndex.column(cache.index, "SELECT url FROM entries ORDER BY url")
    let leases = try RawIndex.column(cache.index, "SELECT holder_pid FROM leases ORDER BY 1")
    // A tree without a row makes it worth the while.
    let tree = cache.path("platforms/x/0123456789abcdef/1.0")
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: tree + "/" + CachePaths.sentinel))
    var context = ActionContext(location: cache.location)
    context.isOffline = true
    #expect(try RebuildIndex().perform(in: context).added.map(\.version) == ["1.0"])
    #expect(
      try RawIndex.column(cache.index, "SELECT url FROM entries WHERE url <> '' ORDER BY url")
        == before)
    #expect(try RawIndex.column(cache.index, "SELECT holder_pid FROM leases ORDER BY 1") == leases)
    #expect(try DiskCache.inspect(at: cache.location).migrations().isCurrent)
  }
}
