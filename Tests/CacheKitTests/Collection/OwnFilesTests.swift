import Foundation
import TestSupport
import Testing

@testable import CacheKit

@Suite("What ours frees where real GC would have taken more before")
struct OwnFilesTests {
  @Test("A1: files below what ours leaves are counted, and go", arguments: ["", "installed", "."])
  func left(path: String) throws {
    let made = try CollectedCache()
    try made.addRow(1, path: path)
    try made.add(2)
    let plan = try made.plan()
    let step = try #require(plan.steps.first { $0.entryID == 2 })
    #expect(step.isTaken && step.files.inodes == 4 && plan.freed > 0)
    let report = try made.apply(plan)
    #expect(report.outcomes.map(\.result) == [.removed] && report.freed == plan.freed)
  }

  @Test(
    "a row that spells its place in another way is taken as it is seen", arguments: ["/", "/."])
  func spelled(end: String) throws {
    let made = try CollectedCache()
    try made.addRow(1, path: "")
    try made.add(2)
    try RawIndex.run(
      made.index, "UPDATE entries SET installed_path = installed_path || '\(end)' WHERE id = 2")
    let report = try made.apply(try made.plan())
    #expect(report.outcomes.map(\.result) == [.removed], "\(report.outcomes)")
  }

  @Test("a link behind a slash counts for itself, and comes back")
  func link() throws {
    let made = try CollectedCache()
    try made.add(1)
    let folder = made.path("archives/packages/s/h2")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/2", withDestinationPath: made.path("installed"))
    try made.addRow(2, .archive, path: "archives/packages/s/h2/2/")
    let before = try RawIndex(made.index).dump()
    let report = try EvictEntries(ids: [2], keep: 600).perform(in: made.context)
    #expect(report.outcomes.map(\.result) == [.kept])
    let back = try RestoreTrash().perform(in: made.context)
    #expect(back.skipped.isEmpty && made.exists(folder + "/2"), "\(back.skipped)")
    #expect(try RawIndex(made.index).dump() == before)
  }
}
