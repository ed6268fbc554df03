import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("What was kept, and what others did meanwhile")
struct KeptCareTests {
  /// The folder of the only run that is kept.
  private func run(_ made: CollectedCache) throws -> String {
    let runs = made.path(".cachescope-trash")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    return "\(runs)/\(name)"
  }

  @Test("files that somebody else has removed are not put back, and neither is their row")
  func removed() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1, 2], keep: 600).perform(in: made.context)
    // As if the run had been killed before it cleared the row, and a GC of fbuild had taken both since.
    try FileManager.default.removeItem(atPath: try run(made) + "/0")
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.entryID) == [2] && back.skipped.map(\.entryID) == [1])
    #expect(back.skipped.first?.reason == "somebody else has removed its files")
    #expect(try made.ids() == ["2"])
    #expect(try RestoreTrash().perform(in: made.context).restored.isEmpty)
  }

  @Test("what was installed anew at the place of a step is not called what it took")
  func replaced() throws {
    let made = try CollectedCache()
    try made.add(1)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    try FileManager.default.removeItem(atPath: try run(made) + "/0")
    try FileManager.default.createDirectory(
      atPath: made.full(1), withIntermediateDirectories: true,
      attributes: [.modificationDate: Date(timeIntervalSince1970: 1)])
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.skipped.first?.reason == "something else stands where its files were")
    #expect(try made.ids().isEmpty && made.hasTrash)
  }

  @Test("a row that was cleared when a kill kept its files where they were is put back")
  func killed() throws {
    let made = try CollectedCache()
    try made.add(1)
    let before = try RawIndex(made.index).dump()
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    try FileManager.default.moveItem(atPath: try run(made) + "/0", toPath: made.full(1))
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.reason) == [""] && back.skipped.isEmpty)
    #expect(try RawIndex(made.index).dump() == before && !made.hasTrash)
  }

  @Test("the same in a copy of the cache, which has other inodes")
  func copied() throws {
    let made = try CollectedCache()
    try made.add(1)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    let kept = try run(made) + "/0"
    // Foundation's copy loses the nanoseconds.
    let copy = try Process.run(
      URL(filePath: "/bin/cp"), arguments: ["-a", kept, made.full(1)])
    copy.waitUntilExit()
    try FileManager.default.removeItem(atPath: kept)
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.reason) == [""] && back.skipped.isEmpty)
    #expect(try made.ids() == ["1"] && !made.hasTrash)
  }

  @Test("a row whose files were missing when it was taken says so once it is back")
  func hollow() throws {
    let made = try CollectedCache()
    try made.addRow(1)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.reason) == ["its files were missing when it was taken"])
    #expect(try made.ids() == ["1"] && !made.hasTrash)
  }

  @Test("a dry run says of rows that share a tree what a real one does")
  func rehearsed() throws {
    var made = try CollectedCache()
    try made.add(1)
    try made.addRow(2, path: CollectedCache.path(1))
    _ = try EvictEntries(ids: [1, 2], keep: 600).perform(in: made.context)
    let live = made.context
    made.context = live.dryRun
    let dry = try RestoreTrash().perform(in: made.context)
    #expect(try RestoreTrash().perform(in: live) == dry)
    #expect(dry.restored.count == 2)
  }

  @Test("a cache that was moved gets back what it kept, at its new place")
  func moved() throws {
    let owner = try TemporaryCache()
    let made = try CollectedCache(at: owner.outside("old"), beside: owner)
    try made.add(1, .archive)
    try RawIndex.run(made.index, "UPDATE entries SET archive_path = '\(made.full(1, .archive))'")
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    let root = owner.outside("new")
    try FileManager.default.moveItem(atPath: made.root, toPath: root)
    var context = made.context
    context.location = CacheLocation(
      root: FilePath(root), stateFolder: made.context.location.stateFolder)
    let back = try RestoreTrash().perform(in: context)
    #expect(back.restored.count == 1 && back.skipped.isEmpty, "\(back.skipped)")
    let path = "\(root)/\(CollectedCache.path(1, .archive))"
    #expect(made.exists(path))
    let rows = try RawIndex.column(root + "/index.sqlite", "SELECT archive_path FROM entries")
    #expect(rows == [path])
  }

  @Test("a full path that leads elsewhere is no place of an entry, wherever the cache was")
  func elsewhere() throws {
    let made = try CollectedCache()
    func record(_ path: String) -> TrashRecord {
      TrashRecord(
        entryID: 1, phase: .archive, place: Array("archives/k/s/h".utf8),
        cells: ["archive_path": .text(Array(path.utf8))])
    }
    let place = try PathJail(made.context.location).place(of: record("").place).get()
    func named(_ path: String) -> [UInt8]? {
      record(path).naming(place, made.context.location)?.path
    }
    #expect(named("archives/k/s/h") == Array("archives/k/s/h".utf8))
    #expect(named("/old/archives/k/s/h") == Array(made.path("archives/k/s/h").utf8))
    for path in ["/old/archives/k/s/i", "archives/k/s/i", "x/archives/k/s/h", "/archives/k/s", ""] {
      #expect(named(path) == nil, "\(path)")
    }
  }

  @Test("an old index needs no migration for undo, as it needs none for the eviction")
  func legacy() throws {
    for fixture in [Fixture.legacyVA, .legacyVC] {
      let cache = try fixture.copied()
      var context = ActionContext(location: cache.location)
      context.isOffline = true
      let before = try RawIndex.column(cache.index, "SELECT id FROM entries ORDER BY id")
      let id = try #require(before.first.flatMap { Int64($0) })
      let report = try EvictEntries(ids: [id], keep: 600).perform(in: context)
      #expect(!report.outcomes.isEmpty && report.skipped.isEmpty)
      let back = try RestoreTrash().perform(in: context)
      #expect(back.restored.count == report.outcomes.count && back.skipped.isEmpty)
      let after = try RawIndex.column(cache.index, "SELECT id FROM entries ORDER BY id")
      #expect(after == before)
    }
  }

  @Test("an entry whose id another one has by now is told by the new id, in the journal, too")
  func newID() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [2], keep: 600).perform(in: made.context)
    try made.addRow(2, path: "installed/packages/s/other/1", more: ["hash": "'other'"])
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.entryID) == [3])
    #expect(back.restored.first?.reason == "it was entry 2")
    #expect(try made.ids() == ["1", "2", "3"])
    let lines = try #require(made.context.journal).read(of: made.context.location.journalName)
    let line = try #require(lines.lines.last)
    #expect(line.before.isEmpty && line.after.map(\.entryID) == [3])
    let history = try ShowEntry(id: 3).perform(in: made.context).history
    #expect(history.steps.contains { $0.words.contains("cachescope undo") })
    #expect(
      !(try ShowEntry(id: 2).perform(in: made.context).history.steps).contains {
        $0.words.contains("cachescope undo")
      })
  }
}
