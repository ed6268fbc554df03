import SystemPackage

/// A row of the demo, with its files on disk.
struct DemoRow {
  private let item: DemoEntry
  private let version: String
  private let archive: (path: String, sha256: String)?
  private let installed: String?
  private let added: Int64
  private let used: Int64

  /// Writes the files.
  init(_ item: DemoEntry, _ stage: DemoStage) throws(CacheError) {
    self.item = item
    version = stage.version(item)
    added = stage.time(daysAgo: item.added)
    used = item.uses > 0 ? stage.time(daysAgo: item.used) : added
    if item.phases.contains(.archive) {
      let file = try stage.archive(item)
      archive = (file.path.string, file.sha256)
    } else {
      archive = nil
    }
    if item.phases.contains(.installed) {
      var folder = try stage.install(item)
      _ = folder.removePrefix(stage.location.root)
      installed = folder.string
    } else {
      installed = nil
    }
  }

  /// In a schema of any age: this table never changed.
  func insert(_ db: Database) throws {
    try db.executeCached(
      sql: """
        INSERT INTO entries (kind, url, stem, hash, version, archive_path, archive_bytes,
          archive_sha256, installed_path, installed_bytes, installed_at, archived_at, last_used_at,
          use_count)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        item.kind.rawValue, item.url, CachePaths.stem(ofURL: item.url),
        CachePaths.hash(ofURL: item.url), version, archive?.path,
        archive.map { _ in Int64(item.size(.archive)) }, archive?.sha256, installed,
        installed.map { _ in Int64(item.size(.installed)) }, installed.map { _ in added },
        archive.map { _ in added }, used, item.uses,
      ])
  }
}
