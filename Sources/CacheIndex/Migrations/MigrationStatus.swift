/// The migrations of an index: which are applied, which are pending, and what stands in the way.
public struct MigrationStatus: Sendable, Hashable {
  /// One migration and what is known of it.
  public struct Item: Sendable, Hashable, Identifiable {
    /// As `schema_migrations` records it.
    public var id: String
    /// What the record and the schema say together.
    public var state: State
    /// Seconds since the epoch; `nil` where none or no integer is recorded.
    public var appliedAt: Int64?
    /// What it does; `nil` for one that we do not know.
    public var summary: String?
    /// The statements that it runs where its effect is missing.
    public var statements: [String]

    package init(
      id: String, state: State, appliedAt: Int64? = nil, summary: String? = nil,
      statements: [String]
    ) {
      self.id = id
      self.state = state
      self.appliedAt = appliedAt
      self.summary = summary
      self.statements = statements
    }
  }

  /// What the record and the schema say of a migration.
  public enum State: String, Sendable, CaseIterable {
    /// Recorded, and its effect is there.
    case applied
    /// Neither recorded nor there.
    case pending
    /// Recorded by somebody else; we do not know it.
    case unknown
    /// Recorded, but its effect is missing.
    case damaged
    /// Its effect is there, but nobody recorded it.
    case unrecorded
  }

  /// Ours in the order in which they run, then those that we do not know.
  public var items: [Item]
  /// `cache_meta.schema_version`, which fbuild mirrors and nobody trusts.
  public var legacySchemaVersion: String?
  /// Parts of the schema that we cannot work with: views, triggers, missing columns.
  public var obstacles: [String]
  /// True where a table has a column that has to be filled and that we do not know.
  public var hasNewerColumns: Bool

  package init(
    items: [Item], legacySchemaVersion: String? = nil, obstacles: [String],
    hasNewerColumns: Bool = false
  ) {
    self.items = items
    self.legacySchemaVersion = legacySchemaVersion
    self.obstacles = obstacles
    self.hasNewerColumns = hasNewerColumns
  }

  /// Those that have to change tables before a lease can be taken.
  public var pending: [Item] { items.filter { $0.state == .pending } }
  /// Those that this version does not know.
  public var unknown: [Item] { items.filter { $0.state == .unknown } }

  /// Why this index must not be written by this version; `nil` where it may.
  ///
  /// `isNewer` tells whether a newer program changed the schema.
  public var writeObstacle: String? {
    if let first = unknown.first { return "migration \(first.id) is not known here" }
    return obstacles.first
  }

  /// True where the obstacle is a newer program's: an id or a column of its own says so. What is only missing, and
  /// what stands in the way, is damage: no version of fbuild leaves that behind.
  public var isNewer: Bool { !unknown.isEmpty || hasNewerColumns }

  /// True where nothing is left to run or to record.
  public var isCurrent: Bool { items.allSatisfy { $0.state == .applied } }
}

extension MigrationStatus {
  package static func read(_ db: Database) throws -> MigrationStatus {
    let shape = try SchemaShape.read(db)
    let records = try Records.read(db, shape)
    var items = Migration.all.map { $0.item(shape, records.appliedAt[$0.id]) }
    let known = Set(items.map(\.id))
    for id in records.order where !known.contains(id) {
      items.append(
        Item(
          id: id, state: .unknown, appliedAt: records.appliedAt[id]?.value, summary: nil,
          statements: []))
    }
    return MigrationStatus(
      items: items, legacySchemaVersion: try legacyVersion(db, shape),
      obstacles: obstacles(shape, records), hasNewerColumns: hasNewerColumns(shape))
  }

  private static func obstacles(_ shape: SchemaShape, _ records: Records) -> [String] {
    var found = records.obstacles
    found += shape.unexpected.map { "the schema has an unexpected \($0)" }
    for (table, needed) in neededColumns where shape.tables[table] != nil {
      for column in needed where !shape.columns(of: table).contains(column) {
        found.append("column \(table).\(column) is missing")
      }
    }
    if let renamed = renamedColumns(shape) { found.append(renamed) }
    return found
  }

  /// A migration would make what was only renamed, and drop what it does not know.
  private static func renamedColumns(_ shape: SchemaShape) -> String? {
    guard shape.tables["leases"] != nil else { return nil }
    let known = InitialSchema.leaseKey + ["refcount", "acquired_at"]
    let found = shape.columns(of: "leases")
    let odd = found.filter { !known.contains($0) }.sorted()
    guard let missing = known.first(where: { !found.contains($0) }), !odd.isEmpty else {
      return nil
    }
    return "leases has no column \(missing), and one that is not known here: "
      + odd.map { oneLine($0) }.joined(separator: ", ")
  }

  private static func hasNewerColumns(_ shape: SchemaShape) -> Bool {
    renamedColumns(shape) != nil
      || knownColumns.contains { table, known in
        (shape.tables[table] ?? []).contains { $0.isNotNull && !known.contains($0.name) }
      }
  }

  private static let knownColumns = [
    ("entries", InitialSchema.entryColumns), ("cache_meta", ["key", "value"]),
    ("leases", InitialSchema.leaseKey + ["refcount", "acquired_at"]),
    ("schema_migrations", ["id", "applied_at"]),
  ]

  /// What every version of fbuild wrote; the columns that a migration brings are not among them.
  private static let neededColumns = [
    ("entries", InitialSchema.entryColumns), ("cache_meta", ["key", "value"]),
    ("leases", ["entry_id", "holder_pid", "acquired_at"]),
  ]

  private static func legacyVersion(_ db: Database, _ shape: SchemaShape) throws -> String? {
    guard shape.hasColumns(["key", "value"], in: "cache_meta") else { return nil }
    let sql = "SELECT CAST(value AS TEXT) FROM cache_meta WHERE key = 'schema_version'"
    return try LenientRow.first(db, sql: sql) { row in
      var ignored: [RowProblem] = []
      return row.text(0, limit: 200).read("value", into: &ignored)?.readable
    }
  }
}

extension Migration {
  fileprivate func item(
    _ shape: SchemaShape, _ record: MigrationStatus.Records.Time?
  ) -> MigrationStatus.Item {
    let state: MigrationStatus.State =
      switch (record != nil, isPresent(shape)) {
      case (true, true): .applied
      case (true, false): .damaged
      case (false, true): .unrecorded
      case (false, false): .pending
      }
    return MigrationStatus.Item(
      id: id, state: state, appliedAt: record?.value, summary: summary, statements: statements)
  }
}

extension MigrationStatus {
  /// The rows of `schema_migrations`, in stored order.
  fileprivate struct Records {
    struct Time { var value: Int64? }
    var appliedAt: [String: Time] = [:]
    var order: [String] = []
    var obstacles: [String] = []

    static func read(_ db: Database, _ shape: SchemaShape) throws -> Records {
      var records = Records()
      guard shape.tables["schema_migrations"] != nil else { return records }
      guard shape.hasColumns(["id", "applied_at"], in: "schema_migrations") else {
        records.obstacles.append("table schema_migrations has other columns than id and applied_at")
        return records
      }
      let rows = try LenientRow.fetchCursor(
        db, sql: "SELECT id, applied_at FROM schema_migrations ORDER BY rowid")
      var ignored: [RowProblem] = []
      while let row = try rows.next() {
        let id = row.text(0, limit: 200).read("id", into: &ignored)?.readable ?? "(no id)"
        records.appliedAt[id] = Time(value: row.integer(1).read("applied_at", into: &ignored))
        records.order.append(id)
      }
      return records
    }
  }
}
