import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("Reports")
struct ReportTests {
  private static func cache() throws -> CollectedCache {
    var cache = try CollectedCache()
    for id in 1...3 { try cache.add(Int64(id)) }
    cache.context.options.clock = .fixed(50_000)
    return cache
  }

  @Test("what came since a time is told with its bytes, the largest first")
  func growth() throws {
    let cache = try Self.cache()
    try RawIndex.run(
      cache.index,
      "UPDATE entries SET installed_at = 49000, installed_bytes = 700 * id WHERE id > 1;"
        + "UPDATE entries SET installed_at = 100 WHERE id = 1")
    let report = try MakeReport(span: 3600).perform(in: cache.context)
    #expect(report.growth.count == 2 && report.growth.bytes == 3500)
    #expect(report.growth.largest.map(\.entryID) == [3, 2])
    #expect(try MakeReport(span: 60_000).perform(in: cache.context).growth.count == 3)
  }

  @Test("what went is told with who took it: cachescope, or somebody else")
  func taken() throws {
    var cache = try Self.cache()
    _ = try MakeReport().perform(in: cache.context)
    cache.context.options.clock = .fixed(50_100)
    _ = try EvictEntries(ids: [2]).perform(in: cache.context)
    try RawIndex.run(cache.index, "DELETE FROM entries WHERE id = 3")
    cache.context.options.clock = .fixed(50_200)
    let report = try MakeReport().perform(in: cache.context)
    #expect(report.taken.map(\.entryID) == [3, 2])
    #expect(report.taken[0].user == nil && report.taken[0].name == ["packages", "s", "v"])
    #expect(report.taken[1].user != nil && report.taken[1].phase == .installed)
    cache.context.options.clock = .fixed(90_000)
    #expect(try MakeReport(span: 60).perform(in: cache.context).taken.isEmpty)
  }

  @Test("what was taken has its whole name, in both phases, and what was put back is not listed")
  func takenBack() throws {
    let cache = try Self.cache()
    try RawIndex.run(
      cache.index, "UPDATE entries SET archive_path = 'archives/packages/s/h1/1' WHERE id = 1")
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: cache.context)
    let taken = try MakeReport().perform(in: cache.context).taken
    #expect(taken.map(\.name) == [["packages", "s", "v"], ["packages", "s", "v"]])
    #expect(try RestoreTrash().perform(in: cache.context).restored.count == 2)
    #expect(try MakeReport().perform(in: cache.context).taken.isEmpty)
  }

  @Test("an entry, a lease and a process have what belongs to them; what is gone is not found")
  func subjects() throws {
    let cache = try Self.cache()
    try cache.addLease(2, pid: getpid())
    let entry = try MakeReport(.entry(2)).perform(in: cache.context)
    let lease = try #require(entry.leases.first?.lease.id)
    #expect(entry.entry?.entry.id == 2 && entry.growth.count == 0)
    let held = try MakeReport(.lease(lease)).perform(in: cache.context)
    #expect(held.leases.map(\.lease.id) == [lease] && held.entry?.entry.id == 2)
    #expect(held.card?.process.pid == Int64(getpid()))
    let process = try MakeReport(.process(Int64(getpid()))).perform(in: cache.context)
    #expect(process.leases.map(\.lease.id) == [lease])
    for subject in [
      ReportSubject.entry(99), .lease(LeaseID(entryID: 2, holderPID: 1, nonce: 1)), .lock("x"),
    ] {
      #expect { try MakeReport(subject).perform(in: cache.context) } throws: { error in
        (error as? CacheError)?.code == .notFound
      }
    }
  }
}
