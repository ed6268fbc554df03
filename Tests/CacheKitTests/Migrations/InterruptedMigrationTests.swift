import CacheKit
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Migrations that are killed, or whose writes fail, at every single write.
@Suite("Interrupted migrations", .serialized, .enabled(if: Shell.find("strace") != nil))
struct InterruptedMigrationTests {
  /// Runs a migration in a process whose n-th call of these kinds has the given fate; its answer, or
  /// `nil` where it died.
  private func migrate(_ cache: TemporaryCache, _ injection: String) throws -> String? {
    let actor = try ActorProcess(
      "open", cache.location,
      prefix: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(injection)"])
    guard actor.line() == "ready" else { return nil }
    actor.proceed()
    let answer = actor.line()
    actor.wait()
    return answer
  }

  /// After an interruption: each step is done or not begun, the rows are all there, backups are whole
  /// or absent, and the next open finishes the work.
  private func expectWhole(
    _ cache: TemporaryCache, _ original: [String], _ label: String
  ) throws {
    let states = try DiskCache.inspect(at: cache.location).migrations().items.map(\.state)
    let done = states.prefix { $0 == .applied }.count
    // m001 of a VA index shows its effect only with our own repair.
    let isBetween = states.dropFirst(max(done, 1)).contains(.applied) && states[0] == .pending
    #expect(!isBetween, "\(label): \(states)")
    for name in try FileManager.default.contentsOfDirectory(atPath: cache.root.string)
    where name.hasPrefix("index.sqlite.bak-") {
      #expect(try RawIndex.column(cache.path(name), "PRAGMA integrity_check") == ["ok"], "\(label)")
    }
    try DiskCache.open(at: cache.location).close()
    #expect(try DiskCache.inspect(at: cache.location).migrations().isCurrent, "\(label)")
    let raw = try RawIndex(cache.index)
    #expect(try raw.column("PRAGMA integrity_check") == ["ok"], "\(label)")
    #expect(try raw.dump(without: Self.others) == original, "\(label)")
    #expect(try raw.column("SELECT COUNT(*) FROM leases") == ["1"], "\(label)")
    try raw.close()
    expectTidy(cache, label)
  }

  private static let others: Set = ["leases", "schema_migrations", "cache_meta"]

  /// Nothing half-made lies about.
  private func expectTidy(_ cache: TemporaryCache, _ label: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache.root.string)) ?? []
    let known = ["index.sqlite", ".cachescope.lock", "archives", "installed"]
    let strange = names.filter { !known.contains($0) && !$0.hasPrefix("index.sqlite.bak-2") }
    #expect(strange == [], "\(label)")
  }

  private func legacy() throws -> (TemporaryCache, [String]) {
    let cache = try Fixture.legacyVA.copied()
    let raw = try RawIndex(cache.index)
    if try raw.column("SELECT COUNT(*) FROM leases") == ["0"] {
      try raw.run("INSERT INTO leases VALUES (1, 4194305, 5)")
    }
    let original = try raw.dump(without: Self.others)
    try raw.close()
    return (cache, original)
  }

  @Test("T-C6, M4: SIGKILL at every write of a migration leaves the old or the new schema")
  func killed() throws {
    var runs = 0
    for number in 1...400 {
      let (cache, original) = try legacy()
      let answer = try migrate(cache, "pwrite64:signal=SIGKILL:when=\(number)")
      runs = number
      try expectWhole(cache, original, "killed at write \(number)")
      if answer?.hasPrefix("ok ") == true { break }
    }
    #expect(runs > 20 && runs < 400, "every write was hit: \(runs)")
  }

  @Test(
    "T-C7, M4: a write that fails for good rolls back and says what is wrong",
    arguments: ["pwrite64:error=ENOSPC", "pwrite64:error=EIO"])
  func failing(_ injection: String) throws {
    var failures = 0
    // Later writes differ only in their page: a part of the numbers is enough.
    for number in [1, 2, 3, 5, 8, 13, 20, 30, 40, 50, 60, 80] {
      let (cache, original) = try legacy()
      let answer = try #require(try migrate(cache, "\(injection):when=\(number)+"))
      if answer.hasPrefix("error ") {
        failures += 1
        #expect(["disk_full", "io"].contains(answer.split(separator: " ")[1]), "\(answer)")
      }
      try expectWhole(cache, original, "\(injection) at \(number): \(answer)")
    }
    #expect(failures > 5)
  }

  @Test("T-I2: an fsync that fails publishes no backup and migrates nothing")
  func failingSync() throws {
    let (cache, original) = try legacy()
    let answer = try #require(try migrate(cache, "fsync,fdatasync:error=EIO:when=1+"))
    #expect(answer.hasPrefix("error "), "\(answer)")
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.root.string)
    #expect(!names.contains { $0.contains(".bak-") }, "\(names)")
    try expectWhole(cache, original, "fsync")
  }

  @Test(
    "T-C7: on a full disk a migration says so, and leaves the index and no half backup",
    .enabled(if: LadderTests.isRoot))
  func fullDisk() throws {
    let outer = try TemporaryCache()
    let mount = try #require(Mount.small(256 << 10, beside: outer))
    let location = CacheLocation(root: FilePath(mount.path))
    let (source, original) = try legacy()
    let index = location.index.string
    try FileManager.default.copyItem(atPath: source.index, toPath: index)
    // Less stays free than the backup needs.
    try Data(count: (256 << 10) - (64 << 10)).write(to: URL(filePath: mount.path + "/ballast"))
    let before = try Data(contentsOf: URL(filePath: index))
    try #require(before.count > 20 << 10)
    let error = #expect(throws: CacheError.self) { try DiskCache.open(at: location) }
    #expect(error?.code == .diskFull, "\(String(describing: error))")
    let names = try FileManager.default.contentsOfDirectory(atPath: mount.path)
    #expect(!names.contains { $0.contains(".bak-") }, "\(names)")
    try FileManager.default.removeItem(atPath: mount.path + "/ballast")
    #expect(try RawIndex(index).dump(without: Self.others) == original)
  }
}
