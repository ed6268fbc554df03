import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Verification")
struct VerificationTests {
  /// A file whose two times differ, as after any rename, with its stamp.
  private func sample(
    _ folder: TemporaryFolder, _ bytes: [UInt8], at name: String = "f"
  ) throws -> (FilePath, FileStamp) {
    try folder.write(name, bytes)
    let path = folder.path(name)
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path.string, &times, 0) == 0)
    return (path, try #require(FileStamp(path)))
  }

  private func location(_ folder: TemporaryFolder) -> CacheLocation {
    CacheLocation(root: folder.root, stateFolder: folder.path("state"))
  }

  @Test("X8: a hash is believed while nothing changed, and never within the tick of a change")
  func racyRule() throws {
    let folder = try TemporaryFolder()
    let location = location(folder)
    let (path, stamp) = try sample(folder, [1, 2, 3])
    let notes = VerifiedFiles(location)
    notes.note(path, stamp, sha256: sha256([1, 2, 3]), begun: stamp.changed)
    #expect(notes.sha256(of: path, stamp) == nil)
    let begun = notes.begin(path, stamp)
    #expect(begun > stamp.changed)
    notes.note(path, stamp, sha256: sha256([1, 2, 3]), begun: begun)
    #expect(notes.sha256(of: path, stamp) == sha256([1, 2, 3]))
    notes.save()
    let again = VerifiedFiles(location)
    #expect(again.sha256(of: path, stamp) == sha256([1, 2, 3]))
    // The same file by another name is another note.
    #expect(link(path.string, folder.path("g").string) == 0)
    let other = try #require(FileStamp(folder.path("g")))
    #expect(again.sha256(of: folder.path("g"), other) == nil)
    // Same size, and a modification time that was set back: the change time tells.
    let (_, changed) = try sample(folder, [9, 9, 9])
    #expect(again.sha256(of: path, changed) == nil)
  }

  @Test("T-M3: a note is tied to the mount where inodes and times may come with an image")
  func notePlaces() throws {
    let folder = try TemporaryFolder()
    let (_, found) = try sample(folder, [1])
    let lasting = NotePlace.Name(kind: NotePlace.Name.lasting, high: 1, low: 2)
    let mount = NotePlace.Name(kind: NotePlace.Name.mount, high: 3, low: 4)
    var place = NotePlace(lasting: lasting, mount: mount, hasFineTimes: true)
    var stamp = found
    stamp.changed = 5_000_000_001
    #expect(place.name(for: stamp) == lasting)
    #expect(!place.isSettled(stamp, at: stamp.changed))
    #expect(place.isSettled(stamp, at: stamp.changed + 1))
    place.isOverlay = true
    #expect(place.name(for: stamp) == lasting)
    stamp.modified = stamp.changed
    #expect(place.name(for: stamp) == mount)
    place = NotePlace(lasting: lasting, mount: mount, isReadOnly: true, hasFineTimes: true)
    #expect(place.name(for: stamp) == mount)
    place.isReadOnly = false
    stamp.changed = 5_000_000_000
    #expect(place.name(for: stamp) == mount)
    #expect(!place.isSettled(stamp, at: stamp.changed + 2_000_000_000))
    #expect(place.isSettled(stamp, at: stamp.changed + 2_000_000_001))
    place.mount = nil
    #expect(place.name(for: stamp) == nil)
  }

  @Test("A file that was just made is noted once the tick of its last change is over")
  func written() throws {
    let folder = try TemporaryFolder()
    let notes = VerifiedFiles(location(folder))
    let (path, stamp) = try sample(folder, [1])
    let (other, before) = try sample(folder, [2], at: "g")
    notes.noteWritten(path, stamp, sha256: sha256([1]))
    notes.noteWritten(other, before, sha256: sha256([2]))
    #expect(notes.sha256(of: path, stamp) == nil)
    TickClock.pass(before.changed)
    _ = try sample(folder, [3], at: "g")
    notes.save()
    let all = VerifiedFiles(location(folder))
    #expect(all.sha256(of: path, stamp) == sha256([1]))
    #expect(all.sha256(of: other, try #require(FileStamp(other))) == nil)
  }

  @Test("Two processes that verify at once both keep what they found")
  func merge() throws {
    let folder = try TemporaryFolder()
    let (one, two) = (VerifiedFiles(location(folder)), VerifiedFiles(location(folder)))
    let (left, leftStamp) = try sample(folder, [1])
    let (right, rightStamp) = try sample(folder, [2], at: "g")
    one.note(left, leftStamp, sha256: sha256([1]), begun: one.begin(left, leftStamp))
    two.note(right, rightStamp, sha256: sha256([2]), begun: two.begin(right, rightStamp))
    one.save()
    two.save()
    let all = VerifiedFiles(location(folder))
    #expect(all.sha256(of: left, leftStamp) == sha256([1]))
    #expect(all.sha256(of: right, rightStamp) == sha256([2]))
  }

  @Test("Damaged notes cost time, never truth, and never trap; those of 0.1.0 are not believed")
  func damagedNotes() throws {
    let folder = try TemporaryFolder()
    let (path, stamp) = try sample(folder, [1])
    let good = VerifiedFiles(location(folder))
    good.note(path, stamp, sha256: sha256([1]), begun: good.begin(path, stamp))
    good.save()
    let saved = try #require(folder.read("state/verified"))
    var random = SeededRandom(seed: 8)
    for _ in 0..<500 {
      try folder.write("state/verified", random.mutated(saved))
      let found = VerifiedFiles(location(folder)).sha256(of: path, stamp)
      #expect(found == nil || found?.utf8.count == 64)
    }
    let text = String(decoding: saved, as: UTF8.self)
    try folder.write("state/verified", text.replacing("verified files 2", with: "verified files 1"))
    #expect(VerifiedFiles(location(folder)).sha256(of: path, stamp) == nil)
  }

  @Test("PF3: a blob that was verified is not read again; --deep reads it")
  func fastPath() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    func check(deep: Bool) throws -> LinkItem {
      try #require(
        try CheckLinks(roots: [project.root], isDeep: deep).perform(in: project.context).links.first
      )
    }
    #expect(try check(deep: false).state == .cached)
    // Wrong bytes under a note that says otherwise: only a deep check can see them.
    let path = try project.blob("a.bin")
    try project.overwrite(path, sampleBytes(1000, seed: 5))
    let stamp = try #require(FileStamp(path))
    let notes = VerifiedFiles(project.context.location)
    notes.note(
      path, stamp, sha256: sha256(sampleBytes(1000)), begun: notes.begin(path, stamp))
    notes.save()
    let before = CacheSnapshot(project.context.location.root)
    #expect(try check(deep: false).state == .cached)
    #expect(try check(deep: true).state == .corrupt)
    // R1: what a check finds is noted outside the cache.
    #expect(CacheSnapshot(project.context.location.root).difference(from: before) == [])
  }

  @Test(
    "K4: a note that calls a blob wrong is no verdict: its bytes are read before it is called so")
  func notesAreNoVerdict() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    let path = try project.blob("a.bin")
    let stamp = try #require(FileStamp(path))
    let notes = VerifiedFiles(project.context.location)
    notes.note(path, stamp, sha256: sha256([0]), begun: notes.begin(path, stamp))
    notes.save()
    let listed = try #require(try project.list().links.first)
    #expect(listed.state == .cached && listed.problem == nil)
    // Taken for what its bytes are, by a check and by a pull, and neither moved nor fetched.
    let checked = try #require(try project.check(deep: false).links.first)
    #expect(checked.state == .cached && checked.problem == nil)
    VerifiedFiles(project.context.location).save()
    notes.note(path, stamp, sha256: sha256([0]), begun: notes.begin(path, stamp))
    notes.save()
    #expect(try project.pull().links.first?.result == .hit)
    #expect(FileStamp(path)?.isSameFile(as: stamp) == true)
  }

  @Test("X8: a blob that was found wrong stays wrong in every list until its file changes")
  func knownWrong() throws {
    let project = try LinkProject()
    try project.add("a.bin", sampleBytes(1000))
    _ = try project.pull()
    let path = try project.blob("a.bin")
    try project.overwrite(path, sampleBytes(1000, seed: 5))
    #expect(try project.list().links.map(\.state) == [.cached])
    let check = CheckLinks(roots: [project.root], isDeep: true)
    let found = try #require(try check.perform(in: project.context).links.first)
    #expect(found.check?.finding == .unknown)
    var listed = try #require(try project.list().links.first)
    #expect(listed.state == .corrupt)
    #expect(listed.check?.sha256 == sha256(sampleBytes(1000, seed: 5)))
    listed.recall(found)
    #expect(listed.check == found.check && listed.problem == found.problem)
    try project.overwrite(path, sampleBytes(1000))
    var repaired = try #require(try project.list().links.first)
    repaired.recall(found)
    #expect(repaired.state == .cached && repaired.check == nil && repaired.problem == nil)
  }

  @Test("X9: wrong bytes are told apart")
  func forensics() throws {
    let folder = try TemporaryFolder()
    let text = (0..<200).map { "line \($0)\n" }.joined()
    let right = Array(text.utf8)
    func finding(_ bytes: [UInt8], size: UInt64? = nil) throws -> BlobForensics.Diagnosis {
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
