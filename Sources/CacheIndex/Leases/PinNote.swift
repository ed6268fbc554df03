/// The reason of a durable pin, kept in `cache_meta`, which fbuild carries along.
///
/// The key names the entry by what it is, because SQLite gives the id of an evicted entry to the
/// next one. A note counts only while its lease row is there.
package enum PinNote {
  private static let prefix = "cachescope_pin:"

  /// Writes the reason; `nil` leaves an earlier one alone.
  package static func write(_ db: Database, _ entry: Entry, uid: UInt32, reason: String?) throws {
    guard let reason else { return }
    try db.executeCached(
      sql: "INSERT OR REPLACE INTO cache_meta (key, value) VALUES (?, ?)",
      arguments: [prefix + "\(uid):" + identity(entry), reason])
  }

  /// The keys of all notes by the entry that they speak of: read once for a change of many entries.
  package struct Keys {
    private var byEntry: [Substring: [String]] = [:]

    package static func read(_ db: Database) throws -> Keys {
      var keys = Keys()
      for key in try PinNote.keys(db) {
        guard let colon = key.lastIndex(of: ":") else { continue }
        keys.byEntry[key[key.index(after: colon)...], default: []].append(key)
      }
      return keys
    }

    fileprivate func of(_ identity: String) -> [String] { byEntry[identity[...]] ?? [] }
  }

  /// True for a key that only cachescope writes.
  package static func isOurs(_ key: String) -> Bool {
    key.hasPrefix(prefix) || key.hasPrefix(PinTerms.prefix)
  }

  /// Removes the reasons of one user, or of every user, on the entry.
  package static func remove(_ db: Database, _ entry: Entry, uid: UInt32? = nil, of keys: Keys)
    throws
  {
    let start = prefix + (uid.map { "\($0):" } ?? "")
    for key in keys.of(identity(entry)) where key.hasPrefix(start) {
      try db.executeCached(sql: "DELETE FROM cache_meta WHERE key = ?", arguments: [key])
    }
  }

  /// The reason that a user gave; `identity` is kind, hash and version of the entry.
  package static func reason(
    _ db: Database, _ shape: SchemaShape, _ identity: [RawText?], uid: UInt32
  ) throws -> String? {
    guard shape.hasColumns(["key", "value"], in: "cache_meta") else { return nil }
    let statement = try db.cachedStatement(
      sql: "SELECT CAST(value AS TEXT) FROM cache_meta WHERE key = ?")
    let key = prefix + "\(uid):" + digest(identity)
    return try LenientRow.first(statement, [key]) { row in
      guard case .value(let text) = row.text(0, limit: 1000) else { return nil }
      return text.readable
    }
  }

  /// The reasons given for pins on the entry, by user id.
  package static func reasons(_ db: Database, _ entry: Entry) throws -> [UInt32: String] {
    var found: [UInt32: String] = [:]
    for key in try keys(db) where key.hasSuffix(":" + identity(entry)) {
      let parts = key.split(separator: ":", maxSplits: 2)
      guard parts.count == 3, let uid = UInt32(parts[1]) else { continue }
      let sql = "SELECT CAST(value AS TEXT) FROM cache_meta WHERE key = ?"
      found[uid] = try LenientRow.first(db, sql: sql, arguments: [key]) { row in
        guard case .value(let text) = row.text(0, limit: 1000) else { return nil }
        return text.readable
      }
    }
    return found
  }

  private static func keys(_ db: Database) throws -> [String] {
    let rows = try LenientRow.fetchCursor(
      db,
      sql:
        "SELECT CAST(key AS TEXT) FROM cache_meta WHERE key LIKE 'cachescope\\_pin:%' ESCAPE '\\'")
    var keys: [String] = []
    while let row = try rows.next() {
      if case .value(let text) = row.text(0, limit: 1000), let key = text.string {
        keys.append(key)
      }
    }
    return keys
  }

  private static func identity(_ entry: Entry) -> String { digest(of: entry) }

  /// What names the entry in a key: a hash of kind, hash and version.
  package static func digest(of entry: Entry) -> String {
    digest([entry.kind, entry.hash, entry.version])
  }

  package static func digest(_ identity: [RawText?]) -> String {
    CachePaths.hexDigest(identity.map { $0?.readable ?? "" }.joined(separator: "\0"))
  }
}
