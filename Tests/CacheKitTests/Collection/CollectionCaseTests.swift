import Foundation
import Glibc
import TestSupport
import Testing

@testable import CacheKit

@Suite("Rows and trees that a collection may meet")
struct CollectionCaseTests {
  @Test("T-E2: a path that leads upwards touches nothing outside, by plan or by id")
  func upwards() throws {
    let made = try CollectedCache()
    try made.add(1)
    let victim = (made.root as NSString).deletingLastPathComponent + "/victim/dir"
    try FileManager.default.createDirectory(atPath: victim, withIntermediateDirectories: true)
    try made.write(victim + "/mine")
    try made.addRow(2, path: "../victim/dir")
    let plan = try made.plan()
    #expect(plan.taken.map(\.entryID) == [1])
    #expect(try made.apply(plan).done.map(\.entryID) == [1])
    let evicted = try EvictEntries(ids: [2]).perform(in: made.context)
    #expect(evicted.skipped.map(\.entryID) == [2] && made.exists(victim + "/mine"))
    #expect(try made.ids() == ["2"])
  }

  @Test("T-E8: a tree with files and folders without rights goes, where they are one's own")
  func withoutRights() throws {
    let made = try CollectedCache()
    try made.add(1)
    for (name, mode) in [("a", 0o000), ("sub", 0o555)] as [(String, mode_t)] {
      #expect(chmod(made.full(1) + "/" + name, mode) == 0)
    }
    let report = try made.apply(try made.plan())
    #expect(report.done.map(\.result) == [.removed] && !made.exists(made.full(1)))
  }

  @Test("T-E11: where leases hold all there is, nothing goes, and the excess is named")
  func allHeld() throws {
    let made = try CollectedCache()
    for id in [Int64(1), 2] {
      try made.add(id)
      try made.addLease(id, pid: getpid())
    }
    try RawIndex.run(made.index, "UPDATE entries SET pinned = 1")
    let plan = try made.plan()
    #expect(plan.takenCount == 0 && plan.excess == 200)
    for kept in plan.kept {
      guard case .leased = kept.reason else {
        Issue.record("entry \(kept.entryID) stays: \(kept.reason.words)")
        continue
      }
    }
    #expect(plan.kept.map(\.entryID) == [1, 2], "\(plan.kept)")
    #expect(made.exists(made.full(1)))
  }
}
