import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

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

  @Test("Compat 4.14: verify and lnk check say the same of a cache that was copied, or moved")
  func copied() throws {
    let project = try LinkProject()
    for name in ["a.bin", "b.bin"] { try project.add(name, sampleBytes(1000)) }
    _ = try project.pull()
    let copy = ActionContext(location: CacheLocation(root: project.folder.path("copy")))
    try FileManager.default.copyItem(
      atPath: project.context.location.root.string, toPath: copy.location.root.string)
    try FileManager.default.removeItem(atPath: try project.blob("b.bin").string)
    #expect(try agreed(project, copy) == [RecordedBlob.outsideNote, Self.gone])
    try RawIndex.run(
      copy.location.index.string, "UPDATE entries SET archive_path = '/etc/passwd'")
    #expect(try agreed(project, copy) == [RecordedBlob.strayNote, RecordedBlob.strayNote])
  }

  private static let gone =
    "the index names a file outside this cache that is not there; a file lies where the blob belongs, "
    + "for a pull to take"

  /// What both say of the blobs, in the order of their pointers.
  private func agreed(_ project: LinkProject, _ context: ActionContext) throws -> [String?] {
    let links = try CheckLinks(roots: [project.root]).perform(in: context).links
    let items = try VerifyEntries().perform(in: context).items
    return try links.map { link in
      let item = try #require(items.first { $0.id == link.entry?.id })
      #expect(item.problem == link.problem && item.path == link.blob)
      #expect((item.state == .ok) == (link.state == .cached))
      return link.problem
    }
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
