public import SystemPackage

/// What a snapshot says, as it is put together.
struct SnapshotParts {
  var origin = RecordedCache.Origin(takenAt: 0, isRedacted: false)
  var location = CacheLocation(root: "/", reason: .snapshot)
  var surroundings = RecordedCache.Surroundings(
    budget: .of(totalDisk: 0, environment: { _ in nil }))
  var migrations = MigrationStatus(items: [], legacySchemaVersion: nil, obstacles: [])
  var leases: [JudgedLease] = []
  var journal: [JournalSummary] = []
  var links: RecordedLinks?
  var damage: CacheError?
  var rows = RowFacts()
}

extension RecordedCache {
  /// Reads a snapshot that `cachescope snapshot` wrote, from a file or, for `-`, standard input.
  ///
  /// Nothing in it is believed: it is read piece by piece, and no path in it is ever opened. Throws
  /// `damaged` with the byte where the file stops making sense, and what opening a file throws.
  ///
  /// `progress` is told how many bytes were read, of how many where that is known.
  public static func read(
    _ path: FilePath, progress: @escaping (_ done: Int, _ all: Int?) -> Void = { _, _ in }
  ) throws(CacheError) -> RecordedCache {
    var pieces = try JSONPieces(path, progress: progress)
    var reader = SnapshotReader()
    do throws(CacheError) {
      try pieces.members { key, offset, pieces throws(CacheError) in
        try reader.take(key, offset, &pieces)
      }
      return try reader.finish(pieces)
    } catch {
      reader.builder?.discard()
      throw error
    }
  }
}

/// Takes the members of a snapshot in the order in which they stand.
private struct SnapshotReader {
  var parts = SnapshotParts()
  var builder: RecordedIndexBuilder?
  private var seen: Set<String> = []
  private var links: [(fields: SnapshotFields, entry: Int64?)] = []
  private var linkRoot: FilePath?

  /// Rows of one list that are held in memory.
  private static let rowLimit = 1_000_000

  mutating func take(
    _ key: String, _ offset: Int, _ pieces: inout JSONPieces
  ) throws(CacheError) {
    guard seen.insert(key).inserted else { throw pieces.failure(offset, "the key is there twice") }
    let failure = pieces.failures
    switch key {
    case "entries": try takeEntries(offset, &pieces)
    case "leases":
      try pieces.items { item throws(CacheError) in
        guard parts.leases.count < Self.rowLimit else {
          throw failure(item.offset, "too many leases")
        }
        parts.leases.append(try SnapshotFields(item, failure).judgedLease())
      }
    case "migrations":
      try pieces.items { item throws(CacheError) in
        parts.migrations.items.append(try SnapshotFields(item, failure).migration())
      }
    case "journal":
      try pieces.items { item throws(CacheError) in
        guard parts.journal.count < Self.rowLimit else {
          throw failure(item.offset, "too many lines")
        }
        parts.journal.append(try SnapshotFields(item, failure).journalLine())
      }
    default: try takeMember(key, try pieces.value(), failure)
    }
  }

  private mutating func takeEntries(
    _ offset: Int, _ pieces: inout JSONPieces
  ) throws(CacheError) {
    let failure = pieces.failures
    guard let builder else {
      throw failure(offset, "the member `snapshot` has to stand before `entries`")
    }
    let name = pieces.name
    // Entries come in the order of their ids; only where one does not, those before it are asked.
    var last: Int64?
    try pieces.rawItems { bytes, start throws(CacheError) in
      if let piece = EntryPiece.read(bytes), last.map({ piece.id > $0 }) ?? true {
        last = piece.id
        return try builder.add(piece, bytes)
      }
      let fields = try SnapshotFields(JSONPieces.item(bytes, at: start, in: name), failure)
      let entry = try fields.entry()
      if let before = last, entry.id <= before, try builder.contains(entry.id) {
        throw fields.error("id", "is that of an entry before it")
      }
      last = max(last ?? entry.id, entry.id)
      try builder.add(entry, try fields.files())
    }
  }

  private mutating func takeMember(
    _ key: String, _ item: StrictJSON.Item, _ failure: @escaping (Int, String) -> CacheError
  ) throws(CacheError) {
    // Wrapped, so that a value is read like a member of any other object.
    let whole = StrictJSON.Item(
      value: .object([.init(key: key, keyOffset: item.offset, item: item)]), offset: item.offset)
    let fields = try SnapshotFields(whole, failure)
    switch key {
    case "schema":
      guard try fields.integer(key) == 1 else {
        throw fields.error(key, "is not 1: it was made by a newer cachescope")
      }
    case "cache": try takeRoot(key, fields)
    case "snapshot": try takeAbout(key, fields)
    case "disk": try fields.object(key).map { disk throws(CacheError) in try parts.takeDisk(disk) }
    case "budgets":
      try fields.object(key).map { all throws(CacheError) in try parts.takeBudgets(all) }
    case "legacy_schema_version":
      parts.migrations.legacySchemaVersion = try fields.string(key)
    case "obstacles": parts.migrations.obstacles = try fields.strings(key)
    case "findings":
      for finding in try fields.objects(key) { try parts.takeFinding(finding) }
    case "links_root":
      linkRoot = try fields.text(key).map { FilePath(bytes: $0.bytes.filter { $0 != 0 }) }
    case "links":
      links = try fields.objects(key).map { link throws(CacheError) in
        (link, try link.integer("entry_id"))
      }
    case "error": parts.damage = try fields.object(key)?.cacheError()
    default: try parts.surroundings.take(key, fields)
    }
  }

  private mutating func takeRoot(
    _ key: String, _ fields: SnapshotFields
  ) throws(CacheError) {
    let root = try fields.needed(key, try fields.text(key))
    guard root.bytes.first == UInt8(ascii: "/"), !root.bytes.contains(0) else {
      throw fields.error(key, "takes an absolute path")
    }
    parts.location = CacheLocation(recorded: FilePath(bytes: root.bytes))
  }

  private mutating func takeAbout(
    _ key: String, _ fields: SnapshotFields
  ) throws(CacheError) {
    let about = try fields.needed(key, try fields.object(key))
    try parts.take(about)
    builder = try RecordedIndexBuilder(
      columns: try about.strings("entry_columns"),
      leaseColumns: try about.strings("lease_columns"))
  }

  /// Checks that the file is whole, and gives the cache that it tells of.
  func finish(_ pieces: borrowing JSONPieces) throws(CacheError) -> RecordedCache {
    for key in ["schema", "cache", "snapshot", "entries", "leases", "migrations"]
    where !seen.contains(key) {
      throw pieces.failure(pieces.offset, "there is no member `\(key)`")
    }
    guard let builder else { throw pieces.failure(pieces.offset, "there is no member `snapshot`") }
    var parts = parts
    let index = try builder.finish(
      parts.leases.map(\.lease), parts.surroundings.source, damage: parts.damage)
    if let linkRoot {
      let entries = InspectedCache(RecordedCache(parts, index: index), OpenOptions())
      let items = try links.map { link throws(CacheError) in
        try link.fields.link(
          entry: try link.entry.flatMap { id throws(CacheError) in try entries.entry(id) })
      }
      parts.links = RecordedLinks(root: linkRoot, items: items)
    }
    return RecordedCache(parts, index: index)
  }
}

extension JSONPieces {
  /// `failure` for closures that outlive a call.
  fileprivate var failures: (Int, String) -> CacheError {
    let name = name
    return { JSONPieces.failure(name, $0, $1) }
  }
}
