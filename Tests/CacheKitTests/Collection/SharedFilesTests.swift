import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

/// Rows whose files are those of others: nothing of a row that stays goes with one that does not.
@Suite("Files that several rows share")
struct SharedFilesTests {
  private static let tree = CollectedCache.path(1)

  /// Entry 1 has a tree; the others name what is given.
  private func made(_ others: [Int64: String] = [2: tree]) throws -> CollectedCache {
    let made = try CollectedCache()
    try made.add(1)
    for (id, path) in others.sorted(by: { $0.key < $1.key }) { try made.addRow(id, path: path) }
    return made
  }

  private func touch(_ id: Int64, _ made: CollectedCache) throws {
    try RawIndex.run(
      made.index, "UPDATE entries SET last_used_at = 5000, use_count = 9 WHERE id = \(id)")
  }

  private func expectWhole(_ made: CollectedCache) {
    #expect(made.exists(made.full(1) + "/a") && made.exists(made.full(1) + "/sub/b"))
    #expect(!made.hasTrash)
  }

  @Test("G1: a row that was used since the plan keeps the tree of all that share it")
  func touched() throws {
    for other in [Self.tree, Self.tree + "/sub"] {
      let made = try made([2: other])
      let plan = try made.plan()
      #expect(plan.taken.count == 2)
      try touch(2, made)
      let report = try made.apply(plan)
      #expect(report.outcomes.map(\.result) == [.skipped, .skipped], "\(report.outcomes)")
      expectWhole(made)
    }
  }

  @Test("G2: what stays for a third row stays, in whichever order it is named")
  func chain() throws {
    for ids in [[Int64(1), 2], [2, 1]] {
      let made = try made([2: Self.tree + "/a", 3: Self.tree + "/sub"])
      let report = try EvictEntries(ids: ids).perform(in: made.context)
      #expect(report.outcomes.map(\.result) == [.skipped, .skipped], "\(report.outcomes)")
      #expect(report.outcomes.contains { $0.reason.contains("entry 3") }, "\(report.outcomes)")
      expectWhole(made)
      let all = try EvictEntries(ids: ids + [3]).perform(in: made.context)
      #expect(all.skipped.isEmpty && !made.exists(made.full(1)))
    }
  }

  @Test(
    "a row that nobody holds is found by any spelling of the root, and through folders that are links"
  )
  func spelled() throws {
    let spellings: [(CollectedCache) throws -> String] = [
      { _ in "installed//packages/./s/h1/1" },
      { "\($0.root.replacingOccurrences(of: "/", with: "//"))/\(Self.tree)" },
      { "\($0.root)/../\(($0.root as NSString).lastPathComponent)/\(Self.tree)" },
      { "\($0.root)/./\(Self.tree)/sub" },
      { made in
        try FileManager.default.createSymbolicLink(
          atPath: made.path("installed/aside"), withDestinationPath: "packages")
        return "installed/aside/s/h1/1"
      },
    ]
    for (number, spelling) in spellings.enumerated() {
      let made = try made([:])
      try made.addRow(2, path: try spelling(made))
      let report = try EvictEntries(ids: [1]).perform(in: made.context)
      #expect(report.outcomes.map(\.result) == [.skipped], "\(number): \(report.outcomes)")
      expectWhole(made)
    }
  }

  @Test("a cache whose root is spelled with .. is a cache like any other")
  func rootThroughParent() throws {
    var made = try made([:])
    try FileManager.default.createDirectory(
      atPath: made.root + "/../aside", withIntermediateDirectories: true)
    let root = made.root + "/../aside/../" + (made.root as NSString).lastPathComponent
    try RawIndex.run(made.index, "UPDATE entries SET installed_path = '\(root)/\(Self.tree)'")
    var location = CacheLocation(root: FilePath(root))
    location.stateFolder = made.context.location.stateFolder
    made.context = ActionContext(location: location, journal: made.context.journal)
    made.context.isOffline = true
    #expect(try made.plan().taken.map(\.entryID) == [1])
    #expect(try RunDoctor().perform(in: made.context).findings.allSatisfy { $0.severity == .info })
    #expect(try EvictEntries(ids: [1]).perform(in: made.context).skipped.isEmpty)
    #expect(!made.exists(made.full(1)))
  }

  @Test("undo brings a row back whose id another one has by now, also after a change")
  func reusedID() throws {
    let made = try made([2: Self.tree + "/sub"])
    _ = try EvictEntries(ids: [1, 2], keep: 600).perform(in: made.context)
    for id in [1, 2] as [Int64] {
      try made.addRow(id, path: "installed/packages/new/\(id)/x", more: ["hash": "'n\(id)'"])
    }
    _ = try PinEntries(ids: [1]).perform(in: made.context)
    #expect(try RestoreTrash().perform(in: made.context).restored.count == 2)
    let hashes = try RawIndex.column(made.index, "SELECT hash FROM entries ORDER BY hash")
    #expect(hashes == ["h1", "h2", "n1", "n2"])
    expectWhole(made)
  }

  @Test("A1: a dry run counts files that steps share once, as the run does")
  func rehearsed() throws {
    let made = try made([2: Self.tree, 3: Self.tree + "/sub"])
    try made.add(4)
    #expect(link(made.full(4) + "/a", made.full(1) + "/sub/linked") == 0)
    let told = try EvictEntries(ids: [1, 2, 3, 4]).perform(in: made.context.dryRun)
    let done = try EvictEntries(ids: [1, 2, 3, 4]).perform(in: made.context)
    #expect(told.freed == done.freed && told.freed > 0)
    #expect(told.outcomes.map(\.result) == done.outcomes.map(\.result))
  }

  @Test(
    "T-M7: without an inode one blob goes with the folders that it alone is in, and its row with it",
    .enabled(if: geteuid() == 0))
  func noInodes() throws {
    let owner = try TemporaryCache()
    guard let mount = Mount.files(60, at: owner.outside("few")) else { return }
    let full = try CollectedCache(at: mount.path + "/cache", beside: owner)
    try full.add(1, .archive)
    try full.write(full.path("archives/packages/s/h1/.keep"), bytes: 0)
    var number = 0
    while true {
      let file = open(mount.path + "/f\(number)", O_WRONLY | O_CREAT, 0o600)
      guard file >= 0 else { break }
      close(file)
      number += 1
    }
    let report = try EvictEntries(ids: [1]).perform(in: full.context)
    #expect(report.outcomes.map(\.result) == [.removed])
    #expect(try full.ids().isEmpty && !full.exists(full.full(1, .archive)))
  }

  @Test("G6: on a full disk nothing goes that its claim would refuse", .enabled(if: geteuid() == 0))
  func fullDisk() throws {
    let owner = try TemporaryCache()
    guard let mount = Mount.small(1 << 20, beside: owner) else { return }
    let full = try CollectedCache(at: mount.path + "/cache", beside: owner)
    try full.add(1)
    try full.write(full.full(1) + "/large", bytes: 300_000)
    try full.addRow(2, path: Self.tree, more: ["pinned": "1"])
    try full.addLease(2, pid: getpid())
    let plan = try full.plan()
    let filler = open(mount.path + "/fill", O_WRONLY | O_CREAT, 0o600)
    let page = [UInt8](repeating: 1, count: 4096)
    while write(filler, page, page.count) > 0 {}
    close(filler)
    #expect(plan.taken.isEmpty)
    #expect(throws: CacheError.self) { try EvictEntries(ids: [1]).perform(in: full.context) }
    #expect(full.exists(full.full(1) + "/large") && full.exists(full.full(1) + "/sub/b"))
  }
}
