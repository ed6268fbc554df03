import GRDB

/// Totals over an index, counted from its rows alone; bytes are those the index records.
///
/// A size that is negative or no integer counts as 0 and is counted in `unusableSizes`; a total past
/// the largest integer stays there and sets `isSaturated`.
public struct Statistics: Sendable, Hashable {
  public struct Phase: Sendable, Hashable {
    /// Entries that have this phase.
    public var count: Int64 = 0
    public var bytes: Int64 = 0
    /// Bytes of entries that a lease or a pin keeps.
    public var blockedBytes: Int64 = 0
    public var evictableBytes: Int64 { max(0, bytes - blockedBytes) }

    public init(count: Int64 = 0, bytes: Int64 = 0, blockedBytes: Int64 = 0) {
      self.count = count
      self.bytes = bytes
      self.blockedBytes = blockedBytes
    }
  }

  public var entries: Int64 = 0
  public var archives = Phase()
  public var installed = Phase()
  public var isSaturated = false
  public var unusableSizes: Int64 = 0
  /// Entries with neither phase: rows that fbuild's reconcile leaves behind.
  public var zombies: Int64 = 0
  public var unknownKinds: Int64 = 0
  /// Ids of entries whose `pinned` differs from the sum of their leases' refcounts.
  public var ghosts: [Int64] = []

  public init() {}

  public var totalBytes: Int64 { Saturating.add(archives.bytes, installed.bytes).value }
}

extension Statistics {
  static func read(_ db: Database) throws -> Statistics {
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return Statistics() }
    var result = Statistics()
    try LenientRow.first(db, sql: totalsSQL(shape)) { result.fill($0) }
    result.ghosts = try ghosts(db, shape)
    return result
  }

  // Sums of the upper and the lower 32 bits cannot overflow below two billion rows.
  private static func totalsSQL(_ shape: SchemaShape) -> String {
    let phases = ["archive", "installed"].flatMap { phase in
      [
        "SUM(\(phase)_path IS NOT NULL)", "SUM(\(phase) >> 32)", "SUM(\(phase) & 4294967295)",
        "SUM((\(phase) * blocked) >> 32)", "SUM((\(phase) * blocked) & 4294967295)",
      ]
    }
    func cell(_ column: String) -> String { shape.columnSQL(column, of: "entries") }
    let kinds = EntryKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return """
      SELECT COUNT(*), \(phases.joined(separator: ", ")), SUM(unusable),
        SUM(archive_path IS NULL AND installed_path IS NULL), SUM(kind NOT IN (\(kinds)))
      FROM (
        SELECT \(cell("kind")) AS kind, \(cell("archive_path")) AS archive_path,
          \(cell("installed_path")) AS installed_path,
          \(size(cell("archive_bytes"))) AS archive,
          \(size(cell("installed_bytes"))) AS installed,
          \(isUnusable(cell("archive_bytes"))) + \(isUnusable(cell("installed_bytes"))) AS unusable,
          (COALESCE(\(cell("pinned")), 0) IS NOT 0 OR \(isLeased(shape))) AS blocked
        FROM entries NOT INDEXED)
      """
  }

  private static func isLeased(_ shape: SchemaShape) -> String {
    shape.hasColumns(["entry_id"], in: "leases")
      ? "entries.rowid IN (SELECT entry_id FROM leases)" : "0"
  }

  private static func size(_ column: String) -> String {
    "CASE WHEN typeof(\(column)) = 'integer' AND \(column) > 0 THEN \(column) ELSE 0 END"
  }

  private static func isUnusable(_ column: String) -> String {
    "(typeof(\(column)) NOT IN ('integer', 'null') OR COALESCE(\(column), 0) < 0)"
  }

  private mutating func fill(_ row: LenientRow) {
    entries = row.count(0)
    archives = phase(row, from: 1)
    installed = phase(row, from: 6)
    unusableSizes = row.count(11)
    zombies = row.count(12)
    unknownKinds = row.count(13)
    isSaturated = isSaturated || Saturating.add(archives.bytes, installed.bytes).isSaturated
  }

  private mutating func phase(_ row: LenientRow, from column: CInt) -> Phase {
    Phase(
      count: row.count(column),
      bytes: joined(row.count(column + 1), row.count(column + 2)),
      blockedBytes: joined(row.count(column + 3), row.count(column + 4)))
  }

  private mutating func joined(_ upper: Int64, _ lower: Int64) -> Int64 {
    let shifted = upper.multipliedReportingOverflow(by: 1 << 32)
    let sum = shifted.partialValue.addingReportingOverflow(lower)
    guard !shifted.overflow, !sum.overflow else {
      isSaturated = true
      return .max
    }
    return sum.partialValue
  }

  private static func ghosts(_ db: Database, _ shape: SchemaShape) throws -> [Int64] {
    guard shape.hasColumns(["id", "pinned"], in: "entries") else { return [] }
    let sums = try LeaseSums.read(db, shape)
    let rows = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT id, pinned FROM entries NOT INDEXED
        WHERE pinned IS NOT 0 OR \(isLeased(shape))
        """)
    var ids: [Int64] = []
    while let row = try rows.next() {
      guard case .value(let id) = row.integer(0), case .value(let pinned) = row.integer(1) else {
        continue
      }
      if pinned != sums.refcount(of: id) { ids.append(id) }
    }
    return ids
  }
}

extension Statistics {
  /// Counts one entry, where the rows of a damaged index are read one by one.
  mutating func add(_ entry: Entry) {
    let isBlocked = (entry.pinned ?? 0) != 0 || entry.leaseCount > 0
    entries += 1
    add(entry.archivePath, entry.archiveBytes, isBlocked, to: \.archives)
    add(entry.installedPath, entry.installedBytes, isBlocked, to: \.installed)
    unusableSizes += Int64(entry.problems.count { Self.sizeColumns.contains($0.column ?? "") })
    if entry.archivePath == nil && entry.installedPath == nil { zombies += 1 }
    if entry.kind != nil && entry.knownKind == nil { unknownKinds += 1 }
    if entry.isGhost { ghosts.append(entry.id) }
    isSaturated = isSaturated || Saturating.add(archives.bytes, installed.bytes).isSaturated
  }

  private static let sizeColumns: Set = ["archive_bytes", "installed_bytes"]

  private mutating func add(
    _ path: RawText?, _ bytes: Int64?, _ isBlocked: Bool,
    to phase: WritableKeyPath<Statistics, Phase>
  ) {
    let usable = max(0, bytes ?? 0)
    if path != nil { self[keyPath: phase].count += 1 }
    let sum = Saturating.add(self[keyPath: phase].bytes, usable)
    self[keyPath: phase].bytes = sum.value
    isSaturated = isSaturated || sum.isSaturated
    guard isBlocked else { return }
    self[keyPath: phase].blockedBytes =
      Saturating.add(self[keyPath: phase].blockedBytes, usable).value
  }
}

extension LenientRow {
  /// A number that SQLite computed; 0 over no rows.
  func count(_ column: CInt) -> Int64 {
    guard case .value(let value) = integer(column) else { return 0 }
    return value
  }
}
