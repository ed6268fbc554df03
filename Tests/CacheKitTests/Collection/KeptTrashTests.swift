import Foundation
import TestSupport
import Testing

@testable import CacheKit

@Suite("What was kept for undo")
struct KeptTrashTests {
  @Test("--keep: undo puts rows and files back as they were, whatever their values")
  func undo() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2, .archive)
    try RawIndex.run(
      made.cache.index,
      """
      UPDATE entries SET version = CAST(x'41ff' AS TEXT), url = x'00', use_count = 1.5,
        installed_at = 'soon' WHERE id = 1
      """)
    let before = try RawIndex(made.cache.index).dump()
    let report = try EvictEntries(ids: [1, 2], keep: 600).perform(in: made.context)
    #expect(report.outcomes.map(\.result) == [.kept, .kept] && report.freed == 0)
    #expect(try made.ids().isEmpty && !made.exists(made.full(1)) && made.hasTrash)
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.count == 2 && back.skipped.isEmpty)
    #expect(try RawIndex(made.cache.index).dump() == before)
    #expect(made.exists(made.full(1) + "/sub/b") && made.exists(made.full(2, .archive)))
    #expect(!made.hasTrash)
    #expect(throws: CacheError.self) { try RestoreTrash().perform(in: made.context) }
  }

  @Test("a tree that was taken out of another one goes back into it, in whichever order they went")
  func nested() throws {
    for ids in [[Int64(1), 2], [2, 1]] {
      let made = try CollectedCache()
      try made.add(1)
      try made.addRow(2, path: "installed/packages/s")
      let before = try RawIndex(made.index).dump()
      let report = try EvictEntries(ids: ids, keep: 600).perform(in: made.context)
      #expect(report.skipped.isEmpty && !made.exists(made.path("installed/packages/s")))
      let back = try RestoreTrash().perform(in: made.context)
      #expect(back.restored.count == 2 && back.skipped.isEmpty, "\(back.skipped)")
      #expect(try RawIndex(made.index).dump() == before)
      #expect(made.exists(made.full(1) + "/sub/b") && !made.hasTrash)
    }
  }

  @Test("of rows that share a tree each comes back, in whichever order they went")
  func shared() throws {
    for ids in [[Int64(1), 2, 3], [3, 2, 1]] {
      let made = try CollectedCache()
      try made.add(1)
      try made.addRow(2, path: CollectedCache.path(1))
      try made.addRow(3, path: CollectedCache.path(1))
      let before = try RawIndex(made.index).dump()
      let report = try EvictEntries(ids: ids, keep: 600).perform(in: made.context)
      #expect(report.skipped.isEmpty && !made.exists(made.full(1)))
      let back = try RestoreTrash().perform(in: made.context)
      #expect(back.skipped.isEmpty, "\(back.skipped)")
      #expect(try RawIndex(made.index).dump() == before)
      #expect(made.exists(made.full(1) + "/sub/b") && !made.hasTrash)
    }
  }

  @Test("a tree of which somebody else has removed a part is not put back as if it were whole")
  func halfRemoved() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1, 2], keep: 600).perform(in: made.context)
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    try FileManager.default.removeItem(atPath: "\(runs)/\(run)/0/sub/b")
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.entryID) == [2] && back.skipped.map(\.entryID) == [1])
    #expect(back.skipped.first?.reason.contains("not all of them are left") == true)
    #expect(try made.ids() == ["2"] && !made.exists(made.full(1)))
  }

  @Test(
    "texts come back whatever encoding the index has", arguments: ["UTF-8", "UTF-16le", "UTF-16be"])
  func encodings(name: String) throws {
    let owner = try TemporaryCache()
    let root = owner.outside("other")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try RawIndex.run(
      root + "/index.sqlite", "PRAGMA encoding = '\(name)'; CREATE TABLE x (y); DROP TABLE x")
    let made = try CollectedCache(at: root, beside: owner)
    try made.add(1)
    try RawIndex.run(made.index, "UPDATE entries SET url = 'http://x/größe''s', version = '日本'")
    let before = try RawIndex(made.index).dump()
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    #expect(try RestoreTrash().perform(in: made.context).restored.count == 1)
    #expect(try RawIndex(made.index).dump() == before)
  }

  @Test("T-E19: status tells of what can be put back, and of what a run left")
  func told() throws {
    let made = try CollectedCache()
    try made.add(1)
    func found() throws -> [String] {
      try ShowStatus().perform(in: made.context).findings.map(\.id).filter { $0.hasPrefix("trash") }
    }
    #expect(try found().isEmpty)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    #expect(try found() == ["trash_kept"])
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    try FileManager.default.copyItem(atPath: "\(runs)/\(run)", toPath: "\(runs)/evict.0.1")
    #expect(try found() == ["trash_kept", "trash_left"])
    _ = try RestoreTrash().perform(in: made.context)
    #expect(try found().isEmpty)
  }

  @Test("undo replaces nothing that has come in the meantime")
  func occupied() throws {
    let made = try CollectedCache()
    try made.add(1)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    try made.add(1)
    try made.write(made.full(1) + "/mine")
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.isEmpty && back.skipped.count == 1)
    #expect(made.exists(made.full(1) + "/mine"))
  }

  @Test("a run that cannot go back does not stand in the way of the one before it")
  func stuckRun() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [2], keep: 600).perform(in: made.context)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    try made.add(1)
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.restored.map(\.entryID) == [2] && back.skipped.map(\.entryID) == [1])
    #expect(made.exists(made.full(2) + "/sub/b"))
    #expect(try RestoreTrash().perform(in: made.context).restored.isEmpty)
  }

  @Test("what an undo had put back when it was killed is forgotten by the next change")
  func killedUndo() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    let aside = made.cache.outside("run")
    try FileManager.default.copyItem(atPath: "\(runs)/\(run)", toPath: aside)
    try FileManager.default.removeItem(atPath: "\(aside)/0")
    _ = try RestoreTrash().perform(in: made.context)
    try FileManager.default.createDirectory(atPath: runs, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: aside, toPath: "\(runs)/\(run)")
    _ = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(!made.hasTrash && made.exists(made.full(1) + "/sub/b"))
  }

  @Test("what was kept goes with the next change after its end, and not before")
  func expiry() throws {
    var made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    try made.add(3)
    made.context.options.clock = .fixed(5000)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    made.context.options.clock = .fixed(5599)
    _ = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(made.hasTrash)
    made.context.options.clock = .fixed(5601)
    #expect(throws: CacheError.self) { try RestoreTrash().perform(in: made.context) }
    _ = try EvictEntries(ids: [3]).perform(in: made.context)
    #expect(!made.hasTrash)
  }

  @Test("T-E19: a run that ended between the row and the files is finished by the next change")
  func interrupted() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1], keep: 1).perform(in: made.context)
    // As if it had ended before the move: the files are where they were, the row is gone.
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)/0", toPath: made.full(1))
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)", toPath: "\(runs)/evict.0.1")
    _ = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(!made.exists(made.full(1)) && !made.hasTrash)
  }

  @Test("T-E19: files that a new row names by then are left alone")
  func claimedAgain() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1], keep: 1).perform(in: made.context)
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)/0", toPath: made.full(1))
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)", toPath: "\(runs)/evict.0.1")
    try made.addRow(1)
    _ = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(made.exists(made.full(1) + "/a") && !made.hasTrash)
  }

  @Test("T-E19: what was installed anew at the place, and has no row yet, is left alone")
  func installedAnew() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try EvictEntries(ids: [1], keep: 1).perform(in: made.context)
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    try FileManager.default.removeItem(atPath: "\(runs)/\(run)/0")
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)", toPath: "\(runs)/evict.0.1")
    try FileManager.default.createDirectory(
      atPath: made.full(1), withIntermediateDirectories: true)
    try made.write(made.full(1) + "/new")
    _ = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(made.exists(made.full(1) + "/new") && !made.hasTrash)
  }

  @Test("a step that a kill kept from being made is nothing to undo")
  func neverMade() throws {
    let made = try CollectedCache()
    try made.add(1)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    let runs = made.cache.path(".cachescope-trash")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    let record = try Data(contentsOf: URL(filePath: "\(runs)/\(run)/0.row"))
    _ = try RestoreTrash().perform(in: made.context)
    let before = try RawIndex(made.cache.index).dump()
    try FileManager.default.createDirectory(
      atPath: "\(runs)/\(run)", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    try record.write(to: URL(filePath: "\(runs)/\(run)/0.row"))
    let error = #expect(throws: CacheError.self) { try RestoreTrash().perform(in: made.context) }
    #expect(error?.code == .notFound && !made.hasTrash)
    #expect(try RawIndex(made.cache.index).dump() == before && made.exists(made.full(1)))
  }

  @Test("a record says what it said, and a cut one says nothing")
  func records() throws {
    let record = TrashRecord(
      entryID: 7, phase: .archive, place: Array("archives/k/s/h".utf8), stamp: "1.2.3",
      cells: [
        "id": .integer(7), "url": .blob([0, 255]), "version": .text([0x41, 0xFF]),
        "stem": .text([]),
        "use_count": .real(.infinity), "installed_at": .null,
      ])
    #expect(TrashRecord(record.text) == record)
    for count in 0..<record.text.count - 1 {
      #expect(TrashRecord(Array(record.text.prefix(count))) == nil, "\(count) bytes")
    }
  }

  @Test("T-L4: whatever stands in a record or a plan, reading it ends, and no other place is named")
  func hostileFiles() throws {
    let made = try CollectedCache()
    try made.add(1)
    let record = TrashRecord(
      entryID: 7, phase: .archive, place: Array("archives/k/s/h".utf8),
      cells: ["id": .integer(7), "archive_path": .text(Array("archives/k/s/h".utf8))])
    let plan = PlanFile.text(try made.plan(), made.context.location)
    var random = SeededGenerator(11)
    for _ in 0..<3000 {
      for text in [record.text, plan] {
        var bytes = text
        for _ in 0...Int.random(in: 0..<4, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: place)
          default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
          }
        }
        if let found = TrashRecord(bytes) { #expect(TrashRecord(found.text) == found) }
        _ = PlanFile.Reader(bytes, made.context.location).plan("")
      }
    }
  }
}
