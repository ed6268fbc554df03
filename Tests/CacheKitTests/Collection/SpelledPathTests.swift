import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

/// One path identity: what a held row needs stays, however its path is written.
@Suite("Files that two rows name otherwise")
struct SpelledPathTests {
  /// Entry 1 may go; entry 2 is leased by this process and names the same files by `path`.
  private func collected(_ path: (CollectedCache) throws -> String) throws -> CollectedCache {
    let cache = try CollectedCache()
    try cache.add(1)
    try cache.addRow(2, path: try path(cache), more: ["pinned": "1"])
    try cache.addLease(2, pid: getpid())
    return cache
  }

  private func expectStays(_ cache: CollectedCache) throws {
    let plan = try cache.plan()
    #expect(plan.taken.isEmpty, "\(plan.steps)")
    let report = try EvictEntries(ids: [1]).perform(in: cache.context)
    #expect(report.outcomes.allSatisfy { $0.result == .skipped }, "\(report.outcomes)")
    #expect(cache.exists(cache.full(1) + "/sub/b"))
  }

  @Test("through .., by an absolute path, through a link to the root, through a link inside")
  func spelled() throws {
    let own = CollectedCache.path(1)
    try expectStays(try collected { _ in "installed/packages/../packages/s/h1/1" })
    try expectStays(try collected { $0.path(own) })
    try expectStays(
      try collected { cache in
        let link = cache.cache.outside("another")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: cache.root)
        return "\(link)/\(own)"
      })
    try expectStays(
      try collected { cache in
        try FileManager.default.createSymbolicLink(
          atPath: cache.path("installed/aside"), withDestinationPath: "packages")
        return "installed/aside/s/h1/1"
      })
  }

  @Test("the cache opened through a link, and a row by the real path")
  func linkedRoot() throws {
    var cache = try collected { $0.path(CollectedCache.path(1)) }
    let link = cache.cache.outside("linked")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: cache.root)
    var location = CacheLocation(root: FilePath(link))
    location.stateFolder = cache.context.location.stateFolder
    var context = ActionContext(location: location, journal: cache.context.journal)
    context.isOffline = true
    cache.context = context
    try expectStays(cache)
  }

  @Test("a tree that lies in another one goes first, and that one after it")
  func nested() throws {
    let cache = try CollectedCache()
    try cache.add(2)
    try cache.addRow(
      1, path: CollectedCache.path(2) + "/sub", more: ["last_used_at": "1"])
    let plan = try cache.plan()
    #expect(plan.taken.map(\.entryID) == [1, 2])
    let report = try cache.apply(plan)
    #expect(report.outcomes.map(\.result) == [.removed, .removed], "\(report.outcomes)")
    #expect(!cache.exists(cache.full(2)) && !cache.hasTrash)
  }
}
