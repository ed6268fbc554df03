import CacheKit
import Foundation
import TestSupport
import Testing

@Suite("A schema that is not fbuild's")
struct HostileSchemaTests {
  /// Looks without harm, then checks that both ways to change the index refuse, with no byte written.
  private func refused(
    _ cache: TemporaryCache, as code: CacheError.Code = .damaged,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> Look {
    let look = try Look.unwritten(cache, sourceLocation: sourceLocation)
    let before = CacheSnapshot(cache.root)
    for open in waysToChange {
      let error = #expect(throws: CacheError.self, sourceLocation: sourceLocation) {
        try open(cache.location)
      }
      #expect(error?.code == code, sourceLocation: sourceLocation)
    }
    let changed = CacheSnapshot(cache.root).difference(from: before)
    #expect(changed == [], "M3: byte-identical", sourceLocation: sourceLocation)
    return look
  }

  @Test("T-A23: a view in the place of the table is named and not read")
  func view() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      "ALTER TABLE entries RENAME TO e; CREATE VIEW entries AS SELECT * FROM e")
    #expect(try refused(cache).ids.isEmpty)
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.obstacles.contains { $0.contains("view entries") })
  }

  @Test("T-A23: a trigger is named, never run, and stops every change")
  func trigger() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      CREATE TABLE log (x); CREATE TRIGGER t AFTER UPDATE ON entries
      BEGIN INSERT INTO log VALUES (1); END
      """)
    #expect(try refused(cache).ids == [1, 2])
    #expect(try RawIndex.column(cache.index, "SELECT COUNT(*) FROM log") == ["0"])
  }

  @Test("T-A23: a CHECK with an unknown function is not run by a reader")
  func unknownFunction() throws {
    let cache = try TemporaryCache.filled(2)
    let columns = "id INTEGER PRIMARY KEY, kind, url, stem, hash, version, archive_path"
    try RawIndex.run(
      cache.index,
      """
      CREATE TABLE e (\(columns), archive_bytes, archive_sha256, installed_path, installed_bytes,
        installed_at, archived_at, last_used_at, use_count, pinned, CHECK (likely(id) <> 0));
      INSERT INTO e SELECT * FROM entries; DROP TABLE entries; ALTER TABLE e RENAME TO entries
      """)
    // The name is changed in the file itself: SQLite would not take such a statement.
    let file = URL(filePath: cache.index)
    var bytes = try Data(contentsOf: file)
    let place = try #require(bytes.range(of: Data("CHECK (likely(".utf8)))
    bytes.replaceSubrange(place, with: Data("CHECK (xikely(".utf8))
    try bytes.write(to: file)
    #expect(try DiskCache.inspect(at: cache.location).entryIDs(EntryQuery()) == [1, 2])
  }

  @Test("T-A23: a generated column in the place of a stored one is not computed")
  func generatedColumn() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      ALTER TABLE entries DROP COLUMN use_count;
      ALTER TABLE entries ADD COLUMN use_count AS (abs(-9223372036854775808 + id - id))
      """)
    let look = try refused(cache)
    #expect(look.listed.map(\.useCount) == [nil, nil])
  }

  @Test("T-C2, T-C14, M3: an unknown migration id makes the index newer: read, never written")
  func unknownMigration() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(cache.index, "INSERT INTO schema_migrations VALUES ('m003_future', 5)")
    #expect(try refused(cache, as: .newerSchema).ids == [1, 2])
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.unknown.map(\.id) == ["m003_future"])
    #expect(status.writeObstacle?.contains("m003_future") == true)
  }

  @Test("T-C3, M3: a needed column that is renamed is named; rows are listed, sorted and filtered")
  func renamedColumn() throws {
    let cache = try TemporaryCache.filled(3)
    try RawIndex.run(cache.index, "ALTER TABLE entries RENAME COLUMN use_count TO uses_total")
    // It has to be filled, and we do not know with what.
    let look = try refused(cache, as: .newerSchema)
    #expect(look.listed.allSatisfy { $0.useCount == nil && !$0.problems.isEmpty })
    let inspected = try DiskCache.inspect(at: cache.location)
    for sort in EntryColumn.allCases {
      #expect(try inspected.entryIDs(EntryQuery(sort: sort)).count == 3, "\(sort)")
    }
    for filter in ["uses>3", "problem", "pinned", "leased", "blobs", "!pinned"] {
      _ = try inspected.entryIDs(EntryQuery(filter: EntryFilter(filter)))
    }
    #expect(try inspected.statistics().entries == 3)
  }

  @Test("T-C3: an index without its leases table is listed, sorted and filtered")
  func noLeases() throws {
    let cache = try TemporaryCache.filled(3)
    try RawIndex.run(cache.index, "DROP TABLE leases")
    let inspected = try DiskCache.inspect(at: cache.location)
    for sort in EntryColumn.allCases {
      #expect(try inspected.entryIDs(EntryQuery(sort: sort)).count == 3, "\(sort)")
    }
    for filter in ["problem", "pinned", "leased", "!leased"] {
      _ = try inspected.entryIDs(EntryQuery(filter: EntryFilter(filter)))
    }
    #expect(try inspected.statistics().entries == 3)
  }

  @Test("T-C11: schema_migrations as a view, or with other columns, refuses every change")
  func oddRecords() throws {
    for sql in [
      """
      DROP TABLE schema_migrations;
      CREATE VIEW schema_migrations AS SELECT 'm001_initial_schema' AS id, 1 AS applied_at
      """,
      "DROP TABLE schema_migrations; CREATE TABLE schema_migrations (name TEXT, at INTEGER)",
    ] {
      let cache = try TemporaryCache.filled(2)
      try RawIndex.run(cache.index, sql)
      #expect(try refused(cache).ids == [1, 2])
    }
  }

  @Test("T-C12: applied_at of NULL or text is accepted")
  func oddTimes() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      CREATE TABLE s (id TEXT PRIMARY KEY, applied_at); INSERT INTO s
      SELECT id, CASE WHEN id LIKE 'm001%' THEN NULL ELSE 'long ago' END FROM schema_migrations;
      DROP TABLE schema_migrations; ALTER TABLE s RENAME TO schema_migrations
      """)
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.isCurrent && status.items.allSatisfy { $0.appliedAt == nil || $0.id > "m002" })
    try DiskCache.open(at: cache.location).close()
  }

  @Test("T-B21: extra columns, another order of columns and extra tables are kept")
  func extras() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      ALTER TABLE entries ADD COLUMN extra TEXT DEFAULT 'kept'; CREATE TABLE other (x);
      INSERT INTO other VALUES (1)
      """)
    let disk = try DiskCache.open(at: cache.location)
    let entry = try #require(try disk.entry(1))
    try disk.touch(entry)
    disk.close()
    #expect(try RawIndex.column(cache.index, "SELECT extra FROM entries") == ["kept", "kept"])
    #expect(try RawIndex.column(cache.index, "SELECT x FROM other") == ["1"])
  }

  @Test(
    "M3, T-C3: a needed column that was renamed is a newer program's: no migration drops it",
    arguments: ["holder_nonce", "refcount", "acquired_at", "holder_pid"])
  func renamed(column: String) throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      INSERT INTO leases VALUES (1, 7, 9, 2, 5);
      ALTER TABLE leases RENAME COLUMN \(column) TO other;
      PRAGMA wal_checkpoint(TRUNCATE)
      """)
    let before = CacheSnapshot(cache.root)
    let error = #expect(throws: CacheError.self) {
      try RunMigrations().perform(in: ActionContext(location: cache.location))
    }
    #expect(error?.code == .newerSchema)
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test("T-B23: cache_meta.schema_version is shown and not trusted", arguments: ["banana", "99"])
  func legacyVersion(_ version: String) throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(cache.index, "UPDATE cache_meta SET value = '\(version)'")
    let status = try DiskCache.inspect(at: cache.location).migrations()
    #expect(status.legacySchemaVersion == version && status.isCurrent)
    try DiskCache.open(at: cache.location).close()
    #expect(try RawIndex.column(cache.index, "SELECT value FROM cache_meta") == ["1"])
  }
}
