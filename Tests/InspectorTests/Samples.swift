import Inspector

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// The cache of the golden screens: twelve entries, a lease of each kind, three migrations.
enum Samples {
  static let now = FakeCache.now

  static func entry(
    _ id: Int64, _ kind: RawText, _ stem: RawText, _ version: RawText, archive: Int64?,
    installed: Int64?, age: Int64, pinned: Int64 = 0, refcount: Int64 = 0
  ) -> Entry {
    Entry(
      id: id, kind: kind, url: RawText("https://example.com/\(stem.readable).tar.gz"), stem: stem,
      hash: RawText("9f3a51c0ffee\(id)"), version: version,
      archivePath: archive.map { _ in RawText("archives/\(kind.readable)/\(stem.readable)") },
      archiveBytes: archive, archiveSHA256: RawText(String(repeating: "9f3a51c0", count: 8)),
      installedPath: installed.map { _ in RawText("installed/\(kind.readable)/\(stem.readable)") },
      installedBytes: installed, installedAt: now - age, archivedAt: now - age,
      lastUsedAt: now - age, useCount: id, pinned: pinned, leaseCount: Int(refcount),
      refcount: refcount, problems: [])
  }

  static let entries: [Entry] = [
    entry(1, "toolchains", "xtensa-gcc", "14.2", archive: 98 << 20, installed: 1 << 30, age: 120),
    entry(2, "platforms", "espressif32", "6.9.0", archive: 1 << 20, installed: 9 << 20, age: 3600),
    entry(
      3, "lnk-blobs", "site-assets", "9f3a", archive: 812 << 20, installed: nil, age: 90_000,
      pinned: 2, refcount: 2),
    entry(
      4, "packages", "idf-tools", "5.1", archive: 600 << 20, installed: nil, age: 200_000,
      pinned: 2),
    entry(
      5, "lnk-blobs", "wifi-fw", "77c0", archive: 640 << 20, installed: nil, age: 300_000,
      pinned: 1, refcount: 1),
    entry(6, "libraries", "FastLED", "3.7.0", archive: 900, installed: 2 << 20, age: 400_000),
    entry(
      7, "frameworks", "arduino-esp32", "3.1", archive: nil, installed: 310 << 20, age: 500_000,
      pinned: 1, refcount: 1),
    entry(8, "packages", "größe-日本", "1.0", archive: 5 << 20, installed: nil, age: 600_000),
    entry(9, "packages", "evil\u{1b}[31m\u{202e}", "1.0", archive: 7, installed: nil, age: 700_000),
  ]

  static func lease(
    _ row: Int64, _ entry: Int64, pid: Int64, _ verdict: LeaseVerdict, _ evidence: String,
    age: Int64, command: String? = nil
  ) -> LeaseRow {
    let found = entries.first { $0.id == entry }
    let name = found.map {
      var name = Lease.EntryName(
        kind: $0.kind, stem: $0.stem, version: $0.version, bytes: $0.totalBytes)
      name.url = $0.url
      name.path = $0.installedPath ?? $0.archivePath
      name.sha256 = $0.archivePath == nil ? nil : $0.archiveSHA256
      return name
    }
    let nonce =
      verdict == .pin ? DurablePin.nonce(uid: 1000) : UInt64(now - age) * 1_000_000_000
    let holder = command.map {
      ProcessFacts(
        pid: pid, startedAt: Double(now - age - 1), name: "fbuild",
        arguments: $0.split(separator: " ").map(String.init), uid: 1000, userName: "ada")
    }
    return LeaseRow(
      lease: Lease(
        id: LeaseID(entryID: entry, holderPID: pid, nonce: nonce), rowID: row,
        refcount: entry == 3 ? 2 : 1, acquiredAt: now - age, entry: name),
      judgement: Judgement(verdict, evidence, holder: holder))
  }

  static let leases: [LeaseRow] = [
    lease(
      1, 1, pid: 61_500, .live, "pid 61500 runs since before the lease", age: 134,
      command: "fbuild build -e esp32s3"),
    lease(2, 3, pid: 41_207, .dead, "no process 41207; lease taken 3d4h ago", age: 273_600),
    lease(
      3, 5, pid: 1893, .reused, "pid 1893 started 2 h after the lease was taken", age: 39_720,
      command: "/usr/sbin/sshd -D"),
    lease(4, 7, pid: 1, .pin, "a durable pin of uid 1000", age: 777_600),
  ]

  static func journalLine(_ id: String, _ command: [String]) -> JournalLine {
    JournalLine(
      id: id, time: now, user: "ada", cache: "/cache", command: command, change: IndexChange())
  }

  static let migrations: [MigrationStatus.Item] = [
    .init(
      id: "m001_initial_schema", state: .applied, appliedAt: now - 900_000,
      summary: "tables entries, leases and cache_meta",
      statements: ["CREATE TABLE entries (\n  id INTEGER\n)"]),
    .init(
      id: "m002_add_leases_refcount", state: .pending, appliedAt: nil,
      summary: "column leases.refcount",
      statements: ["ALTER TABLE leases ADD COLUMN refcount INTEGER NOT NULL DEFAULT 1"]),
  ]

  /// Everything as fbuild 2.5 leaves it, with some things wrong.
  static func cache(pendingMigration: Bool = false) -> FakeCache {
    var items = migrations
    if !pendingMigration {
      items[1].state = .applied
      items[1].appliedAt = now - 800_000
    }
    return FakeCache(.init(entries: entries, leases: leases, items: items))
  }
}
