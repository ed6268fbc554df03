/// The rows of some entries at one moment: the entries, their leases, and the notes of pins.
struct IndexSnapshot {
  private(set) var rows: [JournalRow.Key: JournalRow] = [:]
  /// Rows with values that the journal cannot put back: leases by their place, entries by id.
  private var damagedLeases: Set<Int64> = []
  private var damagedEntries: Set<Int64> = []

  /// Reads inside the caller's transaction.
  static func read(_ db: Database, entries: Set<Int64>) throws -> IndexSnapshot {
    var snapshot = IndexSnapshot()
    let shape = try SchemaShape.read(db)
    let statement = try db.makeStatement(
      sql: "SELECT kind, hash, version, pinned, archive_path FROM entries WHERE id = ?")
    for id in entries.sorted() { try snapshot.addEntry(statement, id) }
    for lease in try leases(db, shape, entries) { snapshot.add(lease) }
    try snapshot.addNotes(db)
    return snapshot
  }

  /// One pass over all leases is cheaper than many queries.
  private static func leases(
    _ db: Database, _ shape: SchemaShape, _ entries: Set<Int64>
  ) throws -> [Lease] {
    if entries.count > 16 {
      return try LeaseStore.rows(db, shape).filter { lease in
        lease.id.entryID.map(entries.contains) ?? false
      }
    }
    return try entries.flatMap {
      try LeaseStore.rows(db, shape, where: "leases.entry_id = ?", [$0])
    }
  }

  private mutating func add(_ row: JournalRow) {
    rows[row.key] = row
  }

  private mutating func add(_ lease: Lease) {
    guard let entry = lease.id.entryID, let pid = lease.id.holderPID, let nonce = lease.id.nonce,
      let refcount = lease.refcount, let acquired = lease.acquiredAt
    else {
      damagedLeases.insert(lease.rowID)
      return
    }
    add(
      .lease(
        .init(
          entryID: entry, holderPID: pid, nonce: nonce, refcount: refcount, acquiredAt: acquired)))
  }

  private mutating func addEntry(_ statement: Statement, _ id: Int64) throws {
    typealias Found = (texts: [RawText], pinned: Int64, archivePath: RawText?)
    let row = try LenientRow.first(statement, [id]) { row -> Found? in
      let texts = (0..<3).compactMap { column -> RawText? in
        if case .value(let text) = row.text(CInt(column), limit: 4096) { text } else { nil }
      }
      guard case .value(let pinned) = row.integer(3) else { return ([], 0, nil) }
      guard case .value(let path) = row.text(4, limit: 4096), !path.isCut else {
        return (texts, pinned, nil)
      }
      return (texts, pinned, path)
    }
    guard let row else { return }
    guard row.texts.count == 3, !row.texts.contains(where: \.isCut) else {
      damagedEntries.insert(id)
      return
    }
    add(
      .entry(
        .init(
          id: id, kind: row.texts[0], hash: row.texts[1], version: row.texts[2],
          pinned: row.pinned, archivePath: row.archivePath)))
  }

  private mutating func addNotes(_ db: Database) throws {
    let rows = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT key, value FROM cache_meta WHERE key >= 'cachescope_pin:' AND key < 'cachescope_pin;'
          OR key >= 'cachescope_pin_terms:' AND key < 'cachescope_pin_terms;'
        """)
    while let row = try rows.next() {
      guard case .value(let key) = row.text(0, limit: 4096), let name = key.string,
        case .value(let value) = row.text(1, limit: 4096), let text = value.string
      else { continue }
      add(.note(.init(key: name, value: text)))
    }
  }

  /// What became other rows on the way to `later`, with the entries that they belong to. `naming` an entry that
  /// is part of it whatever else there is: of an installed path the journal keeps nothing.
  func change(to later: IndexSnapshot, naming entry: Int64? = nil) -> IndexChange {
    let keys = Set(rows.keys).union(later.rows.keys)
    let changed = keys.filter { rows[$0] != later.rows[$0] }
    let owners = Set(changed.compactMap { (rows[$0] ?? later.rows[$0])?.entryID })
    let named = changed.union(owners.union(entry.map { [$0] } ?? []).map { .entry($0) })
    let isRewritten = owners.filter {
      rows[.entry($0)]?.archivePath != later.rows[.entry($0)]?.archivePath
    }
    func list(_ rows: [JournalRow.Key: JournalRow]) -> [JournalRow] {
      named.compactMap { rows[$0]?.withoutPath(unlessIn: isRewritten) }
        .sorted(by: JournalRow.precedes)
    }
    var change = IndexChange(before: list(rows), after: list(later.rows))
    change.undoObstacle = obstacle(to: later, owners)
    return change
  }
}

extension IndexSnapshot {
  /// Why the way from `later` back cannot be gone; a lease without an entry stays gone.
  private func obstacle(to later: IndexSnapshot, _ owners: Set<Int64>) -> String? {
    let isDamaged =
      damagedLeases != later.damagedLeases
      || !owners.isDisjoint(with: damagedEntries.union(later.damagedEntries))
    if isDamaged { return "a row held values of a wrong type, which cannot be put back" }
    guard let first = owners.min(), owners.allSatisfy({ rows[.entry($0)] == nil }) else {
      return nil
    }
    return "entry \(first) is gone, so the index cannot take its lease back"
  }
}

extension JournalRow {
  fileprivate var archivePath: RawText? {
    if case .entry(let row) = self { row.archivePath } else { nil }
  }

  /// A path that stayed as it was is nobody's business later.
  fileprivate func withoutPath(unlessIn rewritten: Set<Int64>) -> JournalRow {
    guard case .entry(var row) = self, !rewritten.contains(row.id) else { return self }
    row.archivePath = nil
    return .entry(row)
  }

  /// Entries, then leases, then notes, each by its key.
  fileprivate static func precedes(_ left: JournalRow, _ right: JournalRow) -> Bool {
    let (a, b) = (left.order, right.order)
    return (a.kind, a.entry, a.pid, a.nonce, a.key) < (b.kind, b.entry, b.pid, b.nonce, b.key)
  }

  private var order: (kind: Int, entry: Int64, pid: Int64, nonce: UInt64, key: String) {
    switch self {
    case .entry(let row): (0, row.id, 0, 0, "")
    case .lease(let row): (1, row.entryID, row.holderPID, row.nonce, "")
    case .note(let row): (2, 0, 0, 0, row.key)
    }
  }
}
