/// Totals over an index, counted from its rows alone; bytes are those the index records.
///
/// A size that is negative or no integer counts as 0 and is counted in `unusableSizes`; a total past
/// the largest integer stays there and sets `isSaturated`.
public struct Statistics: Sendable, Hashable {
  /// Rows of the table.
  public var entries: Int64 = 0
  /// The first phase: downloads.
  public var archives = SpaceAmount()
  /// The second phase: unpacked packages.
  public var installed = SpaceAmount()
  /// Both phases of the largest entry, in bytes.
  public var largest: Int64 = 0
  /// True where a sum would be larger than the largest integer.
  public var isSaturated = false
  /// Sizes that are negative or no integers.
  public var unusableSizes: Int64 = 0
  /// Entries with neither phase: rows that fbuild's reconcile leaves behind.
  public var zombies: Int64 = 0
  /// Entries of a kind that this version does not know.
  public var unknownKinds: Int64 = 0
  /// Ids of entries whose `pinned` differs from the sum of their leases' refcounts.
  public var ghosts: [Int64] = []
  /// Ids of entries whose paths need a closer look than one at their text.
  public var oddPaths: [Int64] = []
  /// Entries that were last used later than now, and by how many seconds at the most.
  public var futureUses: Int64 = 0
  /// How far the furthest last use lies in the future, in seconds.
  public var furthestUse: Int64 = 0
  /// Where the space is.
  public var space = SpaceSums()
  /// The first entries of each oddity, by id.
  public var examples: [Oddity: [Int64]] = [:]

  /// What can be odd about a row.
  public enum Oddity: Sendable, Hashable {
    case unknownKind
    case unusableSize
    case zombie
    case futureUse
  }

  public init() {}

  /// Both phases, saturated.
  public var totalBytes: Int64 { Saturating.add(archives.bytes, installed.bytes).value }
  /// Those that a lease or a pin keeps.
  public var heldBytes: Int64 { Saturating.add(archives.heldBytes, installed.heldBytes).value }
}

extension Statistics {
  /// What rows are judged by.
  package struct Measure {
    /// Seconds since the epoch.
    package var now: Int64
    /// The root's path.
    package var root: [UInt8]

    package init(now: Int64, root: [UInt8]) {
      self.now = now
      self.root = root
    }

    /// Clocks of one machine differ by no more, in seconds.
    static let slack: Int64 = 60
    /// The last second of the year 9999: what lies behind it is no time at all, and named as such.
    static let lastTime: Int64 = 253_402_300_799
  }

  /// One pass over the table: in SQL each sum would look at the types of the same cells again.
  package static func read(_ db: Database, _ measure: Measure) throws -> Statistics {
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return Statistics() }
    let sums = try LeaseSums.read(db, shape)
    let cells = [
      "kind", "pinned", "archive_bytes", "installed_bytes", "archive_path", "installed_path",
      "last_used_at", "archived_at", "installed_at",
    ].map { shape.columnSQL($0, of: "entries") }
    let rows = try LenientRow.fetchCursor(
      db,
      sql: "SELECT entries.rowid, \(cells.joined(separator: ", ")) FROM entries NOT INDEXED")
    let namesEntries = shape.hasColumns(["id", "pinned"], in: "entries")
    var result = Statistics()
    while let row = try rows.next() {
      result.count(row, sums, measure, namesEntries: namesEntries)
      result.look(row, measure)
    }
    result.isSaturated =
      result.isSaturated
      || Saturating.add(result.archives.bytes, result.installed.bytes).isSaturated
    return result
  }

  private mutating func count(
    _ row: LenientRow, _ sums: LeaseSums, _ measure: Measure, namesEntries: Bool
  ) {
    entries += 1
    let id = row.count(0)
    let kind = row.textIndex(1, in: Self.kinds)
    if kind == nil, !row.isNull(1) {
      unknownKinds += 1
      note(.unknownKind, id)
    }
    let isLeased = sums.count(of: id) > 0
    let isPinned = row.isPinned(2)
    if namesEntries, isPinned || isLeased, case .value(let pinned) = row.integer(2),
      sums.once(pinned, of: id) != sums.refcount(of: id)
    {
      ghosts.append(id)
    }
    let (hasArchive, hasInstalled) = (!row.isNull(5), !row.isNull(6))
    if !hasArchive, !hasInstalled {
      zombies += 1
      note(.zombie, id)
    }
    let archiveBytes = size(row, 3, id)
    let installedBytes = size(row, 4, id)
    largest = max(largest, Saturating.add(archiveBytes, installedBytes).value)
    add(hasArchive, archiveBytes, isPinned || isLeased, to: \.archives)
    add(hasInstalled, installedBytes, isPinned || isLeased, to: \.installed)
    space.add(
      SpaceSums.Row(
        id: id, kind: kind, archiveBytes: archiveBytes, installedBytes: installedBytes,
        isPinned: isPinned, isLeased: isLeased, hasPhase: hasArchive || hasInstalled,
        lastUsedAt: row.plainInteger(7), archivedAt: row.plainInteger(8),
        installedAt: row.plainInteger(9)), now: measure.now)
  }

  /// At what no total is made of.
  private mutating func look(_ row: LenientRow, _ measure: Measure) {
    let id = row.count(0)
    if case .value(let used) = row.integer(7) { lookAtUse(used, id, measure) }
    for column in [5, 6] as [CInt] where !row.isNull(column) {
      let isPlain = row.textBytes(column).map { PlainPath.isPlain($0, root: measure.root) } ?? false
      if !isPlain, oddPaths.last != id { oddPaths.append(id) }
    }
  }

  private mutating func lookAtUse(_ used: Int64, _ id: Int64, _ measure: Measure) {
    guard used > measure.now + Measure.slack, used <= Measure.lastTime else { return }
    futureUses += 1
    furthestUse = max(furthestUse, used - measure.now)
    note(.futureUse, id)
  }

  /// More rows than these are not named.
  package static let exampleLimit = 1000

  private mutating func note(_ oddity: Oddity, _ id: Int64) {
    guard examples[oddity, default: []].count < Self.exampleLimit,
      examples[oddity]?.last != id
    else { return }
    examples[oddity, default: []].append(id)
  }

  private static let kinds = EntryKind.allCases.map { Array($0.rawValue.utf8) }

  private mutating func size(_ row: LenientRow, _ column: CInt, _ id: Int64) -> Int64 {
    switch row.integer(column) {
    case .value(let bytes) where bytes >= 0: return bytes
    case .null: return 0
    default:
      unusableSizes += 1
      note(.unusableSize, id)
      return 0
    }
  }
}

extension Statistics {
  /// Counts one entry, where the rows of a damaged index are read one by one.
  package mutating func add(_ entry: Entry, _ measure: Measure) {
    let isBlocked = !entry.isEvictable
    entries += 1
    largest = max(largest, entry.totalBytes)
    add(entry.archivePath != nil, max(0, entry.archiveBytes ?? 0), isBlocked, to: \.archives)
    add(entry.installedPath != nil, max(0, entry.installedBytes ?? 0), isBlocked, to: \.installed)
    unusableSizes += Int64(entry.problems.count { Self.sizeColumns.contains($0.column ?? "") })
    if entry.archivePath == nil && entry.installedPath == nil { zombies += 1 }
    if entry.kind != nil && entry.knownKind == nil { unknownKinds += 1 }
    if entry.isGhost { ghosts.append(entry.id) }
    if let used = entry.lastUsedAt { lookAtUse(used, entry.id, measure) }
    let paths = [entry.archivePath, entry.installedPath].compactMap(\.self)
    let isOdd = paths.contains { $0.isCut || !PlainPath.isPlain($0.bytes, root: measure.root) }
    if isOdd || entry.problems.contains(where: { Self.pathColumns.contains($0.column ?? "") }) {
      oddPaths.append(entry.id)
    }
    isSaturated = isSaturated || Saturating.add(archives.bytes, installed.bytes).isSaturated
    space.add(SpaceSums.Row(entry), now: measure.now)
  }

  private static let sizeColumns: Set = ["archive_bytes", "installed_bytes"]
  private static let pathColumns: Set = ["archive_path", "installed_path"]

  private mutating func add(
    _ isThere: Bool, _ bytes: Int64, _ isHeld: Bool,
    to phase: WritableKeyPath<Statistics, SpaceAmount>
  ) {
    isSaturated = self[keyPath: phase].add(bytes, isHeld: isHeld) || isSaturated
    // A size without a path is no phase.
    if !isThere { self[keyPath: phase].count -= 1 }
  }
}

extension SpaceSums.Row {
  fileprivate init(_ entry: Entry) {
    id = entry.id
    kind = entry.knownKind.flatMap { EntryKind.allCases.firstIndex(of: $0) }
    archiveBytes = max(0, entry.archiveBytes ?? 0)
    installedBytes = max(0, entry.installedBytes ?? 0)
    isPinned = (entry.pinned ?? 0) != 0
    isLeased = entry.leaseCount > 0
    hasPhase = entry.archivePath != nil || entry.installedPath != nil
    (lastUsedAt, archivedAt, installedAt) = (entry.lastUsedAt, entry.archivedAt, entry.installedAt)
  }
}

extension LenientRow {
  /// What GC takes a pin count for: anything but 0 and nothing keeps the entry.
  package func isPinned(_ column: CInt) -> Bool {
    switch integer(column) {
    case .value(let pinned): pinned != 0
    case .wrong: true
    case .null: false
    }
  }

  /// The integer; `nil` for any other class.
  package func plainInteger(_ column: CInt) -> Int64? {
    guard case .value(let value) = integer(column) else { return nil }
    return value
  }

  /// A number that SQLite computed; 0 over no rows.
  package func count(_ column: CInt) -> Int64 {
    guard case .value(let value) = integer(column) else { return 0 }
    return value
  }
}
