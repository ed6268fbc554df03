/// All that is known of one column of entries.
struct EntryColumnParts: Sendable {
  let title: String
  /// In JSON.
  let field: String?
  let descendsFirst: Bool
  let sql: @Sendable (SchemaShape) -> String
  let value: @Sendable (Entry, EvictionRank?) -> EntryValue

  /// A column of the table itself, which JSON names as the table does.
  init(
    _ title: String, _ column: String, as field: String? = nil, mostFirst: Bool = false,
    _ value: @escaping @Sendable (Entry) -> EntryValue
  ) {
    self.title = title
    self.field = field ?? column
    descendsFirst = mostFirst
    sql = { $0.columnSQL(column, of: "entries") }
    self.value = { entry, _ in value(entry) }
  }

  /// A column that is computed.
  init(
    _ title: String, field: String? = nil, mostFirst: Bool = false,
    sql: @escaping @Sendable (SchemaShape) -> String,
    _ value: @escaping @Sendable (Entry, EvictionRank?) -> EntryValue
  ) {
    self.title = title
    self.field = field
    descendsFirst = mostFirst
    self.sql = sql
    self.value = value
  }
}

extension EntryColumn {
  /// One line for each column; JSON has them in the order of the cases.
  var parts: EntryColumnParts {
    switch self {
    case .id: .init("ID", "id") { .number($0.id) }
    case .kind: .init("KIND", "kind") { .text($0.kind) }
    case .url: .init("URL", "url") { .text($0.url) }
    case .name: .init("NAME", "stem") { .text($0.stem) }
    case .hash: .init("HASH", "hash") { .text($0.hash) }
    case .version: .init("VERSION", "version") { .text($0.version) }
    case .archivePath: .init("ARCHIVE PATH", "archive_path") { .text($0.archivePath) }
    case .archive:
      .init("ARCHIVE", "archive_bytes", mostFirst: true) { .bytes($0.archiveBytes) }
    case .sha256: .init("SHA256", "archive_sha256") { .text($0.archiveSHA256) }
    case .installedPath: .init("INSTALLED PATH", "installed_path") { .text($0.installedPath) }
    case .installed:
      .init("INSTALLED", "installed_bytes", mostFirst: true) { .bytes($0.installedBytes) }
    case .installedAt: .init("UNPACKED", "installed_at", mostFirst: true) { .time($0.installedAt) }
    case .archivedAt: .init("FETCHED", "archived_at", mostFirst: true) { .time($0.archivedAt) }
    case .lastUsed: .init("LAST USED", "last_used_at", mostFirst: true) { .time($0.lastUsedAt) }
    case .uses: .init("USES", "use_count", mostFirst: true) { .number($0.useCount) }
    case .pinned:
      .init("PINS", field: "pinned", mostFirst: true, sql: \.pinnedOnceSQL) { entry, _ in
        .number(entry.pinned)
      }
    case .leases:
      .init("LEASES", field: "leases", mostFirst: true, sql: \.leaseCountSQL) { entry, _ in
        .number(Int64(entry.leaseCount))
      }
    case .refcount:
      .init("HOLDS", field: "refcount", mostFirst: true, sql: \.holdsSQL) { entry, _ in
        .number(entry.refcount)
      }
    case .size:
      .init("SIZE", mostFirst: true, sql: \.sizeSQL) { entry, _ in .bytes(entry.totalBytes) }
    case .keptBy:
      .init("KEPT BY", mostFirst: true, sql: \.holdSQL) { entry, _ in .hold(EntryHold(entry)) }
    case .rank: .init("GC RANK", sql: \.rankSQL) { _, rank in .rank(rank) }
    }
  }
}

extension SchemaShape {
  private func cell(_ column: String) -> String { columnSQL(column, of: "entries") }

  var sizeSQL: String { "(\(bytesSQL("installed_bytes")) + \(bytesSQL("archive_bytes")))" }

  // Half of the largest integer each, so that the sum of two cannot overflow.
  private func bytesSQL(_ column: String) -> String {
    let cell = cell(column)
    return """
      CASE WHEN typeof(\(cell)) = 'integer' \
      THEN MIN(MAX(\(cell), 0), 4611686018427387903) ELSE 0 END
      """
  }

  fileprivate var leaseCountSQL: String {
    guard hasColumns(["entry_id"], in: "leases") else { return "NULL" }
    let all = "(SELECT COUNT(*) FROM leases WHERE leases.entry_id = entries.rowid)"
    guard let repeated = DurablePin.repeatedSQL(self, ofEntry: "entries.rowid") else { return all }
    return "(\(all) - (SELECT COUNT(*) \(repeated)))"
  }

  fileprivate var holdsSQL: String {
    guard hasColumns(["entry_id", "refcount"], in: "leases") else { return "NULL" }
    let all = "(SELECT TOTAL(leases.refcount) FROM leases WHERE leases.entry_id = entries.rowid)"
    guard let repeated = DurablePin.repeatedSQL(self, ofEntry: "entries.rowid") else { return all }
    return "(\(all) - (SELECT TOTAL(MAX(MIN(leases.refcount, twin.refcount), 0)) \(repeated)))"
  }

  /// `pinned` without what the second rows of durable pins add to it.
  fileprivate var pinnedOnceSQL: String {
    let cell = cell("pinned")
    guard hasColumns(["refcount"], in: "leases"),
      let repeated = DurablePin.repeatedSQL(self, ofEntry: "entries.rowid")
    else { return cell }
    let sum = "(SELECT TOTAL(MAX(MIN(leases.refcount, twin.refcount), 0)) \(repeated))"
    return """
      CASE WHEN typeof(\(cell)) = 'integer' AND \(cell) > 0 AND \(cell) >= \(sum) \
      THEN \(cell) - \(sum) ELSE \(cell) END
      """
  }

  /// That a durable pin is among the leases of the entry.
  private var isPinnedSQL: String {
    guard hasColumns(["entry_id", "holder_pid", "holder_nonce"], in: "leases") else { return "0" }
    return """
      EXISTS (SELECT 1 FROM leases WHERE leases.entry_id = entries.rowid \
      AND leases.holder_pid IN (0, 1) AND \(DurablePin.ownNonceSQL))
      """
  }

  /// What no one keeps, then ghost pins, leases by their number, durable pins.
  fileprivate var holdSQL: String {
    let count = leaseCountSQL
    return """
      CASE WHEN \(isPinnedSQL) THEN 4611686018427387904 WHEN \(count) > 0 THEN 1 + \(count) \
      WHEN \(cell("pinned")) <> 0 THEN 1 ELSE 0 END
      """
  }

  /// As GC takes them; what it never takes comes last.
  fileprivate var rankSQL: String {
    """
    CASE WHEN (\(cell("archive_path")) IS NOT NULL OR \(cell("installed_path")) IS NOT NULL) \
    AND NOT \(isPinnedSQL) THEN \(cell("last_used_at")) ELSE 9223372036854775807 END
    """
  }
}
