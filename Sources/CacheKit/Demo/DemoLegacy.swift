import Glibc
import SystemPackage

/// A cache as the first fbuild with an index kept it: leases have neither nonce nor refcount, and no
/// migration is recorded. Written by SQL, because nothing here writes that schema any more.
struct LegacyDemo {
  let stage: DemoStage
  let context: ActionContext

  private static let leases = """
    CREATE TABLE leases (
                    entry_id    INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
                    holder_pid  INTEGER NOT NULL,
                    acquired_at INTEGER NOT NULL,
                    PRIMARY KEY(entry_id, holder_pid)
                )
    """

  func write() throws(CacheError) {
    try Folder.make(stage.location.archives)
    try Folder.make(stage.location.installed)
    let writer = try IndexWriter(stage.location, create: true, busyTimeout: 5)
    defer { writer.close() }
    try writer.useWriteAheadLog()
    let items = [DemoEntry.toolchains[2], DemoEntry.platforms[2]] + DemoEntry.blobs.prefix(5)
    let files = try items.map { item throws(CacheError) in try LegacyRow(item, stage) }
    let dead = try EndedProcess.pid()
    let living = Bystander.find(stage.location)
    let now = stage.now
    try writer.write { db in
      for statement in InitialSchema.statements where statement != InitialSchema.leases {
        try db.execute(sql: statement)
      }
      try db.execute(sql: Self.leases)
      try db.execute(sql: "INSERT INTO cache_meta (key, value) VALUES ('schema_version', '1')")
      for file in files { try file.insert(db) }
      try lease(db, entry: 3, pid: dead, at: now - 4 * 86400)
      if let living { try lease(db, entry: 4, pid: living.pid, at: living.before) }
      try lease(db, entry: 6, pid: 1, at: now - 20)
    }
  }

  private func lease(_ db: Database, entry: Int64, pid: Int64, at time: Int64) throws {
    try db.execute(
      sql: "INSERT INTO leases (entry_id, holder_pid, acquired_at) VALUES (?, ?, ?)",
      arguments: [entry, pid, time])
    try db.execute(sql: "UPDATE entries SET pinned = 1 WHERE id = ?", arguments: [entry])
  }
}

/// A row of the legacy demo, with its files on disk.
private struct LegacyRow {
  let item: DemoEntry
  let version: String
  let archive: (path: String, sha256: String)?
  let installed: String?
  let added: Int64
  let used: Int64

  init(_ item: DemoEntry, _ stage: DemoStage) throws(CacheError) {
    self.item = item
    version = stage.version(item)
    (added, used) = (stage.time(daysAgo: item.added), stage.time(daysAgo: item.used))
    if item.phases.contains(.archive) {
      let file = try stage.archive(item)
      archive = (file.path.string, file.sha256)
      installed = nil
    } else {
      var folder = try stage.install(item)
      _ = folder.removePrefix(stage.location.root)
      archive = nil
      installed = folder.string
    }
  }

  func insert(_ db: Database) throws {
    let size = Int64(item.size)
    try db.execute(
      sql: """
        INSERT INTO entries (kind, url, stem, hash, version, archive_path, archive_bytes,
          archive_sha256, installed_path, installed_bytes, installed_at, archived_at, last_used_at,
          use_count)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        item.kind.rawValue, item.url, CachePaths.stem(ofURL: item.url),
        CachePaths.hash(ofURL: item.url), version, archive?.path, archive.map { _ in size },
        archive?.sha256, installed, installed.map { _ in size }, installed.map { _ in added },
        archive.map { _ in added }, used, item.uses,
      ])
  }
}
