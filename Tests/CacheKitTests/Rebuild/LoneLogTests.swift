import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("T-A11: a WAL whose index is gone")
struct LoneLogTests {
  /// Every row is in the WAL, and the file itself is gone, or empty.
  private static func lost(isEmpty: Bool) throws -> (cache: LostCache, rows: [String]) {
    let lost = try LostCache()
    let index = lost.cache.index
    let open = try RawIndex(index)
    try open.run(
      """
      PRAGMA wal_autocheckpoint = 0; VACUUM;
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
        SELECT min(id), 1, 7166180764764078080, 1, 1790000000 FROM entries
      """)
    let log = try Data(contentsOf: URL(filePath: index + "-wal"))
    let rows = try lost.rows()
    try open.close()
    try lost.lose()
    try log.write(to: URL(filePath: index + "-wal"))
    if isEmpty { try Data().write(to: URL(filePath: index)) }
    return (lost, rows)
  }

  @Test("it is told of, refuses what would delete it, and gives back rows and leases")
  func gone() throws {
    for isEmpty in [false, true] {
      let (lost, rows) = try Self.lost(isEmpty: isEmpty)
      for action in [{ try DiskCache.open(at: lost.cache.location).close() }] {
        let error = #expect(throws: CacheError.self) { try action() }
        #expect(error?.code == .damaged && error?.message.contains("in its WAL") == true)
      }
      let log = try Data(contentsOf: URL(filePath: lost.cache.index + "-wal"))
      #expect(!log.isEmpty)
      let report = try lost.rebuild(knowsProject: false)
      #expect(report.salvagedEntries == rows.count && report.salvagedLeases == 1)
      #expect(try lost.rows() == rows)
      #expect(try RawIndex.column(lost.cache.index, "SELECT count(*) FROM leases") == ["1"])
      #expect(try lost.kept().contains { $0.hasSuffix("-wal") })
    }
  }

  @Test("an index that is gone without one is made anew by whoever opens it")
  func none() throws {
    let lost = try LostCache()
    try lost.lose()
    try DiskCache.open(at: lost.cache.location).close()
    #expect(try lost.rows().isEmpty)
  }

  @Test("a tree whose folder is not named as its version has the row that names its path")
  func otherFolder() throws {
    let lost = try LostCache()
    let path = "installed/packages/s/0123456789abcdef/release_1.0"
    let tree = lost.context.location.root.string + "/" + path
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: tree + "/.install_complete"))
    #expect(try UnrecordedFiles.look(lost.context).count == 1)
    try RawIndex.run(
      lost.cache.index,
      """
      INSERT INTO entries (kind, url, stem, hash, version, installed_path, last_used_at)
      VALUES ('packages', 'u', 's', '0123456789abcdef', 'release/1.0', '\(path)', 1)
      """)
    #expect(try UnrecordedFiles.look(lost.context).count == 0)
  }

  @Test("A3: blobs and recorded trees without a row are counted, by their names alone")
  func unrecorded() throws {
    let lost = try LostCache()
    func look() throws -> [Int] {
      let files = try UnrecordedFiles.look(lost.context)
      return [files.count, files.recorded]
    }
    #expect(try look() == [0, 3])
    try RawIndex.run(
      lost.cache.index,
      "UPDATE entries SET archive_path = NULL WHERE id = 1; DELETE FROM entries WHERE id = 2")
    #expect(try look() == [2, 1])
    let tree = lost.context.location.installed.appending("packages/s/0123456789abcdef/1.0").string
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    #expect(try look() == [2, 1])
    try Data().write(to: URL(filePath: tree + "/.install_complete"))
    #expect(try look() == [3, 1])
    func severity() throws -> Finding.Severity? {
      let findings = try RunDoctor().perform(in: lost.context).status.findings
      return findings.first { $0.id == "unrecorded_files" }?.severity
    }
    #expect(try severity() == .warning)
    try FileManager.default.removeItem(atPath: tree)
    _ = try lost.rebuild()
    #expect(try severity() == nil)
    try RawIndex.run(lost.cache.index, "DELETE FROM entries WHERE id = 1")
    #expect(try severity() == .info)
  }
}
