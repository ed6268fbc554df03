import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("Verification")
struct VerificationTests {
  private let seconds: UInt64 = 1_000_000_000

  private func clock(_ offset: Int64) -> CacheClock {
    let now = Int64(Date().timeIntervalSince1970) + offset
    return .fixed(now)
  }

  private func stamp(_ folder: TemporaryFolder) throws -> FileStamp {
    try #require(FileStamp(folder.path("f")))
  }

  @Test("X8: a hash is believed while nothing changed, and never within two seconds of a change")
  func racyRule() throws {
    let folder = try TemporaryFolder()
    let location = CacheLocation(root: folder.root, stateFolder: folder.path("state"))
    try folder.write("f", [1, 2, 3])
    let early = VerifiedFiles(location, clock: clock(1))
    early.note(try stamp(folder), sha256: sha256([1, 2, 3]))
    #expect(early.sha256(of: try stamp(folder)) == nil)
    let late = VerifiedFiles(location, clock: clock(60))
    late.note(try stamp(folder), sha256: sha256([1, 2, 3]))
    #expect(late.sha256(of: try stamp(folder)) == sha256([1, 2, 3]))
    late.save()
    let again = VerifiedFiles(location)
    #expect(again.sha256(of: try stamp(folder)) == sha256([1, 2, 3]))
    // Same size, and a modification time that was set back: the change time tells.
    var old = stat()
    #expect(lstat(folder.path("f").string, &old) == 0)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("f").string))
    try file.write(contentsOf: [9, 9, 9])
    try file.close()
    var times = [old.st_atim, old.st_mtim]
    #expect(utimensat(AT_FDCWD, folder.path("f").string, &times, 0) == 0)
    #expect(again.sha256(of: try stamp(folder)) == nil)
  }

  @Test("Two processes that verify at once both keep what they found")
  func merge() throws {
    let folder = try TemporaryFolder()
    let location = CacheLocation(root: folder.root, stateFolder: folder.path("state"))
    try folder.write("f", [1])
    try folder.write("g", [2])
    let one = VerifiedFiles(location, clock: clock(60))
    let two = VerifiedFiles(location, clock: clock(60))
    one.note(try stamp(folder), sha256: sha256([1]))
    two.note(try #require(FileStamp(folder.path("g"))), sha256: sha256([2]))
    one.save()
    two.save()
    let all = VerifiedFiles(location)
    #expect(all.sha256(of: try stamp(folder)) == sha256([1]))
    #expect(all.sha256(of: try #require(FileStamp(folder.path("g")))) == sha256([2]))
  }

  @Test("Damaged notes cost time, never truth, and never trap")
  func damagedNotes() throws {
    let folder = try TemporaryFolder()
    let location = CacheLocation(root: folder.root, stateFolder: folder.path("state"))
    try folder.write("f", [1])
    let good = VerifiedFiles(location, clock: clock(60))
    good.note(try stamp(folder), sha256: sha256([1]))
    good.save()
    let saved = try #require(folder.read("state/verified"))
    var random = SeededRandom(seed: 8)
    for _ in 0..<500 {
      try folder.write("state/verified", random.mutated(saved))
      let found = VerifiedFiles(location).sha256(of: try stamp(folder))
      #expect(found == nil || found?.utf8.count == 64)
    }
  }

  @Test("PF3: a blob that was verified is not read again; --deep reads it")
  func fastPath() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    var later = project.context
    later.options.clock = clock(60)
    func check(deep: Bool) throws -> [LinkItem.State] {
      try CheckLinks(roots: [project.root], isDeep: deep).perform(in: later).links.map(\.state)
    }
    #expect(try check(deep: false) == [.cached])
    // Wrong bytes under a note that says otherwise: only a deep check can see them.
    let path = try project.blob("a.bin")
    let stamp = try #require(FileStamp(path))
    try project.overwrite(path, sampleBytes(1000, seed: 5))
    let notes = VerifiedFiles(later.location, clock: clock(120))
    notes.note(try #require(FileStamp(path)), sha256: sha256(sampleBytes(1000)))
    notes.save()
    #expect(stamp.size == 1000)
    let before = CacheSnapshot(later.location.root)
    #expect(try check(deep: false) == [.cached])
    #expect(try check(deep: true) == [.corrupt])
    // R1: what a check finds is noted outside the cache.
    #expect(CacheSnapshot(later.location.root).difference(from: before) == [])
  }

  @Test("X8: a blob that was found wrong stays wrong in every list until its file changes")
  func knownWrong() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    let path = try project.blob("a.bin")
    try project.overwrite(path, sampleBytes(1000, seed: 5))
    #expect(try project.list().links.map(\.state) == [.cached])
    var later = project.context
    later.options.clock = clock(60)
    let check = CheckLinks(roots: [project.root], isDeep: true)
    let found = try #require(try check.perform(in: later).links.first)
    #expect(found.check?.finding == .unknown)
    var listed = try #require(try project.list().links.first)
    #expect(listed.state == .corrupt)
    #expect(listed.check?.sha256 == sha256(sampleBytes(1000, seed: 5)))
    listed.recall(found)
    #expect(listed.check == found.check && listed.problem == found.problem)
    try project.overwrite(path, sampleBytes(1000))
    var repaired = try #require(try project.list().links.first)
    repaired.recall(found)
    #expect(repaired.state == .cached && repaired.check == nil)
  }

  @Test("X9: wrong bytes are told apart")
  func forensics() throws {
    let folder = try TemporaryFolder()
    let text = (0..<200).map { "line \($0)\n" }.joined()
    let right = Array(text.utf8)
    func finding(_ bytes: [UInt8], size: UInt64? = nil) throws -> BlobForensics.Finding {
      try folder.write("f", bytes)
      let expected = BlobForensics.Expectation(sha256: sha256(right), size: size)
      return try BlobForensics.examine(folder.path("f"), expecting: expected)
    }
    #expect(try finding([]) == .empty)
    #expect(try finding(Array(right.prefix(100)), size: 1690) == .truncated(100, of: 1690))
    #expect(try finding(Array(" \n<!DOCTYPE html><p>Sign in".utf8)) == .page("HTML"))
    #expect(try finding(Array("<?xml version='1.0'?><Error/>".utf8)) == .page("XML"))
    #expect(try finding(Gzip.stored(right)) == .compressed)
    #expect(try finding(Gzip.stored([1, 2])) == .compressedOther)
    #expect(try finding(Array(text.replacing("\n", with: "\r\n").utf8)) == .lineEnds(lost: false))
    let zeros = [UInt8](repeating: 0, count: 4096)
    #expect(try finding(sampleBytes(4096).map { $0 | 1 } + zeros) == .zeroTail(from: 4096))
    #expect(try finding(zeros) == .zeroTail(from: 0))
    #expect(try finding([1, 2, 3]) == .unknown)
    #expect(link(folder.path("f").string, folder.path("g").string) == 0)
    let expected = BlobForensics.Expectation(sha256: sha256(right))
    #expect(
      try BlobForensics.examine(folder.path("f"), expecting: expected) == .hardLinked(count: 2))
    let crlf = Array(text.replacing("\n", with: "\r\n").utf8)
    let lost = BlobForensics.Expectation(sha256: sha256(crlf))
    try folder.write("h", right)
    #expect(try BlobForensics.examine(folder.path("h"), expecting: lost) == .lineEnds(lost: true))
  }

  @Test("X9: a blob that was edited through a hard link is found by its other name")
  func editedThroughLink() throws {
    let project = try LinkProject()
    try project.add("a", sampleBytes(100))
    _ = try project.pull(into: project.root.appending("build")) { $0.usesHardLinks = true }
    let built = project.root.appending("build").appending("a")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: built.string))
    try file.write(contentsOf: [1, 2, 3])
    let item = try #require(try project.check(deep: true).links.first)
    #expect(item.state == .corrupt)
    #expect(item.problem?.hasSuffix(": \(built)") == true, "\(item.problem ?? "")")
  }

  @Test("T-F15: same content and same URL are grouped; blobs that nobody names are told")
  func groups() throws {
    let project = try LinkProject()
    let bytes = sampleBytes(100)
    let link = try project.add("a", bytes)
    try project.add("b", bytes)
    _ = try project.pull()
    let other = LinkFile(url: link.url, sha256: String(repeating: "1", count: 64))
    try project.folder.write("project/c.fetch", other.json)
    try FileManager.default.removeItem(atPath: project.root.appending("b.fetch").string)
    try project.folder.write("project/d.lnk", "http://else/d\nsha256=\(link.sha256)\n")
    let report = try project.list()
    #expect(report.groups.map(\.kind) == [.sameContent, .sameURL])
    #expect(report.groups.map(\.paths.count) == [2, 2])
    #expect(report.unreferenced.ids.count == 1 && report.unreferenced.bytes == 100)
    let rest = try project.context.inspect().entries(ids: report.unreferenced.ids)
    #expect(rest.first?.stem == RawText("127-b"))
  }

  @Test("A size that disagrees is told, and right bytes stay cached")
  func sizes() throws {
    let project = try LinkProject()
    var link = try project.add("a", sampleBytes(100))
    _ = try project.pull()
    link.size = 99
    try project.folder.write("project/a.fetch", link.json)
    let item = try #require(try project.list().links.first)
    #expect(item.state == .cached && item.problem?.contains("pointer says 99") == true)
    #expect(try project.pull().links.first?.problem?.contains("pointer says 99") == true)
    try FileHandle(forWritingTo: URL(fileURLWithPath: project.blob("a").string)).truncate(
      atOffset: 5)
    #expect(try project.list().links.map(\.state) == [.corrupt])
  }

  @Test("Mutated heads of responses never trap")
  func heads() {
    var random = SeededRandom(seed: 21)
    let seed = Array(
      "HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n"
        .utf8)
    for _ in 0..<5000 {
      var reader = HeadReader()
      for line in random.mutated(seed).split(separator: 10, omittingEmptySubsequences: false) {
        (Array(line) + [10]).withUnsafeBytes { _ = reader.take($0) }
      }
      if let range = reader.head.contentRange, let first = range.first, let last = range.last {
        #expect(first <= last && last < range.total ?? .max)
      }
    }
  }
}
