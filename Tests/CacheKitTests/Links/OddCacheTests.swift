import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Pulling into caches that others left behind")
struct OddCacheTests {
  private let bytes = sampleBytes(60_000)

  private func context(_ project: LinkProject, _ name: String) -> ActionContext {
    ActionContext(location: CacheLocation(root: project.folder.path(name)))
  }

  private func pull(_ project: LinkProject, _ context: ActionContext) throws -> [PullLinks.Outcome]
  {
    try PullLinks(roots: [project.root], download: DownloadHarness.quick).perform(in: context).links
  }

  private func content(_ path: FilePath) -> [UInt8]? {
    FileManager.default.contents(atPath: path.string).map { Array($0) }
  }

  private func list(_ project: LinkProject, _ context: ActionContext) throws -> LinkItem {
    try #require(try ListLinks(roots: [project.root]).perform(in: context).links.first)
  }

  @Test("Compat 4.14: blobs of a moved cache are named as outside, and taken without a download")
  func moved() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let target = project.folder.path("moved")
    #expect(rename(project.context.location.root.string, target.string) == 0)
    let moved = context(project, "moved")
    let item = try list(project, moved)
    #expect(item.state == .gone)
    #expect(item.problem?.contains("outside this cache") == true)
    #expect(item.problem?.contains("for a pull to take") == true)
    let outcome = try #require(try pull(project, moved).first)
    #expect(outcome.result == .hit && outcome.blob?.starts(with: target) == true)
    #expect(project.server.requests.count == 1)
    let after = try list(project, moved)
    #expect(after.state == .cached && after.problem == nil)
  }

  @Test("Compat 4.14: a copied cache gets its own blobs, and the first one keeps its own")
  func copied() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let first = try project.blob("a.bin")
    let root = project.context.location.root
    for name in ["whole", "bare"] {
      try FileManager.default.copyItem(
        atPath: root.string, toPath: project.folder.path(name).string)
      let copy = context(project, name)
      if name == "bare" {
        try FileManager.default.removeItem(atPath: copy.location.archives.string)
      }
      let item = try list(project, copy)
      #expect(item.state == .cached && item.problem == RecordedBlob.outsideNote)
      let outcome = try #require(try pull(project, copy).first)
      #expect(outcome.result == .hit && outcome.blob?.starts(with: copy.location.root) == true)
      #expect(outcome.blob.flatMap(content) == bytes)
      #expect(try FileStatus(first) != nil)
      #expect(try list(project, copy).problem == nil)
      #expect(project.folder.listing("\(name)/staging").isEmpty)
    }
    #expect(project.server.requests.count == 1)
    #expect(try project.blob("a.bin") == first)
  }

  @Test("A root behind a symbolic link is the same cache: its rows are not outside")
  func linkedRoot() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    #expect(symlink("cache", project.folder.path("door").string) == 0)
    #expect(mkdir(project.folder.path("cache").string, 0o755) == 0)
    let door = context(project, "door")
    #expect(try pull(project, door).map(\.result) == [.fetched])
    #expect(try list(project, project.context).problem == nil)
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(try project.blob("a.bin").starts(with: door.location.root))
  }

  @Test("A blob without a row is named, and taken without a download")
  func lostIndex() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    for ending in ["", "-wal", "-shm"] {
      _ = unlink(project.context.location.index.string + ending)
    }
    let item = try list(project, project.context)
    #expect(item.state == .missing && item.problem == RecordedBlob.lostNote)
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(project.server.requests.count == 1)
  }

  @Test("Compat 4.4: a size that fbuild recorded of half a file is put right by a hit")
  func wrongSize() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let cache = try DiskCache.open(at: project.context.location)
    let entry = try #require(try cache.entry(1))
    try cache.touch(entry, archiveBytes: 12)
    cache.close()
    // Without a note of its bytes only the size tells.
    let blank = ActionContext(location: CacheLocation(root: project.context.location.root))
    #expect(try list(project, blank).state == .corrupt)
    #expect(try list(project, project.context).state == .cached)
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(try project.context.inspect().entry(1)?.archiveBytes == 60_000)
    #expect(try list(project, project.context).state == .cached)
  }

  @Test("T-K2: a blob that is replaced again and again is never put anywhere with other bytes")
  func replaced() throws {
    let project = try LinkProject()
    let link = try project.add("a.bin", bytes)
    _ = try project.pull()
    let blob = try project.blob("a.bin")
    let wrong = [UInt8](repeating: 7, count: bytes.count)
    let isDone = Mutex(false)
    let thread = Thread {
      var (round, random) = (0, SeededRandom(seed: 6))
      while !isDone.withLock({ $0 }) {
        let next = project.folder.path("next")
        let content = round.isMultiple(of: 2) ? wrong : bytes
        try? Data(content).write(to: URL(fileURLWithPath: next.string))
        _ = rename(next.string, blob.string)
        round += 1
        // Some pulls fit between two of them, and some do not.
        usleep(.random(in: 0...80_000, using: &random))
      }
    }
    thread.start()
    defer { isDone.withLock { $0 = true } }
    let target = project.folder.path("target")
    var placed = 0
    for _ in 0..<1000 where placed < 25 {
      let outcome = try #require(try project.pull(into: target).links.first)
      guard outcome.result != .failed else { continue }
      placed += 1
      #expect(content(target.appending("a.bin")).map(sha256) == link.sha256)
      // What was put there would be left alone.
      unlink(target.appending("a.bin").string)
    }
    #expect(placed > 0)
  }
}
