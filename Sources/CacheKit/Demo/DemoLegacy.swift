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

  /// Small ones: this cache is for trying migrations.
  static let items =
    ([DemoEntry.toolchains[2], DemoEntry.platforms[2]] + DemoEntry.blobs.prefix(5))
    .map { item in
      var small = item
      small.kibibytes = min(item.kibibytes, 512)
      small.archiveKibibytes = min(item.archiveKibibytes, 512)
      return small
    }

  func write() throws(CacheError) {
    try Folder.make(stage.location.archives)
    try Folder.make(stage.location.installed)
    let writer = try IndexWriter(stage.location, create: true, busyTimeout: 5)
    defer { writer.close() }
    try writer.useWriteAheadLog()
    let files = try Self.items.map { item throws(CacheError) in try DemoRow(item, stage) }
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
