import Glibc

/// All that a collection decides by, from one consistent state of the index.
struct CollectionFacts: Sendable {
  var rows: [CollectionRow] = []
  var leases: [CollectionLease] = []
  var judged = JudgedLeases()
  var reap: ReapedLeases
  /// Whether the rows of a phase are read through the index on their last use.
  var isIndexed: [CachePhase: Bool] = [:]
  /// The first unpinned rows of each phase, as real GC reads them.
  var candidates: [CachePhase: [CollectionCandidate]] = [:]
  /// The same for a run of ours, which knows leases and not `pinned`; damaged rows are not counted.
  var ownCandidates: [CachePhase: [CollectionCandidate]] = [:]
  /// How many unpinned rows each phase has.
  var candidateCount: [CachePhase: Int] = [:]
  /// Entries that a lease holds whose holder is not provably gone.
  var held: Set<Int64> = []
  /// Where the schema ends real GC.
  var schema = SchemaFault()
  /// A copy to try the changes on, where the schema may refuse one.
  var rehearsal: CollectionRehearsal?
  /// Whether whoever asks may write the index: to others SQLite says so with the first change.
  var isWritable = true

  /// Reads inside the caller's transaction.
  ///
  /// - Parameter isAlive: asked for holders as fbuild asks the kernel.
  static func read(
    _ db: Database, _ judged: JudgedLeases, isWritable: Bool, isAlive: (Int32) -> Bool
  ) throws -> CollectionFacts {
    let shape = try SchemaShape.read(db)
    var facts = CollectionFacts(reap: ReapedLeases([], isEntry: { _ in false }, isAlive: isAlive))
    facts.judged = judged
    facts.isWritable = isWritable
    let recorded = try recorded(db, shape)
    facts.schema = SchemaFault(shape, recorded: recorded)
    guard shape.tables["entries"] != nil else { return facts }
    facts.rehearsal = try CollectionRehearsal(db)
    facts.rows = try readRows(db)
    facts.leases = try readLeases(db, shape)
    let ids = RowsByID(facts.rows)
    facts.reap = ReapedLeases(
      facts.leases, isEntry: { ids.place(of: $0) != nil }, isAlive: isAlive)
    let makesIndexes = !recorded.contains(InitialSchema.id)
    for phase in CachePhase.allCases {
      facts.isIndexed[phase] =
        makesIndexes || shape.indexes.contains("idx_lru_\(phase.rawValue)")
    }
    facts.held = holders(judged)
    try facts.readCandidates(db)
    return facts
  }

  private static func holders(_ judged: JudgedLeases) -> Set<Int64> {
    Set(
      judged.indices.lazy.filter { !judged.verdict(at: $0).isProvablyStuck }
        .compactMap { judged.name(at: $0).entryID })
  }

  private static func readRows(_ db: Database) throws -> [CollectionRow] {
    let cursor = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT id, last_used_at, installed_path IS NOT NULL, installed_bytes, installed_at,
          archive_path IS NOT NULL, archive_bytes, archived_at, pinned
        FROM entries NOT INDEXED ORDER BY id
        """)
    var rows: [CollectionRow] = []
    while let row = try cursor.next() {
      rows.append(
        CollectionRow(
          id: row.count(0), lastUsed: LastUsed(row.cell(1)), installed: part(row, 2),
          archive: part(row, 5), pinned: Pinned(row.cell(8))))
    }
    return rows
  }

  private static func part(_ row: LenientRow, _ column: CInt) -> CollectionRow.Part {
    CollectionRow.Part(
      isPresent: row.count(column) != 0, bytes: row.addend(column + 1),
      since: row.count(column + 2))
  }

  private static func readLeases(_ db: Database, _ shape: SchemaShape) throws -> [CollectionLease] {
    guard shape.hasColumns(["entry_id", "holder_pid"], in: "leases") else { return [] }
    let nonce = shape.columnSQL("holder_nonce", of: "leases")
    let cursor = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT rowid, entry_id, holder_pid, \(nonce), \(shape.refcountSQL)
        FROM leases ORDER BY entry_id, holder_pid, \(nonce)
        """)
    var leases: [CollectionLease] = []
    while let row = try cursor.next() {
      leases.append(
        CollectionLease(
          rowID: row.count(0), entryID: integer(row, 1), pid: row.cell(2),
          nonce: integer(row, 3).map { UInt64(bitPattern: $0) }, refcount: row.addend(4)))
    }
    return leases
  }

  private static func integer(_ row: LenientRow, _ column: CInt) -> Int64? {
    if case .value(let value) = row.integer(column) { value } else { nil }
  }

  /// The migrations that fbuild takes for done: it makes nothing of them that is missing.
  private static func recorded(_ db: Database, _ shape: SchemaShape) throws -> Set<String> {
    guard shape.hasColumns(["id"], in: "schema_migrations") else { return [] }
    return try Set(
      Migration.all.map(\.id).filter {
        try db.integer("SELECT 1 FROM schema_migrations WHERE id = ?", [$0]) != nil
      })
  }
}

extension CollectionFacts {
  /// What `pinned` says of a row once dead leases are gone.
  func pinned(_ row: CollectionRow) -> Pinned { reap.pinned(of: row) }

  private mutating func readCandidates(_ db: Database) throws {
    let reader = try CandidateReader(db)
    for phase in [CachePhase.installed, .archive] {
      let ids = CollectionOrder.ids(rows, phase) { pinned($0).isZero }
      candidateCount[phase] = ids.count
      candidates[phase] = try reader.read(ids.prefix(CollectionOrder.phaseLimit))
    }
    guard realFails else { return }
    for phase in [CachePhase.installed, .archive] {
      let ids = CollectionOrder.ids(rows, phase) { mayTake($0) }
      // Some to spare for those that are damaged.
      let found = try reader.read(ids.prefix(2 * CollectionOrder.phaseLimit))
      let sound = found.filter { $0.fault == nil }.prefix(CollectionOrder.phaseLimit)
      ownCandidates[phase] = Array(sound)
    }
  }

  /// A pin without a lease protects as long as real GC would let it.
  private func mayTake(_ row: CollectionRow) -> Bool {
    guard !held.contains(row.id) else { return false }
    return !reap.reaped.isEmpty || row.pinned.isZero || isLeased(row)
  }

  private func isLeased(_ row: CollectionRow) -> Bool { !judged.places(onEntry: row.id).isEmpty }

  /// True where real GC may end early.
  private var realFails: Bool {
    if reap.error != nil || !isWritable || schema != SchemaFault() || rehearsal != nil {
      return true
    }
    if candidates.values.contains(where: { $0.contains { $0.fault != nil } }) { return true }
    return [CachePhase.installed, .archive].contains { phase in
      if case .failure = total(phase) { true } else { false }
    }
  }

  func total(_ phase: CachePhase) -> CollectionRun.Total {
    CollectionTotal.real(rows, phase, isIndexed: isIndexed[phase] ?? true)
  }
}

/// Whether a process is there, asked as fbuild asks.
enum HolderSignal {
  /// `kill` with nothing to send: a process of another user is there, too.
  static func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 || errno == EPERM }
}
