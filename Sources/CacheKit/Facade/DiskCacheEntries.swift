public import SystemPackage

// What fbuild's own cache offers to its callers, with the same rules.
extension DiskCache {
  /// The entry of that kind, URL and version, or `nil`.
  public func lookup(
    kind: EntryKind, url: String, version: String
  ) throws(CacheError) -> Entry? {
    try writer.read { db in
      try finder.find(
        db, Self.identityCondition, [kind.rawValue, CachePaths.hash(ofURL: url), version])
    }
  }

  private static let identityCondition = "kind = ? AND hash = ? AND version = ?"

  /// The entries of pointers in one consistent state, in their order.
  func lookup(_ links: [LinkFile]) throws(CacheError) -> [Entry?] {
    try writer.read { db in
      try links.map { link in
        try finder.find(
          db, Self.identityCondition,
          [EntryKind.lnkBlobs.rawValue, CachePaths.hash(ofURL: link.url), link.sha256])
      }
    }
  }

  /// The installed entry of that kind and URL that was used last, or `nil`.
  public func lookupLatest(kind: EntryKind, url: String) throws(CacheError) -> Entry? {
    try writer.read { db in
      try finder.find(
        db,
        "kind = ? AND hash = ? AND installed_path IS NOT NULL ORDER BY last_used_at DESC, id LIMIT 1",
        [kind.rawValue, CachePaths.hash(ofURL: url)])
    }
  }

  /// The entry with that id, or `nil`.
  public func entry(_ id: Int64) throws(CacheError) -> Entry? {
    try writer.read { db in try finder.find(db, "id = ?", [id]) }
  }

  /// Records a download. A known entry keeps its URL, stem, use count and pins.
  ///
  /// `path` is stored as it is given: absolute for lnk-blobs, since fbuild reads it without joining
  /// the root. A negative size counts as 0.
  @discardableResult
  public func recordArchive(
    kind: EntryKind, url: String, version: String, path: FilePath, bytes: Int64, sha256: String
  ) throws(CacheError) -> Entry {
    try record(
      kind, url, version,
      columns: ["archive_path", "archive_bytes", "archive_sha256", "archived_at"],
      values: [try Self.text(path), max(0, bytes), sha256, clock.now()])
  }

  /// Records a download and takes a hold on it for this process, both in one transaction: no GC can
  /// come between them.
  public func recordLeasedArchive(
    kind: EntryKind, url: String, version: String, path: FilePath, bytes: Int64, sha256: String
  ) throws(CacheError) -> HeldLease {
    let holder = HolderIdentity.current(clock)
    let now = clock.now()
    let entry = try record(
      kind, url, version,
      columns: ["archive_path", "archive_bytes", "archive_sha256", "archived_at"],
      values: [try Self.text(path), max(0, bytes), sha256, now]
    ) { db, entry in
      try LeaseStore.pin(db, entry: entry.id, pid: holder.pid, nonce: holder.nonce, now: now)
    }
    return HeldLease(self, entry, holder)
  }

  /// Records an installed package. A path inside the root is stored relative to it, as fbuild's is.
  @discardableResult
  public func recordInstall(
    kind: EntryKind, url: String, version: String, path: FilePath, bytes: Int64
  ) throws(CacheError) -> Entry {
    try record(
      kind, url, version, columns: ["installed_path", "installed_bytes", "installed_at"],
      values: [try Self.text(relative(path)), max(0, bytes), clock.now()])
  }

  /// fbuild reads paths as text: one that is not would come back as another path.
  private static func text(_ path: FilePath) throws(CacheError) -> String {
    if let text = RawText(path: path).string { return text }
    throw CacheError(
      .invalidInput, "\(path) is not valid UTF-8, and an index stores its paths as text",
      hint: "Move the cache to a folder whose path is valid UTF-8")
  }

  /// Notes a use: last use is now, one use more.
  ///
  /// `archiveBytes` is what the archive was found to have, where the row says something else.
  public func touch(_ entry: Entry, archiveBytes: Int64? = nil) throws(CacheError) {
    let now = clock.now()
    // Nothing is lost where this is.
    try writer.writeGrouped(isDurable: false) { db in
      if let archiveBytes {
        try db.executeCached(
          sql: "UPDATE entries SET archive_bytes = ? WHERE id = ?",
          arguments: [archiveBytes, entry.id])
      }
      try db.executeCached(
        sql: "UPDATE entries SET last_used_at = ?, use_count = use_count + 1 WHERE id = ?",
        arguments: [now, entry.id])
    }
  }

  /// The totals of the entries, in one consistent state.
  public func statistics() throws(CacheError) -> Statistics {
    let root = RawText(path: location.root).bytes
    let measure = Statistics.Measure(now: clock.now(), root: root)
    return try writer.read { try Statistics.read($0, measure) }
  }

  private func relative(_ path: FilePath) -> FilePath {
    var inner = path
    guard path.isAbsolute, inner.removePrefix(location.root) else { return path }
    return inner
  }

  /// Inserts or updates the row; `then` runs in the same transaction.
  private func record(
    _ kind: EntryKind, _ url: String, _ version: String, columns: [String],
    values: [any SQLConvertible],
    then: @escaping (Database, Entry) throws -> Void = { _, _ in }
  ) throws(CacheError) -> Entry {
    let hash = CachePaths.hash(ofURL: url)
    let now = clock.now()
    let names = columns.joined(separator: ", ")
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let sql = """
      INSERT INTO entries (kind, url, stem, hash, version, last_used_at, use_count, pinned, \(names))
      VALUES (?, ?, ?, ?, ?, ?, 0, 0, \(marks))
      ON CONFLICT (kind, hash, version)
      DO UPDATE SET \(updates), last_used_at = excluded.last_used_at
      """
    let key: [any SQLConvertible] = [
      kind.rawValue, url, CachePaths.stem(ofURL: url), hash, version, now,
    ]
    return try writer.writeGrouped { [finder] db in
      try db.executeCached(sql: sql, arguments: StatementArguments(key + values))
      let found = try finder.find(db, Self.identityCondition, [kind.rawValue, hash, version])
      guard let found else { throw CacheError(.inputOutput, "the entry was not recorded") }
      try then(db, found)
      return found
    }
  }

  static func find(
    _ db: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> Entry? {
    try EntryFinder().find(db, condition, arguments)
  }
}
