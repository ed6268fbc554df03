import Foundation
import Glibc
import TestSupport
import Testing

@testable import CacheKit

@Suite("The journal of a collection that is taken back")
struct KeptUndoTests {
  private func lines(_ made: CollectedCache) throws -> JournalContents {
    try #require(made.context.journal).read(of: made.context.location.journalName)
  }

  @Test("its steps are undone with their files, and the release before them comes next")
  func undo() throws {
    let made = try CollectedCache()
    try made.add(1)
    try made.add(2)
    _ = try PinEntries(ids: [2]).perform(in: made.context)
    // No process has such an id.
    try made.addLease(1, pid: 0x7fff_fff0, seconds: 1_700_000_000)
    try RawIndex.run(made.index, "UPDATE entries SET pinned = 1 WHERE id = 1")
    let before = try RawIndex(made.index).dump()
    let report = try made.apply(try made.plan(), keep: 600)
    #expect(report.outcomes.map(\.result) == [.kept] && report.reaped.count == 1)
    let steps = try lines(made).lines.suffix(2)
    // What was named and stays, as a row of a pin, was not released.
    #expect(steps.first?.command == ["release"] + report.reaped.map(\.description))
    #expect(steps.last?.isEvictedStep == true)
    #expect(steps.last?.keptUntil == steps.last.map { $0.time + 600 })
    _ = try RestoreTrash().perform(in: made.context)
    let contents = try lines(made)
    #expect(steps.last.map(contents.isUndone) == true)
    let next = try #require(contents.lastChange(of: made.context.location.journalName))
    #expect(next.action == "release")
    _ = try UndoChange(next).perform(in: made.context)
    #expect(try RawIndex(made.index).dump() == before)
  }

  @Test("a step without an end says so, and other commands are none")
  func steps() {
    #expect(EvictedStep(["evict", "5", "--phase", "archive"])?.keep == nil)
    let kept = EvictedStep(5, .archive, keep: 60)
    #expect(EvictedStep(kept.command) == kept && kept.keep == 60)
    for command in [
      ["evict", "5"], ["evict", "5", "--phase", "none"], ["evict", "x", "--phase", "archive"],
      ["evict", "5", "--phase", "archive", "--keep"],
      ["evict", "5", "--phase", "archive", "--keep", "soon"],
    ] {
      #expect(EvictedStep(command) == nil)
    }
  }
}
