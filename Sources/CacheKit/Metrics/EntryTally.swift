/// The entries of an index by kind, by phase and by what blocks them; bytes as the index records them.
///
/// Negative and damaged sizes count as 0, sums stay at the largest integer. What is blocked is what
/// `Statistics` counts as blocked.
struct EntryTally: Sendable, Hashable {
  struct Key: Hashable {
    /// `nil` for a kind that this version does not know.
    var kind: EntryKind?
    var phase: CachePhase
  }

  struct Amount: Sendable, Hashable {
    var count: UInt64 = 0
    var bytes: UInt64 = 0

    mutating func add(_ size: Int64) {
      count = count.saturatingSum(1)
      bytes = bytes.saturatingSum(UInt64(max(0, size)))
    }
  }

  /// One row as far as it counts.
  struct Row {
    var kind: EntryKind?
    var reason: BlockReason?
    /// The size of each phase that is there.
    var sizes: [CachePhase: Int64] = [:]
    var lastUsed: Int64?
  }

  /// Rows by their kind.
  private(set) var entries: [EntryKind?: UInt64] = [:]
  private(set) var sizes: [Key: Amount] = [:]
  private(set) var evictable: [CachePhase: Amount] = [:]
  private(set) var blocked: [CachePhase: [BlockReason: Amount]] = [:]
  /// The earliest last use of what GC may take, in seconds since the epoch.
  private(set) var oldestEvictableUse: Int64?

  mutating func add(_ row: Row) {
    entries[row.kind, default: 0] += 1
    for (phase, size) in row.sizes {
      sizes[Key(kind: row.kind, phase: phase), default: Amount()].add(size)
      if let reason = row.reason {
        blocked[phase, default: [:]][reason, default: Amount()].add(size)
      } else {
        evictable[phase, default: Amount()].add(size)
      }
    }
    guard row.reason == nil, !row.sizes.isEmpty, let used = row.lastUsed else { return }
    oldestEvictableUse = min(oldestEvictableUse ?? used, used)
  }
}

extension EntryTally {
  /// One pass over the table; where the index is damaged, over the rows that can be read.
  static func read(
    _ inspected: InspectedCache, _ leases: JudgedLeases
  ) throws(CacheError) -> EntryTally {
    do throws(CacheError) {
      return try inspected.reader.read { try read($0, leases) }.value
    } catch  where error.code == .damaged {
      var tally = EntryTally()
      _ = try inspected.forEachEntry(EntryQuery()) { tally.add(Row($0, leases)) }
      return tally
    }
  }

  private static func read(_ db: Database, _ leases: JudgedLeases) throws -> EntryTally {
    var tally = EntryTally()
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return tally }
    let cells = [
      "id", "kind", "pinned", "archive_path", "archive_bytes", "installed_path", "installed_bytes",
      "last_used_at",
    ].map { shape.columnSQL($0, of: "entries") }
    let rows = try LenientRow.fetchCursor(
      db, sql: "SELECT \(cells.joined(separator: ", ")) FROM entries NOT INDEXED")
    while let row = try rows.next() { tally.add(Row(row, leases)) }
    return tally
  }
}

extension EntryTally.Row {
  fileprivate init(_ row: LenientRow, _ leases: JudgedLeases) {
    let isPinned =
      switch row.integer(2) {
      case .value(let pinned): pinned != 0
      case .wrong: true
      case .null: false
      }
    self.init(id: row.count(0), isPinned: isPinned, leases)
    kind = Self.kinds.first { row.isText(1, oneOf: [$0.bytes]) }?.kind
    if !row.isNull(3) { sizes[.archive] = row.count(4) }
    if !row.isNull(5) { sizes[.installed] = row.count(6) }
    if case .value(let used) = row.integer(7) { lastUsed = used }
  }

  fileprivate init(_ entry: Entry, _ leases: JudgedLeases) {
    self.init(id: entry.id, isPinned: (entry.pinned ?? 0) != 0, leases)
    kind = entry.knownKind
    if entry.archivePath != nil { sizes[.archive] = entry.archiveBytes ?? 0 }
    if entry.installedPath != nil { sizes[.installed] = entry.installedBytes ?? 0 }
    lastUsed = entry.lastUsedAt
  }

  private init(id: Int64, isPinned: Bool, _ leases: JudgedLeases) {
    let places = leases.places(onEntry: id)
    let verdicts = places.lazy.map { leases.verdict(at: Int($0)) }
    reason = BlockReason.of(verdicts, isPinned: isPinned)
  }

  private static let kinds = EntryKind.allCases.map { (kind: $0, bytes: Array($0.rawValue.utf8)) }
}
