import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Verifying archives")
struct VerifyEntriesTests {
  @Test("each archive is ok, corrupt, missing or beyond verification, and nothing changes (R1)")
  func states() throws {
    let project = try LinkProject()
    for name in ["a.bin", "b.bin", "c.bin", "d.bin"] {
      try project.add(name, sampleBytes(1000, seed: UInt64(name.utf8.first ?? 0)))
    }
    _ = try project.pull()
    try project.overwrite(try project.blob("b.bin"), sampleBytes(1000, seed: 77))
    try FileManager.default.removeItem(atPath: try project.blob("c.bin").string)
    let index = project.context.location.index.string
    try RawIndex.run(
      index, "UPDATE entries SET archive_path = '/etc/passwd' WHERE url LIKE '%d.bin'")
    try RawIndex.run(
      index,
      """
      INSERT INTO entries (kind, url, stem, hash, version, installed_path, last_used_at)
      VALUES ('packages', 'z', 's', 'h', '1', 'packages/x', 5)
      """)
    let before = CacheSnapshot(project.context.location.root)
    let all = try VerifyEntries().perform(in: project.context)
    let after = CacheSnapshot(project.context.location.root)
    #expect(after.difference(from: before) == [])
    let states = Dictionary(
      uniqueKeysWithValues: try all.items.map { item in
        let url = try RawIndex.column(index, "SELECT url FROM entries WHERE id = \(item.id)")
        return (String(url[0].suffix(5)), item.state)
      })
    #expect(
      states == ["a.bin": .ok, "b.bin": .corrupt, "c.bin": .missing, "d.bin": .missing])
    #expect(all.failed.count == 3, "a path that leads out of the cache is no archive in it")
    let named = try VerifyEntries(ids: [5, 99]).perform(in: project.context)
    #expect(named.items.map(\.state) == [.unverifiable] && named.missing == [99])
  }

  @Test("cancelling ends a verification with `cancelled`")
  func cancel() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    var action = VerifyEntries()
    action.isCancelled = { true }
    let error = #expect(throws: CacheError.self) { try action.perform(in: project.context) }
    #expect(error?.code == .cancelled)
  }
}
