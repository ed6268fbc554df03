import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Old indexes become current ones")
struct FixtureMigrationTests {
  private typealias State = MigrationStatus.State

  /// The states of m001, m002 and our own repair as an inspection finds them.
  private static let expected: [Fixture: [State]] = [
    .v221: [.applied, .applied, .unrecorded], .v240: [.applied, .applied, .unrecorded],
    .v2547: [.applied, .applied, .unrecorded], .platformAndLink: [.applied, .applied, .unrecorded],
    .staleLease: [.applied, .applied, .unrecorded], .hotWAL: [.applied, .applied, .unrecorded],
    .zombies: [.applied, .applied, .unrecorded], .legacyVA: [.pending, .pending, .pending],
    .legacyVAMigrated: [.damaged, .applied, .pending],
    .legacyVB: [.unrecorded, .unrecorded, .unrecorded],
    .legacyVC: [.unrecorded, .pending, .unrecorded],
  ]

  private func states(_ cache: TemporaryCache) throws -> [State] {
    try DiskCache.inspect(at: cache.location).migrations().items.map(\.state)
  }

  @Test("M1, T-C1: the state of every migration of every fixture", arguments: Fixture.allCases)
  func states(of fixture: Fixture) throws {
    #expect(try states(try fixture.copied()) == Self.expected[fixture])
  }

  @Test("M6: every migrated fixture equals a fresh database", arguments: Fixture.allCases)
  func equalsFresh(_ fixture: Fixture) throws {
    let fresh = try TemporaryCache.filled(1)
    let cache = try fixture.copied()
    try DiskCache.open(at: cache.location).close()
    #expect(try RawIndex(cache.index).shape() == RawIndex(fresh.index).shape())
    #expect(try RawIndex.column(cache.index, "PRAGMA integrity_check") == ["ok"])
    #expect(try RawIndex.column(cache.index, "PRAGMA foreign_key_check") == [])
  }

  @Test("a fresh database has the schema of fbuild 2.5.47 to the letter")
  func freshSchema() throws {
    let (fresh, real) = (try TemporaryCache.filled(1), try Fixture.v2547.copied())
    let sql = "SELECT type || name || COALESCE(sql, '') FROM sqlite_master ORDER BY name"
    #expect(try RawIndex.column(fresh.index, sql) == RawIndex.column(real.index, sql))
  }

  @Test(
    "every registered migration is recorded after open, and the version mirrored",
    arguments: Fixture.allCases)
  func recorded(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    try DiskCache.open(at: cache.location, options: .at(1234)).close()
    let ids = try RawIndex.column(cache.index, "SELECT id FROM schema_migrations ORDER BY id")
    #expect(
      ids == [
        "cachescope_001_leases_holder_nonce", "m001_initial_schema", "m002_add_leases_refcount",
      ])
    #expect(try states(cache) == [.applied, .applied, .applied])
    let version = "SELECT value FROM cache_meta WHERE key = 'schema_version'"
    #expect(try RawIndex.column(cache.index, version) == ["1"])
  }

  @Test(
    "rows survive a migration unchanged, as do records that fbuild made",
    arguments: Fixture.allCases)
  func rowsSurvive(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    let raw = try RawIndex(cache.index)
    let others: Set = ["leases", "schema_migrations"]
    let before = try raw.dump(without: others)
    let records = try raw.dump(without: ["leases", "entries", "cache_meta"])
    try raw.close()
    try DiskCache.open(at: cache.location).close()
    let after = try RawIndex(cache.index)
    #expect(try after.dump(without: others) == before)
    #expect(
      Set(try after.dump(without: ["leases", "entries", "cache_meta"])).isSuperset(of: records))
  }

  @Test("migrations are idempotent across reopens", arguments: Fixture.allCases)
  func idempotent(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    try DiskCache.open(at: cache.location).close()
    let dump = try RawIndex(cache.index).dump()
    for _ in 0..<3 {
      let disk = try DiskCache.open(at: cache.location)
      #expect(disk.migrationReport.steps.isEmpty && disk.migrationReport.backup == nil)
      disk.close()
    }
    #expect(try RawIndex(cache.index).dump() == dump)
  }

  @Test(
    "a legacy cache migrates and a lease succeeds end to end", arguments: Fixture.legacy)
  func legacyLease(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    // Of the four only VB lacks nothing but the records.
    if fixture != .legacyVB {
      let refused = #expect(throws: CacheError.self) {
        try DiskCache.openExisting(at: cache.location)
      }
      #expect(refused?.code == .pendingMigrations)
    }
    let disk = try DiskCache.open(at: cache.location)
    #expect(disk.migrationReport.backup != nil, "M5: also where nothing but records is missing")
    let entry = try #require(try disk.entry(1))
    let before = entry.refcount
    try disk.withLease(on: entry) {
      let held = try disk.entry(1)
      #expect(held?.refcount == before + 1 && held?.pinned == before + 1)
    }
    #expect(try disk.entry(1)?.refcount == before)
  }

  @Test(
    "a legacy schema without refcount is migrated, and pin and unpin work",
    arguments: Fixture.legacy)
  func legacyPin(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    let context = ActionContext(location: cache.location)
    _ = try RunMigrations().perform(in: context)
    #expect(try PinEntries(ids: [1], reason: "kept").perform(in: context).changed.count == 1)
    #expect(try ShowEntry(id: 1).perform(in: context).pinReasons.values.contains("kept"))
    #expect(try UnpinEntries(ids: [1]).perform(in: context).changed.count == 1)
  }

  @Test(
    "T-C1: a rehearsal tells the change of the schema and leaves the cache as it is",
    arguments: Fixture.legacy)
  func rehearsal(_ fixture: Fixture) throws {
    let cache = try fixture.copied()
    let before = CacheSnapshot(cache.root)
    let report = try RehearseMigrations().perform(in: ActionContext(location: cache.location))
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
    #expect(report.problem == nil && report.bytes > 0 && !report.migration.steps.isEmpty)
    let lines = report.schemaDifference
    #expect(lines.contains { $0.contains("schema_migrations") } == (fixture != .legacyVAMigrated))
    let addsNonce = lines.contains { $0.hasPrefix("+ leases.holder_nonce") }
    #expect(addsNonce == [.legacyVA, .legacyVAMigrated].contains(fixture))
  }
}

@Suite("What a migration does to rows")
struct MigrationEffectTests {
  /// A VA index with these leases: `entry, pid, acquired`.
  private func legacy(_ leases: [String]) throws -> TemporaryCache {
    let cache = try Fixture.legacyVA.copied()
    let inserts = leases.map { "INSERT INTO leases VALUES (\($0))" }.joined(separator: ";")
    try RawIndex.run(cache.index, "PRAGMA foreign_keys = OFF; DELETE FROM leases;" + inserts)
    return cache
  }

  @Test("T-C8: leases of entries that are gone are dropped, with a note")
  func orphans() throws {
    let cache = try legacy(["1, 100, 5", "77, 101, 5", "78, 102, 5"])
    let report = try DiskCache.open(at: cache.location).migrationReport
    let step = try #require(report.steps.last)
    #expect(step.outcome == .applied && step.effect.rowsTouched == 1)
    #expect(step.effect.notes.contains { $0.contains("2 leases") })
    let rows =
      "SELECT entry_id || ' ' || holder_pid || ' ' || holder_nonce || ' ' || refcount FROM leases"
    #expect(try RawIndex.column(cache.index, rows) == ["1 100 0 1"])
  }

  @Test("T-C9: leases that become the same are merged by the sum of their refcounts")
  func merged() throws {
    let cache = try TemporaryCache.filled(1)
    // Recorded as current, but with a key that tells more rows apart than ours.
    try RawIndex.run(
      cache.index,
      """
      DROP TABLE leases;
      CREATE TABLE leases (entry_id INTEGER NOT NULL, holder_pid INTEGER NOT NULL,
        holder_nonce INTEGER NOT NULL, refcount INTEGER NOT NULL, acquired_at INTEGER NOT NULL,
        PRIMARY KEY (entry_id, holder_pid, holder_nonce, acquired_at));
      INSERT INTO leases VALUES (1, 9, 4, 2, 50), (1, 9, 4, 3, 40), (1, 9, 5, 1, 60)
      """)
    let report = try DiskCache.open(at: cache.location).migrationReport
    #expect(report.steps.last?.effect.notes.contains { $0.contains("merged 1 lease into") } == true)
    let rows = "SELECT holder_nonce || ' ' || refcount || ' ' || acquired_at FROM leases ORDER BY 1"
    #expect(try RawIndex.column(cache.index, rows) == ["4 5 40", "5 1 60"])
  }

  @Test("refcounts below 1 that m002 finds become 1; a VB index keeps its refcount of 2")
  func refcounts() throws {
    let cache = try Fixture.legacyVB.copied()
    try DiskCache.open(at: cache.location).close()
    #expect(try RawIndex.column(cache.index, "SELECT refcount FROM leases") == ["2"])
  }

  @Test("M2: what another process did while we waited is told as its work")
  func doneMeanwhile() throws {
    let cache = try Fixture.legacyVA.copied()
    let seen = try DiskCache.inspect(at: cache.location).migrations()
    try DiskCache.open(at: cache.location).close()
    let writer = try IndexWriter(cache.location, create: false, busyTimeout: 5)
    defer { writer.close() }
    let report = try Migrator(writer: writer, now: 1).run(backup: nil, seen: seen)
    #expect(report.steps.map(\.outcome) == [.alreadyApplied, .alreadyApplied, .alreadyApplied])
    #expect(try Migrator(writer: writer, now: 1).run(backup: nil).steps == [])
  }

  @Test("T-C5: while an index is backed up, another program may ask for its WAL, as fbuild does")
  func openedDuringBackup() throws {
    for fixture in [Fixture.legacyVA, .legacyVC] {
      let cache = try fixture.copied()
      try RawIndex.run(cache.index, "PRAGMA journal_mode = DELETE")
      let writer = try IndexWriter(cache.location, create: false, busyTimeout: 5)
      defer { writer.close() }
      var modes: [String] = []
      _ = try Migrator(writer: writer, now: 1).run(backup: { () throws(CacheError) in
        try writer.read { db in
          _ = try db.answer("SELECT count(*) FROM sqlite_schema")
          modes = try RawIndex.column(cache.index, "PRAGMA journal_mode = WAL")
        }
        return cache.location.index
      })
      #expect(modes == ["wal"])
    }
  }

  @Test("M5: the backup of a migration holds exactly what was there")
  func backup() throws {
    for fixture in [Fixture.legacyVA, .legacyVAMigrated, .legacyVC] {
      let cache = try fixture.copied()
      let before = try RawIndex(cache.index, readonly: true)
      let (dump, schema) = (
        try before.dump(), try before.column("SELECT sql FROM sqlite_master ORDER BY name")
      )
      try before.close()
      let report = try DiskCache.open(at: cache.location, options: .at(1_700_000_000))
        .migrationReport
      let path = try #require(report.backup)
      #expect(path.lastComponent?.string == "index.sqlite.bak-20231114T221320-migrate")
      let backup = try RawIndex(path.string, readonly: true)
      #expect(try backup.dump() == dump)
      #expect(try backup.column("SELECT sql FROM sqlite_master ORDER BY name") == schema)
      #expect(try backup.column("PRAGMA integrity_check") == ["ok"])
      let beside = try FileManager.default.contentsOfDirectory(atPath: cache.root.string)
      #expect(beside.filter { $0.contains(".bak-") }.count == 1, "\(beside)")
    }
  }

  @Test("M5: a backup holds what stands in a hot WAL, too")
  func backupOfWAL() throws {
    let cache = try TemporaryCache.crashed()
    let raw = try RawIndex(cache.index)
    try raw.run("PRAGMA wal_autocheckpoint = 0; DROP TABLE leases")
    let report = try DiskCache.open(at: cache.location).migrationReport
    let path = try #require(report.backup)
    #expect(try RawIndex.column(path.string, "SELECT COUNT(*) FROM entries") == ["3"])
    try raw.close()
  }

  @Test("M5: five backups stay, the oldest go; no backup without a change, or where none is wanted")
  func backupCount() throws {
    let cache = try TemporaryCache.filled(1)
    for round in 0..<7 {
      try RawIndex.run(cache.index, "DROP TABLE leases")
      let options = OpenOptions.at(1_700_000_000 + Int64(round))
      try DiskCache.open(at: cache.location, options: options).close()
    }
    func backups() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: cache.root.string)
        .filter { $0.contains(".bak-") }.sorted()
    }
    #expect(try backups().count == 5)
    #expect(try backups().first?.contains("20231114T221322") == true)
    try RawIndex.run(cache.index, "DROP TABLE leases")
    try DiskCache.open(at: cache.location, options: OpenOptions(makesBackup: false)).close()
    #expect(try backups().count == 5)
  }

  @Test("T-C3: a lost leases table is made again, whatever the records claim")
  func lostTable() throws {
    let cache = try TemporaryCache.filled(1)
    try RawIndex.run(cache.index, "DROP TABLE leases")
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.items.map(\.state) == [.damaged, .damaged, .damaged])
    try DiskCache.open(at: cache.location).close()
    #expect(try DiskCache.inspect(at: cache.location).migrations().isCurrent)
  }
}
