/// What a durable pin promises, kept in `cache_meta` beside its reason: on which entry it is, since
/// when, and until when.
///
/// It outlives the pin's rows where fbuild's GC takes both of them, so that they can be put back. The
/// key has the entry's id; the value says what the entry was, as SQLite gives ids to others.
package struct PinTerms: Sendable, Hashable {
  package var uid: UInt32
  package var entryID: Int64
  /// `PinNote.digest` of the entry.
  package var digest: String
  /// Both in seconds since the epoch.
  package var pinnedAt: Int64
  package var until: Int64?

  package static let prefix = "cachescope_pin_terms:"

  private static func key(_ uid: UInt32, _ entry: Int64) -> String { "\(prefix)\(uid):\(entry)" }

  private var value: String { "\(digest) \(pinnedAt) \(until.map(String.init) ?? "-")" }

  package init(uid: UInt32, entryID: Int64, digest: String, pinnedAt: Int64, until: Int64?) {
    self.uid = uid
    self.entryID = entryID
    self.digest = digest
    self.pinnedAt = pinnedAt
    self.until = until
  }

  /// `nil` for anything that was not written here.
  package init?(key: String, value: String) {
    let names = key.dropFirst(Self.prefix.count).split(separator: ":")
    let words = value.split(separator: " ")
    guard key.hasPrefix(Self.prefix), names.count == 2, words.count == 3,
      let uid = UInt32(names[0]), let entry = Int64(names[1]), let time = Int64(words[1])
    else { return nil }
    self.init(
      uid: uid, entryID: entry, digest: String(words[0]), pinnedAt: time, until: Int64(words[2]))
  }

  package func isOver(at now: Int64) -> Bool { until.map { $0 <= now } ?? false }
}

extension PinTerms {
  package func write(_ db: Database) throws {
    try db.executeCached(
      sql: "INSERT OR REPLACE INTO cache_meta (key, value) VALUES (?, ?)",
      arguments: [Self.key(uid, entryID), value])
  }

  package static func remove(_ db: Database, uid: UInt32, entry: Int64) throws {
    try db.executeCached(
      sql: "DELETE FROM cache_meta WHERE key = ?", arguments: [key(uid, entry)])
  }

  /// The terms of one pin; `nil` for one that was set without, or on what was there before.
  package static func read(
    _ db: Database, _ shape: SchemaShape, uid: UInt32, entry: Int64, digest: String
  ) throws -> PinTerms? {
    guard shape.hasColumns(["key", "value"], in: "cache_meta") else { return nil }
    let statement = try db.cachedStatement(
      sql: "SELECT key, value FROM cache_meta WHERE key = ?")
    let found = try LenientRow.first(statement, [key(uid, entry)]) { terms($0) }
    return found?.digest == digest ? found : nil
  }

  /// What was written for the same pin before.
  package func earlier(_ db: Database, _ shape: SchemaShape) throws -> PinTerms? {
    try Self.read(db, shape, uid: uid, entry: entryID, digest: digest)
  }

  /// All terms, whatever became of their pins.
  package static func all(_ db: Database, _ shape: SchemaShape) throws -> [PinTerms] {
    guard shape.hasColumns(["key", "value"], in: "cache_meta") else { return [] }
    let rows = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT key, value FROM cache_meta
        WHERE key >= 'cachescope_pin_terms:' AND key < 'cachescope_pin_terms;' ORDER BY key
        """)
    var found: [PinTerms] = []
    while let row = try rows.next() {
      if let one = terms(row) { found.append(one) }
    }
    return found
  }

  private static func terms(_ row: LenientRow) -> PinTerms? {
    guard case .value(let key) = row.text(0, limit: 200), let key = key.string,
      case .value(let value) = row.text(1, limit: 200), let value = value.string
    else { return nil }
    return PinTerms(key: key, value: value)
  }
}
