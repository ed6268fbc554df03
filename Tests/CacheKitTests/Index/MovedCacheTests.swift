import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Rows of a moved cache")
struct MovedCacheTests {
  private let old = "/nowhere/fbuild/cache"
  private let blob = [UInt8]("the blob".utf8)

  private func context(_ cache: TemporaryCache) -> ActionContext {
    var context = ActionContext(location: cache.location)
    context.journal = Journal(path: FilePath(cache.outside("journal.jsonl")))
    return context
  }

  /// A cache whose row 1 names a blob under `root`, and whose file lies at the same place under its own.
  private func moved(
    from root: String, bytes: [UInt8]? = nil
  ) throws -> (cache: TemporaryCache, rest: String) {
    let cache = try TemporaryCache.filled(1)
    let url = "https://e.org/blobs/1"
    let rest = "archives/lnk-blobs/e-1/\(CachePaths.hash(ofURL: url))/\(sha256(blob))/1"
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET archive_path = '\(root)/\(rest)', archive_bytes = \(blob.count),
        archive_sha256 = '\(sha256(blob))', version = '\(sha256(blob))',
        hash = '\(CachePaths.hash(ofURL: url))'
      """)
    let path = cache.path(rest)
    try FileManager.default.createDirectory(
      atPath: String(path.dropLast(2)), withIntermediateDirectories: true)
    try Data(bytes ?? blob).write(to: URL(fileURLWithPath: path))
    return (cache, rest)
  }

  private func path(_ cache: TemporaryCache) throws -> String? {
    try DiskCache.inspect(at: cache.location).entry(1)?.archivePath?.string
  }

  @Test(
    "T-B20: the path of a moved blob is offered, rewritten after a look at its bytes, and undone")
  func rewrite() throws {
    let (cache, rest) = try moved(from: old)
    let context = context(cache)
    let offered = try RunDoctor().perform(in: context).problems
    #expect(offered.map(\.id) == ["moved_paths"] && offered[0].fix?.words == ["doctor", "--fix"])
    #expect(try path(cache) == "\(old)/\(rest)")
    let report = try RunDoctor(fixes: true).perform(in: context)
    #expect(report.rewritten?.changed.map(\.id) == [1] && report.problems.isEmpty)
    #expect(try path(cache) == cache.path(rest))
    let line = try #require(context.journal?.read().lines.last)
    #expect(line.command == ["doctor", "--fix"])
    _ = try UndoChange(line).perform(in: context)
    #expect(try path(cache) == "\(old)/\(rest)")
  }

  @Test("T-B20: wrong bytes, another length, and a file that is not there are no moved blob")
  func wrongBytes() throws {
    let (other, rest) = try moved(from: old, bytes: [UInt8](repeating: 1, count: blob.count))
    let report = try RunDoctor(fixes: true).perform(in: context(other))
    #expect(report.rewritten?.unchanged.map(\.id) == [1])
    #expect(try path(other) == "\(old)/\(rest)")
    let (long, _) = try moved(from: old, bytes: blob + [1])
    #expect(try RunDoctor().perform(in: context(long)).problems.isEmpty)
    let (gone, place) = try moved(from: old)
    try FileManager.default.removeItem(atPath: gone.path(place))
    #expect(try RunDoctor().perform(in: context(gone)).problems.isEmpty)
  }

  @Test("T-B20: a row that points into another cache which is there is left alone")
  func otherCache() throws {
    let first = try TemporaryCache.filled(1)
    let (copy, rest) = try moved(from: first.root.string)
    let report = try RunDoctor(fixes: true).perform(in: context(copy))
    #expect(report.rewritten == nil && report.problems.isEmpty)
    #expect(try path(copy) == "\(first.root)/\(rest)")
  }

  @Test("T-B20: an undo takes no path from an edited journal that no doctor has replaced")
  func editedJournal() throws {
    let (cache, rest) = try moved(from: old)
    let context = context(cache)
    _ = try RunDoctor(fixes: true).perform(in: context)
    var line = try #require(context.journal?.read().lines.last)
    guard case .entry(var row)? = line.before.first else {
      Issue.record("no row in \(line)")
      return
    }
    for bad in ["/", "/etc", "", "archives", "/x/archives/a/b/c/../../d"] {
      row.archivePath = RawText(bad)
      line.before = [.entry(row)]
      #expect(throws: CacheError.self) { try UndoChange(line).perform(in: context) }
    }
    #expect(try path(cache) == cache.path(rest))
  }

  @Test("T-B14: with a clock set back two years rows lie in the future, and nothing else changes")
  func clockSetBack() throws {
    let cache = try TemporaryCache.filled(3)
    let day: Int64 = 86_400
    let used: Int64 = 1_700_000_000
    try RawIndex.run(cache.index, "UPDATE entries SET last_used_at = \(used) + id")
    func report(at now: Int64) throws -> RunDoctor.Report {
      let options = OpenOptions(clock: .fixed(now))
      return try RunDoctor().perform(in: ActionContext(location: cache.location, options: options))
    }
    let before = try report(at: used + day)
    // The paths of a filled cache are shorter than fbuild's, which is another finding.
    let others = before.problems
    #expect(others.map(\.id) == ["dangerous_paths"])
    let after = try report(at: used - 730 * day)
    let new = after.problems.filter { !others.contains($0) }
    #expect(new.map(\.id) == ["used_in_future"])
    #expect(new.first?.message.contains("+730 d") == true)
    #expect(after.status.budget == before.status.budget)
    #expect(after.status.statistics.archives == before.status.statistics.archives)
    #expect(after.status.statistics.installed == before.status.statistics.installed)
  }

  @Test(
    "T-B17: a row of the same hash and version with another URL is named where a pointer finds it")
  func otherURL() throws {
    let (cache, rest) = try moved(from: "/nowhere")
    let folder = try TemporaryFolder()
    let link = LinkFile(url: "https://e.org/blobs/1", sha256: sha256(blob))
    try folder.write("p/x.fetch", link.json)
    func problem() throws -> String? {
      let list = ListLinks(roots: [folder.path("p")])
      return try list.perform(in: ActionContext(location: cache.location)).links.first?.problem
    }
    try RawIndex.run(cache.index, "UPDATE entries SET archive_path = '\(cache.path(rest))'")
    #expect(try problem() == nil)
    try RawIndex.run(cache.index, "UPDATE entries SET url = 'https://e.org/other'")
    #expect(try problem()?.contains("hash collision, or an edited row") == true)
  }
}

extension RunDoctor.Report {
  /// What counts: notes do not.
  fileprivate var problems: [Finding] { findings.filter(\.isProblem) }
}
