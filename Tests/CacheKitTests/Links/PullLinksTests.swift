import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Pulling pointers")
struct PullLinksTests {
  private let bytes = sampleBytes(50_000)

  @Test("P3: a miss is fetched, recorded as fbuild records it, and released; then it is a hit")
  func missThenHit() throws {
    let project = try LinkProject()
    let link = try project.add("a.bin", bytes)
    #expect(try project.list().links.map(\.state) == [.missing])
    let first = try project.pull()
    #expect(first.links.map(\.result) == [.fetched] && first.failed == 0)
    let cache = try project.context.inspect()
    let ids = try cache.entryIDs(EntryQuery())
    let entry = try #require(try cache.entries(ids: ids).first)
    #expect(entry.kind == RawText("lnk-blobs") && entry.version == RawText(link.sha256))
    #expect(entry.archiveSHA256 == RawText(link.sha256) && entry.archiveBytes == 50_000)
    #expect(entry.useCount == 0 && entry.pinned == 0 && entry.leaseCount == 0)
    let path = try #require(entry.archivePath?.string)
    #expect(
      path == "\(project.context.location.archives)/lnk-blobs/127-a.bin/"
        + "\(CachePaths.hash(ofURL: link.url))/\(link.sha256)/a.bin")
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(project.server.requests.count == 1)
    #expect(try cache.entry(entry.id)?.useCount == 1)
    #expect(project.folder.listing("cache/staging").isEmpty)
  }

  @Test("Compat 4.1: a placed blob carries the guard that fbuild's start-up leaves alone")
  func guardFolder() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let folder = try project.blob("a.bin").removingLastComponent()
    // A leaf has no child that is a folder when links are followed: this one has, and its link too.
    var status = try #require(try FileStatus(folder.appending(".keep")))
    #expect(status.isFolder)
    status = try #require(try FileStatus(folder.appending(".keep").appending("d")))
    #expect(status.isFolder)
    let moved = project.folder.path("moved")
    #expect(rename(project.folder.path("cache").string, moved.string) == 0)
    let found = moved.string + folder.string.dropFirst(project.context.location.root.string.count)
    #expect(try FileStatus(FilePath(found + "/.keep/d"))?.isFolder == true)
  }

  @Test("P8: sixteen pulls at once are one GET, and all succeed")
  func singleFlight() throws {
    let project = try LinkProject(delay: 200_000)
    try project.add("a.bin", bytes)
    let results = Mutex<[PullLinks.Result]>([])
    let never: @Sendable () -> Bool = { false }
    Workers.run(Array(0..<16), jobs: 16, isCancelled: never) { _ in
      let report = try? project.pull()
      results.withLock { $0 += report?.links.map(\.result) ?? [.failed] }
    }
    let all = results.withLock { $0 }
    #expect(all.count == 16 && all.count { $0 == .fetched } == 1 && !all.contains(.failed))
    #expect(project.server.requests.count == 1)
    #expect(try project.leases().isEmpty)
  }

  @Test("Many pointers arrive in parallel; two that name one blob share its download")
  func parallel() throws {
    let project = try LinkProject()
    for number in 0..<40 { try project.add("f\(number)", sampleBytes(2000, seed: UInt64(number))) }
    let link = try project.add("twin", bytes)
    try project.folder.write("project/sub/other.lnk", "\(link.url)\nsha256=\(link.sha256)\n")
    let report = try project.pull { $0.jobs = 8 }
    #expect(report.links.count == 42 && report.failed == 0)
    #expect(report.links.map(\.path.string) == report.links.map(\.path.string).sorted())
    #expect(project.server.requests.count == 41)
    #expect(try project.leases().isEmpty)
  }

  @Test("T-G1, P10: a corrupt blob is put away with its reason and fetched anew")
  func corrupt() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let wrong = [UInt8](repeating: 7, count: 50_000)
    try project.overwrite(try project.blob("a.bin"), wrong)
    let checked = try project.check()
    #expect(checked.links.map(\.state) == [.corrupt])
    #expect(checked.links[0].problem?.contains(sha256(wrong)) == true)
    #expect(try project.pull().links.map(\.result) == [.fetched])
    #expect(project.folder.read("cache/quarantine/\(sha256(wrong))") == wrong)
    let reason = project.folder.read("cache/quarantine/\(sha256(wrong)).reason") ?? []
    #expect(String(decoding: reason, as: UTF8.self).contains("expected sha256: \(sha256(bytes))"))
    #expect(try project.check().links.map(\.state) == [.cached])
  }

  @Test("A row whose file is gone, and a file whose row is gone, both heal")
  func goneAndAdopted() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    try FileManager.default.removeItem(atPath: try project.blob("a.bin").string)
    #expect(try project.list().links.map(\.state) == [.gone])
    #expect(try project.pull().links.map(\.result) == [.fetched])
    for name in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] {
      try? FileManager.default.removeItem(atPath: project.folder.path("cache/\(name)").string)
    }
    #expect(try project.list().links.map(\.state) == [.missing])
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(project.server.requests.count == 2)
  }

  @Test("A hostile row is verified, never trusted, and its file outside the cache is left alone")
  func hostileRow() throws {
    let project = try LinkProject()
    let link = try project.add("a.bin", bytes)
    let cache = try DiskCache.open(at: project.context.location)
    try project.folder.write("victim", [1, 2, 3])
    for path in ["../victim", project.folder.path("victim").string, "/dev/zero", "", "."] {
      try cache.recordArchive(
        kind: .lnkBlobs, url: link.url, version: link.sha256, path: FilePath(path), bytes: 3,
        sha256: link.sha256)
      #expect(try project.pull().failed == 0, "\(path)")
      #expect(project.folder.read("victim") == [1, 2, 3])
    }
    cache.close()
  }

  @Test("a dry run promises nothing that a pull refuses")
  func promises() throws {
    let project = try LinkProject()
    var link = try project.add("a.bin", [1, 2, 3])
    link.size = .max
    try project.folder.write("project/a.bin.fetch", link.json)
    let action = PullLinks(roots: [project.root], download: DownloadHarness.quick)
    let promised = try action.perform(in: project.context.dryRun)
    let done = try action.perform(in: project.context)
    for report in [promised, done] {
      #expect(report.failed == 1)
      #expect(report.links[0].error?.code == .refused)
      #expect(report.links[0].problem?.contains("more than 16 GiB") == true)
    }
  }

  @Test("T-F7, T-F8: a stem that leads upwards is refused, an odd name gets a safe one")
  func oddNames() throws {
    let location = CacheLocation(root: "/c")
    let hash = LinkFile.emptyBlob
    let error = #expect(throws: CacheError.self) {
      try BlobPlace(location, url: "http://..?/x", sha256: hash)
    }
    #expect(error?.code == .refused)
    let long = String(repeating: "n", count: 300)
    for url in ["http://h/", "http://h/.", "http://h/..", "http://h/.keep", "http://h/\(long)"] {
      let place = try BlobPlace(location, url: url, sha256: hash)
      #expect(place.file.lastComponent == "blob", "\(url)")
      #expect(place.file.components.count == 7, "\(url)")
    }
    #expect(
      try BlobPlace(location, url: "http://h/a\\b%2F", sha256: hash).file.lastComponent == "a\\b%2F"
    )
  }

  @Test(
    "T-F1, T-F11, T-F14: malformed pointers fail, foreign ones are skipped, conflicts come first")
  func notPointers() throws {
    let project = try LinkProject()
    try project.folder.write("project/bad.fetch", "{}")
    try project.folder.write("project/asset.lnk", "https://h/x\n")
    let report = try project.pull()
    #expect(report.links.map(\.result) == [.failed] && report.foreign.count == 1)
    #expect(report.links[0].problem?.contains("bad.fetch:1:1: ") == true)
    let link = try project.add("a.bin", bytes)
    try project.folder.write("project/sub/a.bin.lnk", link.json)
    let error = #expect(throws: CacheError.self) {
      try project.pull(into: project.folder.path("o"))
    }
    #expect(error?.code == .refused && error?.message.contains("a.bin") == true)
    #expect(project.server.requests.isEmpty)
    #expect(!project.folder.listing().contains("o"))
  }

  @Test("Blobs go into a folder as copies: writing there leaves the cache alone (compat 4.22)")
  func into() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    var tar = TarBuilder()
    tar.add("dir/x", content: [5])
    try project.add("t.tgz", tar.gzipped, .tarGz)
    let report = try project.pull(into: project.folder.path("out"))
    #expect(report.failed == 0)
    #expect(project.folder.read("out/a.bin") == bytes)
    #expect(project.folder.read("out/t.tgz/dir/x") == [5])
    let file = try FileHandle(
      forWritingTo: URL(fileURLWithPath: project.folder.path("out/a.bin").string))
    try file.write(contentsOf: [0, 0])
    #expect(try project.check(deep: true).links.allSatisfy { $0.state == .cached })
    _ = try project.pull(into: project.folder.path("hard")) { $0.usesHardLinks = true }
    #expect(FileStamp(project.folder.path("hard/a.bin"))?.linkCount == 2)
  }

  @Test("T-J6: what ended downloads left is swept, a partial one stays for a week")
  func sweep() throws {
    let project = try LinkProject()
    let area = try StagingArea(project.context.location)
    let key = String(repeating: "a", count: 32)
    let other = String(repeating: "b", count: 32)
    let now = Int64(Date().timeIntervalSince1970)
    for name in ["\(key).state", "\(key).lock", "\(other).partial", "\(other).state", "x"] {
      try project.folder.write("cache/staging/\(name)", "y")
    }
    area.sweep(olderThan: 100, now: now)
    #expect(
      project.folder.listing("cache/staging") == ["\(other).partial", "\(other).state", "x"])
    let held = try #require(try DownloadLock.attempt(area, other))
    area.sweep(olderThan: 100, now: now + 200)
    #expect(project.folder.listing("cache/staging").contains("\(other).partial"))
    held.release()
    area.sweep(olderThan: 100, now: now + 200)
    #expect(project.folder.listing("cache/staging") == ["x"])
  }

  @Test("A pull that is cancelled leaves no lease and no row, and the next one goes on")
  func cancelled() throws {
    let project = try LinkProject(delay: 300_000)
    try project.add("a.bin", bytes)
    let start = ContinuousClock.now
    let error = #expect(throws: CacheError.self) {
      try project.pull { $0.isCancelled = { ContinuousClock.now - start > .milliseconds(100) } }
    }
    #expect(error?.code == .cancelled)
    #expect(ContinuousClock.now - start < .milliseconds(1000))
    #expect(try project.leases().isEmpty)
    #expect(try project.pull().failed == 0)
  }

  @Test("T-F7: adding a URL whose stem leads upwards is refused before anything is asked or made")
  func addUpwards() throws {
    let project = try LinkProject()
    let output = project.folder.path("x.fetch")
    do throws(CacheError) {
      _ = try AddLink(url: "http://..?/x", output: output, download: DownloadHarness.quick)
        .perform(in: project.context)
      Issue.record("it was added")
    } catch {
      #expect(error.code == .refused, "\(error)")
    }
    #expect(project.folder.read("x.fetch") == nil)
    #expect(project.folder.listing("cache").isEmpty)
  }

  @Test("Adding writes what fbuild reads, keeps the blob, and never overwrites unasked")
  func add() throws {
    let project = try LinkProject()
    project.serve("new.bin", bytes)
    let output = project.root.appending("n.fetch")
    var action = AddLink(
      url: project.server.url("new.bin"), output: output, download: DownloadHarness.quick)
    let report = try action.perform(in: project.context)
    #expect(report.link.sha256 == sha256(bytes) && report.link.size == 50_000)
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(project.server.requests.count == 1)
    #expect(throws: CacheError.self) { try action.perform(in: project.context) }
    action.force = true
    _ = try action.perform(in: project.context)
    action.output = project.root.appending("n.txt")
    #expect(throws: CacheError.self) { try action.perform(in: project.context) }
    action.url = "ftp://h/x"
    #expect(throws: CacheError.self) { try action.perform(in: project.context) }
  }
}
