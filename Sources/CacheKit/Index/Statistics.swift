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
  /// One pass over the table: in SQL each sum would look at the types of the same cells again.
  static func read(_ db: Database) throws -> Statistics {
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return Statistics() }
    let sums = try LeaseSums.read(db, shape)
    let cells = ["kind", "pinned", "archive_bytes", "installed_bytes"].map {
      shape.columnSQL($0, of: "entries")
    }
    let phases = ["archive_path", "installed_path"].map {
      "\(shape.columnSQL($0, of: "entries")) IS NOT NULL"
    }
    let rows = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT entries.rowid, \((cells + phases).joined(separator: ", ")) FROM entries NOT INDEXED
        """)
    let namesEntries = shape.hasColumns(["id", "pinned"], in: "entries")
    var result = Statistics()
    while let row = try rows.next() { result.count(row, sums, namesEntries: namesEntries) }
    result.isSaturated =
      result.isSaturated
      || Saturating.add(result.archives.bytes, result.installed.bytes).isSaturated
    return result
  }

  private mutating func count(_ row: LenientRow, _ sums: LeaseSums, namesEntries: Bool) {
    entries += 1
    let id = row.count(0)
    if !row.isNull(1), !row.isText(1, oneOf: Self.kinds) { unknownKinds += 1 }
    let isLeased = sums.count(of: id) > 0
    var isPinned = false
    switch row.integer(2) {
    case .value(let pinned):
      isPinned = pinned != 0
      if namesEntries, isPinned || isLeased,
        sums.once(pinned, of: id) != sums.refcount(of: id)
      {
        ghosts.append(id)
      }
    case .wrong: isPinned = true
    case .null: break
    }
    let (hasArchive, hasInstalled) = (row.count(5) != 0, row.count(6) != 0)
    if !hasArchive, !hasInstalled { zombies += 1 }
    let archiveBytes = size(row, 3)
    let installedBytes = size(row, 4)
    add(hasArchive, archiveBytes, isPinned || isLeased, to: \.archives)
    add(hasInstalled, installedBytes, isPinned || isLeased, to: \.installed)
  }

  private static let kinds = EntryKind.allCases.map { Array($0.rawValue.utf8) }

  private mutating func size(_ row: LenientRow, _ column: CInt) -> Int64 {
    switch row.integer(column) {
    case .value(let bytes) where bytes >= 0: return bytes
    case .null: return 0
    default:
      unusableSizes += 1
      return 0
    }
  }
}

extension Statistics {
  /// Counts one entry, where the rows of a damaged index are read one by one.
  mutating func add(_ entry: Entry) {
    let isBlocked = (entry.pinned ?? 0) != 0 || entry.leaseCount > 0
    entries += 1
    add(entry.archivePath != nil, max(0, entry.archiveBytes ?? 0), isBlocked, to: \.archives)
    add(entry.installedPath != nil, max(0, entry.installedBytes ?? 0), isBlocked, to: \.installed)
    unusableSizes += Int64(entry.problems.count { Self.sizeColumns.contains($0.column ?? "") })
    if entry.archivePath == nil && entry.installedPath == nil { zombies += 1 }
    if entry.kind != nil && entry.knownKind == nil { unknownKinds += 1 }
    if entry.isGhost { ghosts.append(entry.id) }
    isSaturated = isSaturated || Saturating.add(archives.bytes, installed.bytes).isSaturated
  }

  private static let sizeColumns: Set = ["archive_bytes", "installed_bytes"]

  private mutating func add(
    _ isThere: Bool, _ bytes: Int64, _ isBlocked: Bool, to phase: WritableKeyPath<Statistics, Phase>
  ) {
    if isThere { self[keyPath: phase].count += 1 }
    let sum = Saturating.add(self[keyPath: phase].bytes, bytes)
    self[keyPath: phase].bytes = sum.value
    isSaturated = isSaturated || sum.isSaturated
    guard isBlocked else { return }
    self[keyPath: phase].blockedBytes =
      Saturating.add(self[keyPath: phase].blockedBytes, bytes).value
  }
}

extension LenientRow {
  /// A number that SQLite computed; 0 over no rows.
  func count(_ column: CInt) -> Int64 {
    guard case .value(let value) = integer(column) else { return 0 }
    return value
  }
}
