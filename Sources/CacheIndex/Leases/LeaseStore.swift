/// The SQL of leases. Every function runs inside the caller's `BEGIN IMMEDIATE` transaction.
package enum LeaseStore {
  // A damaged refcount must not swallow a new hold, and one more must not turn it into a REAL.
  private static let usableRefcount = """
    CASE WHEN typeof(refcount) = 'integer' THEN MIN(MAX(refcount, 0), 9223372036854775806) ELSE 0 END
    """

  /// Adds one to the holder's refcount on an entry, and recomputes `pinned`.
  package static func pin(
    _ db: Database, entry: Int64, pid: Int64, nonce: UInt64, now: Int64
  ) throws {
    try db.executeCached(
      sql: """
        UPDATE leases SET refcount = \(usableRefcount) + 1
        WHERE entry_id = ? AND holder_pid = ? AND holder_nonce = ?
        """, arguments: [entry, pid, Int64(bitPattern: nonce)])
    if db.changesCount == 0 {
      try db.executeCached(
        sql: """
          INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
          VALUES (?, ?, ?, 1, ?)
          """, arguments: [entry, pid, Int64(bitPattern: nonce), now])
    }
    try recomputePinned(db, entry: entry)
  }

  /// Takes one from the holder's refcount, drops the row at 0, and recomputes `pinned`.
  package static func unpin(_ db: Database, entry: Int64, pid: Int64, nonce: UInt64) throws {
    try db.executeCached(
      sql: """
        UPDATE leases SET refcount = \(usableRefcount) - 1
        WHERE entry_id = ? AND holder_pid = ? AND holder_nonce = ?
        """, arguments: [entry, pid, Int64(bitPattern: nonce)])
    try db.executeCached(
      sql: """
        DELETE FROM leases
        WHERE entry_id = ? AND holder_pid = ? AND holder_nonce = ? AND refcount <= 0
        """, arguments: [entry, pid, Int64(bitPattern: nonce)])
    try recomputePinned(db, entry: entry)
  }

  /// Compare and delete: the row goes only if it is still the one that was judged.
  ///
  /// The caller recomputes `pinned` of the entry: once for all of its leases.
  /// Of a durable pin both rows go, and what it promised.
  package static func delete(_ db: Database, _ lease: Lease) throws -> Bool {
    let key = LeaseKey(lease)
    try db.executeCached(
      sql: "DELETE FROM leases WHERE \(key.condition)", arguments: key.arguments)
    guard db.changesCount > 0 else { return false }
    if let twin = lease.twinRow { _ = try delete(db, twin) }
    try PinRows.forget(db, lease)
    return true
  }

  /// Compare and lower the refcount by one; a refcount of 1 deletes the row.
  package static func lower(_ db: Database, _ lease: Lease) throws -> Bool {
    guard let refcount = lease.refcount, refcount > 1 else { return try delete(db, lease) }
    let key = LeaseKey(lease)
    try db.executeCached(
      sql: "UPDATE leases SET refcount = refcount - 1 WHERE \(key.condition)",
      arguments: key.arguments)
    guard db.changesCount > 0 else { return false }
    if let twin = lease.twinRow { _ = try lower(db, twin) }
    return true
  }

  /// `pinned` = the sum of the refcounts, added up here because a damaged value must not stop it.
  package static func recomputePinned(_ db: Database, entry: Int64) throws {
    let rows = try LenientRow.fetchCursor(
      try db.cachedStatement(sql: "SELECT refcount FROM leases WHERE entry_id = ?"),
      arguments: [entry])
    var sum: Int64 = 0
    while let row = try rows.next() { sum = Saturating.add(sum, max(0, row.count(0))).value }
    try db.executeCached(
      sql: "UPDATE entries SET pinned = ? WHERE id = ?", arguments: [sum, entry])
  }

  /// The leases; the two rows of a durable pin are one of them.
  package static func leases(
    _ db: Database, _ shape: SchemaShape, where condition: String = "1",
    _ arguments: StatementArguments = []
  ) throws -> [Lease] {
    PinPair.folded(try rows(db, shape, where: condition, arguments))
  }

  /// The rows as they are stored, one lease each.
  package static func rows(
    _ db: Database, _ shape: SchemaShape, where condition: String = "1",
    _ arguments: StatementArguments = []
  ) throws -> [Lease] {
    var found: [Lease] = []
    try forEachRow(db, shape, where: condition, arguments) {
      found.append(try lease($0, shape, db))
    }
    return found
  }

  /// Hands over the rows one by one, with what they name of their entries.
  static func forEachRow(
    _ db: Database, _ shape: SchemaShape, where condition: String = "1",
    _ arguments: StatementArguments = [], _ body: (LenientRow) throws -> Void
  ) throws {
    let names = [
      "id", "kind", "stem", "version", "archive_bytes", "installed_bytes", "hash", "url",
      "installed_path", "archive_path", "archive_sha256",
    ]
    let isJoined =
      shape.hasColumns(["id"], in: "entries") && shape.hasColumns(["entry_id"], in: "leases")
    let columns = names.map { isJoined ? shape.columnSQL($0, of: "entries") : "NULL" }
    let source =
      isJoined ? "leases LEFT JOIN entries ON entries.id = leases.entry_id" : "leases"
    try forEachRow(
      db, shape, "\(columns.joined(separator: ", ")) FROM \(source)", where: condition, arguments,
      body)
  }

  /// The rows of `leases` alone, where those of `entries` cannot be read.
  package static func leasesAlone(
    _ db: Database, _ shape: SchemaShape, where condition: String, _ arguments: StatementArguments
  ) throws -> [Lease] {
    let nothing = Array(repeating: "NULL", count: 11).joined(separator: ", ")
    var found: [Lease] = []
    try forEachRow(db, shape, "\(nothing) FROM leases", where: condition, arguments) {
      found.append(try lease($0, shape, db))
    }
    return PinPair.folded(found).map { lease in
      var lease = lease
      lease.isEntryUnreadable = true
      lease.problems.append(RowProblem(nil, "its entry cannot be read: the index is damaged there"))
      return lease
    }
  }

  private static func forEachRow(
    _ db: Database, _ shape: SchemaShape, _ entryCells: String, where condition: String,
    _ arguments: StatementArguments, _ body: (LenientRow) throws -> Void
  ) throws {
    guard shape.tables["leases"] != nil else { return }
    func own(_ column: String) -> String { shape.columnSQL(column, of: "leases") }
    let sql = """
      SELECT leases.rowid, \(own("entry_id")), \(own("holder_pid")), \(shape.nonceSQL),
        \(shape.storedRefcountSQL), \(own("acquired_at")), \(entryCells)
      WHERE \(condition) ORDER BY leases.rowid
      """
    let rows = try LenientRow.fetchCursor(try db.cachedStatement(sql: sql), arguments: arguments)
    while let row = try rows.next() { try body(row) }
  }

  /// One row as a lease, with the notes of a durable pin.
  package static func lease(_ row: LenientRow, _ shape: SchemaShape, _ db: Database) throws -> Lease
  {
    var lease = lease(row, shape)
    guard let pin = DurablePin(lease.id) else { return lease }
    lease.pinReason = try PinNote.reason(db, shape, identity(row), uid: pin.uid)
    let digest = PinNote.digest(identity(row))
    lease.pinUntil = try lease.id.entryID.flatMap { entry in
      try PinTerms.read(db, shape, uid: pin.uid, entry: entry, digest: digest)
    }?.until
    return lease
  }

  private static func lease(_ row: LenientRow, _ shape: SchemaShape) -> Lease {
    var problems: [RowProblem] = []
    func integer(_ column: CInt, _ name: String, required: Bool = true) -> Int64? {
      row.integer(column).read(name, required: required, into: &problems)
    }
    let hasNonce = shape.hasColumns(["holder_nonce"], in: "leases")
    let hasRefcount = shape.hasColumns(["refcount"], in: "leases")
    let id = LeaseID(
      entryID: integer(1, "entry_id"), holderPID: integer(2, "holder_pid"),
      nonce: integer(3, "holder_nonce", required: hasNonce).map { UInt64(bitPattern: $0) })
    let refcount = integer(4, "refcount", required: hasRefcount)
    let acquiredAt = integer(5, "acquired_at")
    if let refcount, refcount < 1 {
      problems.append(RowProblem("refcount", "not a number of holds: \(refcount)"))
    }
    if let pid = id.holderPID, !isValidProcessID(pid), DurablePin(id) == nil {
      problems.append(RowProblem("holder_pid", "no process can have this id: \(pid)"))
    }
    return Lease(
      id: id, rowID: row.count(0), refcount: refcount, acquiredAt: acquiredAt,
      entry: entryName(row), problems: problems)
  }

  private static func identity(_ row: LenientRow) -> [RawText?] {
    ([7, 12, 9] as [CInt]).map { column in
      guard case .value(let text) = row.text(column, limit: 4096) else { return nil }
      return text
    }
  }

  private static func entryName(_ row: LenientRow) -> Lease.EntryName? {
    guard case .value = row.integer(6) else { return nil }
    var ignored: [RowProblem] = []
    func text(_ column: CInt) -> RawText? {
      row.text(column, limit: 4096).read("", into: &ignored)
    }
    let bytes = Saturating.add(max(0, row.count(10)), max(0, row.count(11))).value
    var name = Lease.EntryName(kind: text(7), stem: text(8), version: text(9), bytes: bytes)
    name.url = text(13)
    name.path = text(14) ?? text(15)
    name.sha256 = text(16)
    return name
  }
}

/// The whole of a lease row as a condition, so that a row that changed is another row.
private struct LeaseKey {
  let condition: String
  let arguments: StatementArguments

  init(_ lease: Lease) {
    let cells: [(column: String, value: Int64?)] = [
      ("rowid", lease.rowID), ("entry_id", lease.id.entryID), ("holder_pid", lease.id.holderPID),
      ("holder_nonce", lease.id.nonce.map { Int64(bitPattern: $0) }), ("refcount", lease.refcount),
      ("acquired_at", lease.acquiredAt),
    ]
    // A cell that holds no integer cannot be compared with one; the row's other cells name it.
    let comparable = cells.compactMap { cell in cell.value.map { (cell.column, $0) } }
    condition = comparable.map { "\($0.0) = ?" }.joined(separator: " AND ")
    arguments = StatementArguments(comparable.map(\.1))
  }
}

extension SchemaShape {
  fileprivate var nonceSQL: String {
    hasColumns(["holder_nonce"], in: "leases") ? "leases.holder_nonce" : "NULL"
  }

  fileprivate var storedRefcountSQL: String {
    hasColumns(["refcount"], in: "leases") ? "leases.refcount" : "NULL"
  }
}
