import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("Metrics of caches")
struct ExportMetricsTests {
  /// Entry 1 can be taken; 2 is held by this process, 3 by a process that is gone, 4 by nobody.
  private static func filled() throws -> CollectedCache {
    let cache = try CollectedCache()
    try cache.addRow(1, .archive, bytes: "10")
    try cache.addRow(2, bytes: "200", more: ["pinned": "1", "kind": "'toolchains'"])
    try cache.addRow(3, bytes: "3000", more: ["pinned": "1"])
    try cache.addRow(4, bytes: "40000", more: ["pinned": "1", "kind": "'emulators'"])
    try cache.addLease(2, pid: getpid())
    try cache.addLease(3, pid: 999_999_999)
    return cache
  }

  private func export(_ cache: CollectedCache) throws -> (Exposition, ExportMetrics.Report) {
    let report = try ExportMetrics().perform(in: cache.context)
    return (try Exposition(report.text), report)
  }

  @Test("sizes stand by kind and phase, and an unknown kind is one series more")
  func sizes() throws {
    let cache = try Self.filled()
    let (text, _) = try export(cache)
    func size(_ kind: String, _ phase: String) -> Double? {
      text.value(
        "cachescope_size_bytes", ["cache": cache.root, "kind": kind, "phase": phase])
    }
    #expect(size("packages", "archive") == 10 && size("packages", "installed") == 3000)
    #expect(size("toolchains", "installed") == 200 && size("other", "installed") == 40_000)
    #expect(size("lnk-blobs", "archive") == 0)
    #expect(text.value("cachescope_entries", ["cache": cache.root, "kind": "packages"]) == 2)
  }

  @Test("blocked bytes stand by what blocks them, and with the evictable ones they are all bytes")
  func blocked() throws {
    let cache = try Self.filled()
    let (text, _) = try export(cache)
    func blocked(_ reason: String) -> Double? {
      text.value(
        "cachescope_blocked_bytes",
        ["cache": cache.root, "phase": "installed", "reason": reason])
    }
    #expect(blocked("lease") == 200 && blocked("stuck") == 3000)
    #expect(blocked("ghost") == 40_000 && blocked("pin") == 0)
    let evictable = ["cache": cache.root, "phase": "archive"]
    #expect(text.value("cachescope_evictable_bytes", evictable) == 10)
    let statistics = try DiskCache.inspect(at: cache.context.location).statistics()
    #expect(statistics.installed.heldBytes == 43_200)
    #expect(statistics.archives.evictableBytes == 10)
  }

  @Test("verdicts, states and severities have a series each, those that nothing has too")
  func counts() throws {
    let cache = try Self.filled()
    let (text, report) = try export(cache)
    func series(_ name: String) -> [Exposition.Series: Double] {
      text.values.filter { $0.key.name == "cachescope_" + name }
    }
    #expect(series("leases").count == LeaseVerdict.allCases.count)
    #expect(series("leases").values.reduce(0, +) == 2)
    #expect(series("migrations").count == MigrationStatus.State.allCases.count)
    #expect(series("migrations").values.reduce(0, +) == Double(Migration.all.count))
    let found = try ShowStatus().perform(in: cache.context).findings
    for severity in Finding.Severity.allCases {
      let labels = ["cache": cache.root, "severity": severity.rawValue]
      #expect(
        text.value("cachescope_findings", labels)
          == Double(found.count { $0.severity == severity }))
    }
    #expect(found.problemCount > 0 && report.caches[0].error == nil)
  }

  @Test("a row that ends every GC of fbuild is an error, as doctor says")
  func failingCollection() throws {
    let cache = try Self.filled()
    func errors() throws -> Double? {
      try export(cache).0.value(
        "cachescope_findings", ["cache": cache.root, "severity": "error"])
    }
    let before = try #require(try errors())
    try cache.addRow(5, bytes: "1.5")
    #expect(try errors() == before + 1)
    let findings = try RunDoctor().perform(in: cache.context).findings
    #expect(findings.contains { $0.id == "gc_fails" })
  }

  @Test("limits are those in force, and the age is that of what GC would take first")
  func limitsAndAge() throws {
    var cache = try Self.filled()
    cache.context.options.clock = .fixed(5000)
    let (text, _) = try export(cache)
    let budget = cache.context.surroundings.budget
    for (name, limit) in [("archive", budget.archive), ("low", budget.lowWatermark)] {
      let labels = ["cache": cache.root, "limit": name]
      #expect(text.value("cachescope_limit_bytes", labels) == Double(limit.bytes))
    }
    #expect(
      text.value("cachescope_oldest_evictable_age_seconds", ["cache": cache.root]) == 3999)
  }

  @Test("the last collection is told once there was one, and not before")
  func lastCollection() throws {
    var cache = try CollectedCache()
    cache.context.options.clock = .fixed(2_000_000_000)
    try cache.add(1)
    func seen() throws -> Double? {
      try export(cache).0.value("cachescope_last_gc_timestamp_seconds", ["cache": cache.root])
    }
    #expect(try seen() == nil)
    _ = try cache.apply(try cache.plan())
    #expect(try seen() == 2_000_000_000)
  }

  @Test("a cache that cannot be read says so, and takes nothing from the others")
  func unreadable() throws {
    let good = try Self.filled()
    let bad = try TemporaryCache()
    try Data("this is no database, whatever its name is".utf8).write(to: URL(filePath: bad.index))
    let missing = FilePath(good.cache.outside("nothing"))
    let action = ExportMetrics(caches: [bad.root, good.context.location.root, missing])
    let report = try action.perform(in: good.context)
    let text = try Exposition(report.text)
    func up(_ root: String) -> Double? { text.value("cachescope_up", ["cache": root]) }
    #expect(up(good.root) == 1 && up(bad.root.string) == 0 && up(missing.string) == 0)
    let damaged = ["cache": bad.root.string, "code": "damaged"]
    #expect(text.value("cachescope_read_error", damaged) == 1)
    #expect(
      text.value("cachescope_read_error", ["cache": missing.string, "code": "no_cache"]) == 1)
    #expect(report.caches.map { $0.error?.code } == [.damaged, nil, .noCache])
    #expect(text.value("cachescope_entries", ["cache": good.root, "kind": "packages"]) == 2)
  }

  @Test("two names of one cache are one series, as a collector drops a file with a series twice")
  func twice() throws {
    let cache = try Self.filled()
    let roots = [FilePath(cache.root), FilePath(cache.root + "/")]
    let report = try ExportMetrics(caches: roots).perform(in: cache.context)
    #expect(try Exposition(report.text).value("cachescope_up", ["cache": cache.root]) == 1)
  }

  @Test(
    "T-B5: sizes past the largest integer, negative ones and texts keep the text readable",
    arguments: ["9223372036854775807", "-5", "'lots'", "1e300", "NULL", "x'00'"])
  func oddSizes(bytes: String) throws {
    let cache = try CollectedCache()
    for id in 1...3 { try cache.addRow(Int64(id), bytes: bytes) }
    let (text, _) = try export(cache)
    let labels = ["cache": cache.root, "phase": "installed"]
    let expected: Double = bytes.hasPrefix("92") ? 0x1p64 : 0
    #expect(text.value("cachescope_evictable_bytes", labels) == expected)
  }
}

@Suite("The file of a collector")
struct MetricsFileTests {
  private let cache: TemporaryCache
  private var path: FilePath { FilePath(cache.path("x.prom")) }

  init() throws { cache = try TemporaryCache() }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache.root.string).sorted()
  }

  private func status(_ path: FilePath) -> stat {
    var info = stat()
    _ = path.withPlatformString { lstat($0, &info) }
    return info
  }

  @Test("T-L1: the file is another one each time, with mode 0644, and nothing is left beside it")
  func replaces() throws {
    let before = umask(0o077)
    defer { umask(before) }
    try MetricsFile.write("old\n", to: path)
    let old = status(path)
    // An open file keeps its number from being given again.
    let held = try #require(FileHandle(forReadingAtPath: path.string))
    try MetricsFile.write("new\n", to: path)
    #expect(status(path).st_ino != old.st_ino && status(path).st_mode & 0o777 == 0o644)
    #expect(try held.readToEnd() == Data("old\n".utf8))
    #expect(try String(contentsOfFile: path.string, encoding: .utf8) == "new\n")
    #expect(try names() == ["x.prom"])
  }

  @Test("T-L1: what a killed writer left is used again, and no reader takes it for metrics")
  func leftover() throws {
    try Data("half of a line".utf8).write(to: URL(filePath: cache.path("x.prom.tmp")))
    try MetricsFile.write("whole\n", to: path)
    #expect(try names() == ["x.prom"])
  }

  @Test("a link in place of the draft or of the file leads no write anywhere")
  func links() throws {
    let victim = cache.outside("victim")
    try Data("mine".utf8).write(to: URL(filePath: victim))
    try FileManager.default.createSymbolicLink(
      atPath: path.string, withDestinationPath: victim)
    try MetricsFile.write("new\n", to: path)
    try FileManager.default.createSymbolicLink(
      atPath: cache.path("x.prom.tmp"), withDestinationPath: victim)
    #expect(throws: CacheError.self) { try MetricsFile.write("newer\n", to: path) }
    try FileManager.default.removeItem(atPath: cache.path("x.prom.tmp"))
    try FileManager.default.linkItem(atPath: victim, toPath: cache.path("x.prom.tmp"))
    #expect(throws: CacheError.self) { try MetricsFile.write("newest\n", to: path) }
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "mine")
    #expect(try String(contentsOfFile: path.string, encoding: .utf8) == "new\n")
  }

  @Test("a folder of that name is refused: a collector would take it for an empty file")
  func folder() throws {
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    #expect(throws: CacheError.self) { try MetricsFile.write("x\n", to: path) }
    #expect(try names() == ["x.prom"])
  }

  @Test("T-L1: of many writers at once each leaves a whole file")
  func atOnce() async throws {
    let texts = (0..<8).map { number in String(repeating: "\(number)\n", count: 20_000) }
    let path = path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for text in texts { group.addTask { try MetricsFile.write(text, to: path) } }
      for _ in 0..<40 {
        if let seen = try? String(contentsOfFile: path.string, encoding: .utf8) {
          #expect(texts.contains(seen))
        }
        await Task.yield()
      }
      try await group.waitForAll()
    }
    #expect(texts.contains(try String(contentsOfFile: path.string, encoding: .utf8)))
  }
}
