import Foundation
import TestSupport
import Testing

@testable import CacheKit

/// Words of real 2.5.47 on the same schemas.
@Suite("Schemas that refuse what a collection changes")
struct CollectionRehearsalTests {
  private func plan(_ schema: String, _ rows: (CollectedCache) throws -> Void) throws
    -> CollectionPlan
  {
    let made = try CollectedCache()
    try rows(made)
    try RawIndex.run(made.index, schema)
    return try PlanCollection(changes: CollectedCache.everything).perform(in: made.context).plan
  }

  private func three(_ made: CollectedCache) throws {
    for id in Int64(1)...3 { try made.add(id) }
  }

  @Test(
    "a refused statement ends real GC where it stands; ours names what it would take after it",
    arguments: [
      (
        "CREATE TRIGGER t BEFORE UPDATE OF installed_path ON entries WHEN old.id = 2 "
          + "BEGIN SELECT raise(abort, 'no way'); END", "no way", 1
      ),
      (
        "CREATE TRIGGER t BEFORE DELETE ON entries BEGIN SELECT raise(fail, 'no more'); END",
        "no more", 1
      ),
      (
        "CREATE TABLE notes (entry INTEGER REFERENCES entries(id)); INSERT INTO notes VALUES (3)",
        "FOREIGN KEY constraint failed", 3
      ),
      (
        "CREATE UNIQUE INDEX one ON entries(coalesce(installed_bytes, 0))",
        "UNIQUE constraint failed: index 'one'", -1
      ),
    ])
  func refused(schema: String, words: String, made: Int) throws {
    let plan = try plan(schema) { cache in
      for id in Int64(1)...3 {
        try cache.add(id)
        try RawIndex.run(
          cache.index, "UPDATE entries SET installed_bytes = 100 + id WHERE id = \(id)")
      }
      // A row that stays without an installation has the value that the second one would get.
      try cache.addRow(9, .archive, more: ["archive_path": made < 0 ? "'archives/x'" : "NULL"])
    }
    #expect(plan.realError == "GC failed: \(words)")
    #expect(plan.steps.filter { !$0.isOursAlone }.count == max(0, made))
    #expect(plan.frees == 0)
    let ids = Set(plan.steps.map(\.entryID))
    #expect(ids.isSuperset(of: [1, 2, 3]))
  }

  @Test("a trigger that lets everything be, and one that ignores, end nothing")
  func harmless() throws {
    for body in ["SELECT 1", "SELECT raise(ignore)"] {
      let plan = try plan(
        "CREATE TRIGGER t BEFORE UPDATE ON entries BEGIN \(body); END", three)
      #expect(plan.realError == nil && plan.steps.map(\.entryID) == [1, 2, 3])
    }
  }

  @Test("leases that cannot be reaped end it before its first step")
  func reap() throws {
    let plan = try plan(
      "CREATE TRIGGER t BEFORE DELETE ON leases BEGIN SELECT raise(abort, 'kept'); END"
    ) { made in
      try three(made)
      try made.addLease(1, pid: 999_999_999)
    }
    #expect(plan.realError == "GC failed: kept" && plan.reaps.isEmpty)
    #expect(plan.steps.allSatisfy { $0.isOursAlone })
  }

  @Test("a trigger that never ends holds no plan up, and the index is as it was")
  func endless() throws {
    let made = try CollectedCache()
    try three(made)
    try RawIndex.run(
      made.index,
      """
      CREATE TRIGGER t BEFORE UPDATE ON entries BEGIN
        SELECT count(*) FROM (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
          SELECT x FROM n);
      END
      """)
    let before = try RawIndex(made.index).dump()
    let plan = try PlanCollection(changes: CollectedCache.everything).perform(in: made.context).plan
    #expect(plan.realError == nil && plan.steps.count == 3)
    #expect(try RawIndex(made.index).dump() == before)
  }

  @Test("fbuild's own schema, and ours, are tried on no copy")
  func usual() throws {
    let made = try CollectedCache()
    try three(made)
    let inspected = try DiskCache.inspect(at: made.context.location)
    let isOdd = try inspected.reader.read { try OddSchema.isOdd($0) }.value
    #expect(!isOdd)
  }
}
