import Foundation
import TestSupport
import Testing

@testable import CacheKit

@Suite("Where an entry stands in GC's order")
struct CollectionTurnTests {
  private func reasons(_ made: CollectedCache, _ id: Int64) throws -> [String] {
    try ShowEntry(id: id).perform(in: made.context).reasons
  }

  @Test("each phase has an order of its own, by the last use and then the id")
  func phases() throws {
    let made = try CollectedCache()
    try made.add(1, .archive)
    try made.add(2, .archive)
    try made.add(3)
    try RawIndex.run(made.index, "UPDATE entries SET last_used_at = 1001 WHERE id = 2")
    #expect(
      try reasons(made, 3) == [
        "nothing keeps its installation: it is the first installation that GC would take"
      ])
    #expect(
      try reasons(made, 2) == [
        "nothing keeps its archive: GC would take 1 less recently used archive before it"
      ])
    try RawIndex.run(
      made.index, "UPDATE entries SET archive_path = 'archives/packages/s/h3/3' WHERE id = 3")
    let both = try reasons(made, 3)
    #expect(both.count == 2 && both.last?.contains("2 less recently used archives") == true)
  }

  @Test("what GC cannot take is not called the first that it would take")
  func untaken() throws {
    let made = try CollectedCache()
    try made.addRow(1, bytes: "1.5")
    try made.addRow(2)
    let file = made.full(2)
    try FileManager.default.createDirectory(
      atPath: URL(filePath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try made.write(file)
    try made.addRow(3, path: "")
    #expect(try reasons(made, 1).first?.contains("GC of fbuild fails once it reads") == true)
    let words = "its installation cannot be removed, and GC passes over it: "
    for id in [Int64(2), 3] {
      #expect(try reasons(made, id).first?.hasPrefix(words) == true, "entry \(id)")
    }
  }
}
