import Foundation
import Glibc
import TestSupport
import Testing

@testable import CacheKit

@Suite("The plan of a collection")
struct PlanCollectionTests {
  @Test("R1, X1: looking writes nothing in the cache, and the same cache gives the same plan")
  func pure() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2, .archive)
    let before = CacheSnapshot(made.cache.root)
    let (first, second) = (try made.plan(), try made.plan())
    #expect(CacheSnapshot(made.cache.root) == before)
    #expect(first.id == second.id && first.steps == second.steps)
    #expect(first.steps.map(\.entryID) == [1, 2] && first.frees == 200)
    try made.write(made.full(1) + "/new", bytes: 1)
    #expect(try made.plan().id != first.id)
  }

  @Test("every phase that is there is a step or kept with a reason, and one without files is named")
  func complete() throws {
    let made = try CollectedCache()
    for id in 1...3 as ClosedRange<Int64> { try made.add(id) }
    try made.addRow(4, bytes: "NULL", more: ["installed_path": "NULL"])
    try RawIndex.run(made.cache.index, "UPDATE entries SET pinned = 2 WHERE id = 2")
    let plan = try made.plan(.init(archive: 1000, installed: 150, high: 1000))
    #expect(plan.steps.map(\.entryID) == [1, 3])
    let reasons = Dictionary(uniqueKeysWithValues: plan.kept.map { ($0.entryID, $0.reason) })
    #expect(reasons[4] == .noFiles)
    guard case .ghost? = reasons[2] else {
      Issue.record("a pin without a lease is a ghost: \(plan.kept)")
      return
    }
    let none = try made.plan(.init(archive: 1000, installed: 1000, high: 1000))
    #expect(none.steps.isEmpty && none.kept.first?.reason == .withinLimits)
  }

  @Test(
    "T-D17, T-E10: a live lease with pinned 0 is no protection for real GC, and is one for ours")
  func lease() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.addLease(1, pid: getpid())
    let plan = try made.plan()
    #expect(plan.steps.map(\.entryID) == [1] && plan.taken.isEmpty)
    #expect(plan.steps.first?.refused?.contains("holds it") == true)
    #expect(plan.excess == 100)
  }

  @Test("4.10: once a dead lease is reaped, ghosts lose their pins in the same run")
  func ghost() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    try RawIndex.run(made.cache.index, "UPDATE entries SET pinned = 3 WHERE id = 1")
    #expect(try made.plan().steps.map(\.entryID) == [2])
    try made.addLease(2, pid: 0)
    let plan = try made.plan()
    #expect(plan.reaps.map(\.entryID) == [2] && plan.steps.map(\.entryID) == [1, 2])
  }

  @Test("T-B1: an unknown kind ends real GC; ours goes on behind it, and leaves the row")
  func unknownKind() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.addRow(2, more: ["kind": "'future-kind'"])
    let plan = try made.plan()
    #expect(
      plan.realError
        == "GC failed: Conversion error from type Text at index: 1, unknown cache kind: future-kind"
    )
    #expect(plan.frees == 0)
    #expect(plan.steps.map(\.entryID) == [1] && plan.steps.allSatisfy(\.isOursAlone))
  }

  @Test(
    "T-B2 to T-B5, T-B9, T-B10: each damaged value ends real GC in its words, and ours goes on",
    arguments: [
      (
        "installed_bytes", "'lots'",
        "Invalid column type Real at index: 0, name: COALESCE(SUM(installed_bytes), 0)"
      ),
      (
        "installed_bytes", "1.5",
        "Invalid column type Real at index: 0, name: COALESCE(SUM(installed_bytes), 0)"
      ),
      ("url", "x'00ff'", "Invalid column type Blob at index: 2, name: url"),
      (
        "version", "CAST(x'ff' AS TEXT)",
        "Conversion error from type Text at index: 5, invalid utf-8 sequence of 1 bytes from index 0"
      ),
      ("use_count", "'many'", "Invalid column type Text at index: 14, name: use_count"),
      ("installed_path", "x'61'", "Invalid column type Blob at index: 9, name: installed_path"),
    ])
  func damaged(column: String, value: String, words: String) throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.addRow(2, bytes: "7", more: [column: value])
    let plan = try made.plan()
    #expect(plan.realError == "GC failed: \(words)")
    #expect(plan.steps.first?.entryID == 1 && plan.steps.allSatisfy(\.isOursAlone))
  }

  @Test(
    "G3, T-E1 to T-E3: what leads out of the cache, or names a folder of others, is refused",
    arguments: ["../victim/dir", "", ".", "/", "archives", "installed/packages", "/etc/x/y/z"])
  func paths(path: String) throws {
    let made = try CollectedCache()
    try made.addRow(1, path: path)
    try made.add(2)
    // What they would take is not looked at: the root may be anybody's.
    var context = made.context
    context.isReadOnly = true
    let jail = PathJail(context.location)
    guard case .failure = jail.place(of: Array(path.utf8)) else {
      Issue.record("\(path) is allowed")
      return
    }
    let report = try EvictEntries(ids: [1]).perform(in: made.context)
    #expect(report.skipped.count == 1 && made.exists(made.full(2)))
    #expect(try EvictEntries(ids: [2]).perform(in: made.context).skipped.isEmpty)
  }

  @Test("T-E15, A1, X4: bytes whose other name lies elsewhere do not become free")
  func hardLinks() throws {
    let made = try CollectedCache()
    try made.add(1)
    let file = made.full(1) + "/a"
    #expect(link(file, made.cache.outside("outside")) == 0)
    #expect(link(file, made.full(1) + "/again") == 0)
    let files = try #require(try made.plan().steps.first).files
    #expect(files.apparent == 10_000 && files.inodes == 4)
    #expect(files.allocated - files.reclaimable == 8192)
  }

  @Test("X13: other limits than those in force, and how old the last one to go is")
  func whatIf() throws {
    let made = try CollectedCache()
    for id in 1...4 as ClosedRange<Int64> { try made.add(id) }
    var context = made.context
    context.options.clock = .fixed(5000)
    let plan = try PlanCollection(changes: .init(installed: 250)).perform(in: context).plan
    #expect(plan.limits.source == "what-if" && plan.limits.installed == 250)
    #expect(plan.steps.map(\.entryID) == [1, 2] && plan.outlook.lastAge == 5000 - 1002)
  }

  @Test(
    "T-E22: an edited plan, and one of another cache, are refused; one that is gone is made anew")
  func planFiles() throws {
    let (made, other) = (try CollectedCache(), try CollectedCache())
    try made.add(1)
    let plan = try made.plan()
    #expect(
      try CollectionPlan.named(plan.id, in: made.context, changes: CollectedCache.everything).id
        == plan.id)
    plan.save(in: made.context)
    let file = made.cache.outside("state/plans/\(plan.id)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    // Nothing changed: the kept one is all that is there after the files have.
    try made.write(made.full(1) + "/new")
    let kept = try CollectionPlan.named(plan.id, in: made.context)
    #expect(
      kept.steps.map(\.stamp) == plan.steps.map(\.stamp)
        && kept.steps.map(\.path) == plan.steps.map(\.path))
    try text.replacing("step 1", with: "step 7").write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(throws: CacheError.self) { try CollectionPlan.named(plan.id, in: made.context) }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    var foreign = other.context
    foreign.location.stateFolder = made.context.location.stateFolder
    #expect(throws: CacheError.self) { try CollectionPlan.named(plan.id, in: foreign) }
    #expect(throws: CacheError.self) { try CollectionPlan.named("../../x", in: made.context) }
  }
}
