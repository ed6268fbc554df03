import Synchronization
import SystemPackage

/// The rows of a snapshot in a private index, whose file loses its name before anybody reads it.
final class RecordedIndex: Sendable {
  /// One for each of the readers that the screen has, so that a long read holds up no other; opened
  /// while the file still has a name.
  private let sessions: [IndexSession]
  private let next = Mutex(0)

  fileprivate init(_ sessions: [IndexSession]) {
    self.sessions = sessions
  }

  static let sessionCount = 3
  static let leaseColumns = [
    "entry_id", "holder_pid", "holder_nonce", "refcount", "acquired_at",
  ]

  func session() -> IndexSession {
    sessions[
      next.withLock { place in
        defer { place += 1 }
        return place % sessions.count
      }]
  }

  func files(of id: Int64) throws(CacheError) -> RecordedFiles {
    do {
      return try sessions[0].connection.read { db in
        let statement = try db.cachedStatement(
          sql: "SELECT archive, installed FROM recorded_files WHERE id = ?")
        return try LenientRow.first(statement, [id]) { row in
          RecordedFiles(archive: row.phase(0), installed: row.phase(1))
        } ?? RecordedFiles()
      }
    } catch {
      throw CacheError.wrapping(error, at: "the snapshot")
    }
  }
}

extension LenientRow {
  fileprivate func phase(_ column: CInt) -> PhaseOnDisk.State? {
    guard case .value(let text) = text(column, limit: 20) else { return nil }
    return text.string.flatMap { .init(rawValue: $0) }
  }
}

/// Fills the private index of a snapshot. `discard` where it is not finished.
final class RecordedIndexBuilder {
  private let place: FilePath
  private let connection: Connection
  private let sessions: [IndexSession]
  private let columns: [String]
  private let leaseColumns: [String]
  private var waiting: [(entry: Entry, files: RecordedFiles)] = []
  private var pieces = PieceBatch()
  private static let batch = 1000

  /// The columns are those that the snapshot's index had; unknown names do not count.
  init(columns: [String], leaseColumns: [String]) throws(CacheError) {
    self.leaseColumns = RecordedIndex.leaseColumns.filter { leaseColumns.contains($0) }
    self.columns = InitialSchema.entryColumns.filter { columns.contains($0) || $0 == "id" }
    let folder = try TemporaryFolder()
    place = folder.path
    // Not even SIGKILL leaves a file behind: every connection there will be is open by then.
    defer { folder.remove() }
    do {
      var setup = Connection.Setup()
      setup.checksForeignKeys = false
      setup.prepare = { db in
        try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      }
      connection = try Connection(folder.path.appending("index.sqlite"), .create, setup)
      // Without a type a column keeps each value as it is.
      let list =
        self.columns.map { $0 == "id" ? "id INTEGER PRIMARY KEY" : $0 } + [EntryRows.markColumn]
      let leaseList = ["id INTEGER PRIMARY KEY"] + self.leaseColumns
      try connection.write { db in
        try db.execute(
          sql: """
            CREATE TABLE entries (\(list.joined(separator: ", ")));
            CREATE TABLE leases (\(leaseList.joined(separator: ", ")));
            CREATE TABLE cache_meta (key, value);
            CREATE TABLE recorded_files (id INTEGER PRIMARY KEY, archive, installed);
            """)
      }
      sessions = try Self.openSessions(CacheLocation(root: folder.path))
    } catch {
      throw CacheError.wrapping(error, at: folder.path)
    }
  }

  private static func openSessions(_ location: CacheLocation) throws -> [IndexSession] {
    guard let fingerprint = try IndexFingerprint.take(location) else {
      throw CacheError(.inputOutput, "the private index of the snapshot is gone")
    }
    return try (0..<RecordedIndex.sessionCount).map { _ in
      try IndexSession.recorded(location, fingerprint)
    }
  }

  func discard() { connection.close() }

  func add(_ entry: Entry, _ files: RecordedFiles) throws(CacheError) {
    waiting.append((entry, files))
    if waiting.count == Self.batch { try flush() }
  }

  /// The same for an entry whose texts stand in the bytes of its piece.
  func add(_ piece: EntryPiece, _ bytes: [UInt8]) throws(CacheError) {
    pieces.add(piece, bytes)
    if pieces.count == Self.batch { try flush() }
  }

  func contains(_ id: Int64) throws(CacheError) -> Bool {
    try flush()
    do {
      return try connection.read { db in
        try LenientRow.first(
          db, sql: "SELECT 1 FROM entries WHERE id = ?", arguments: [id]
        ) { _ in true } ?? false
      }
    } catch {
      throw CacheError.wrapping(error, at: place)
    }
  }

  private func flush() throws(CacheError) {
    guard !waiting.isEmpty || !pieces.isEmpty else { return }
    do {
      try connection.write { db in
        for (entry, files) in waiting { try insert(entry, files, db) }
        try pieces.insert(into: columns, db)
      }
      waiting.removeAll(keepingCapacity: true)
      pieces.removeAll()
    } catch {
      throw CacheError.wrapping(error, at: place)
    }
  }

  private func insert(_ entry: Entry, _ files: RecordedFiles, _ db: Database) throws {
    let odd = Dictionary(entry.oddCells.map { ($0.column, $0.value) }) { first, _ in first }
    var places: [String] = []
    var values: [SQLValue] = []
    for column in columns {
      if let value = odd[column] {
        places.append(value.isText ? Self.asText : "?")
        values.append(value.sqlValue)
      } else {
        places.append(EntryRows.textColumns.contains(column) ? Self.asText : "?")
        values.append(entry.cell(column))
      }
    }
    places.append("?")
    values.append(
      entry.redacted.isEmpty ? .null : .text(entry.redacted.joined(separator: ",")))
    try db.executeCached(
      sql: "INSERT INTO entries VALUES (\(places.joined(separator: ", ")))",
      arguments: StatementArguments(values))
    guard files != RecordedFiles() else { return }
    try db.executeCached(
      sql: "INSERT OR IGNORE INTO recorded_files VALUES (?, ?, ?)",
      arguments: [entry.id, files.archive?.rawValue, files.installed?.rawValue])
  }

  // Bytes that are not UTF-8, or hold NUL, stay as they are only on this way.
  private static let asText = "CAST(? AS TEXT)"

  /// Adds the leases, for the sums that entries show, and gives the index.
  func finish(
    _ leases: [Lease], _ source: IndexSource?, damage: CacheError?
  ) throws(CacheError) -> RecordedIndex {
    defer { discard() }
    try flush()
    do {
      try connection.write { db in
        for lease in leases {
          try insert(lease, db)
          guard let twin = lease.twinRow else { continue }
          try insert(twin, db)
          try addPin(of: lease, twin, db)
        }
        if leaseColumns.contains("entry_id") {
          try db.execute(sql: "CREATE INDEX leases_by_entry ON leases (entry_id)")
        }
      }
      connection.close()
      return RecordedIndex(
        sessions.map { session in damage.map { session.found(damage: $0) } ?? session })
    } catch {
      throw CacheError.wrapping(error, at: place)
    }
  }
}

extension RecordedIndexBuilder {
  /// A snapshot says `pinned` without what the second row of a pin adds to it; the table has it with that.
  private func addPin(of lease: Lease, _ twin: Lease, _ db: Database) throws {
    guard columns.contains("pinned"), columns.contains("id") else { return }
    let again = max(0, min(lease.refcount ?? 0, twin.refcount ?? 0))
    try db.executeCached(
      sql: """
        UPDATE entries SET pinned = pinned + ?
        WHERE id = ? AND typeof(pinned) = 'integer' AND pinned BETWEEN 0 AND ? - ?
        """, arguments: [again, lease.id.entryID, Int64.max, again])
  }

  private func insert(_ lease: Lease, _ db: Database) throws {
    let values = [lease.rowID.sqlValue] + leaseColumns.map { lease.cell($0) }
    let places = values.map { _ in "?" }.joined(separator: ", ")
    try db.executeCached(
      sql: "INSERT OR IGNORE INTO leases VALUES (\(places))",
      arguments: StatementArguments(values))
  }
}

extension Lease {
  /// The value of a column by its name.
  fileprivate func cell(_ column: String) -> SQLValue {
    let value: Int64? =
      switch column {
      case "entry_id": id.entryID
      case "holder_pid": id.holderPID
      case "holder_nonce": id.nonce.map { Int64(bitPattern: $0) }
      case "refcount": refcount
      case "acquired_at": acquiredAt
      default: nil
      }
    return value?.sqlValue ?? .null
  }
}

extension OddCell.Value {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }

  fileprivate var sqlValue: SQLValue {
    switch self {
    case .integer(let value): value.sqlValue
    case .real(let value): value.sqlValue
    case .text(let text): .blob(text.bytes)
    case .blob(let bytes): .blob(bytes)
    }
  }
}

extension Entry {
  /// The value of a column by its name; text as its bytes.
  fileprivate func cell(_ column: String) -> SQLValue {
    func text(_ value: RawText?) -> SQLValue {
      value.map { .blob($0.bytes) } ?? .null
    }
    func number(_ value: Int64?) -> SQLValue { value?.sqlValue ?? .null }
    return switch column {
    case "id": number(id)
    case "kind": text(kind)
    case "url": text(url)
    case "stem": text(stem)
    case "hash": text(hash)
    case "version": text(version)
    case "archive_path": text(archivePath)
    case "archive_bytes": number(archiveBytes)
    case "archive_sha256": text(archiveSHA256)
    case "installed_path": text(installedPath)
    case "installed_bytes": number(installedBytes)
    case "installed_at": number(installedAt)
    case "archived_at": number(archivedAt)
    case "last_used_at": number(lastUsedAt)
    case "use_count": number(useCount)
    case "pinned": number(pinned)
    default: .null
    }
  }
}
