/// Takes a change of the journal back, where its rows are still as it left them.
public struct UndoChange: CacheAction {
  /// The change, as the journal tells it.
  public var line: JournalLine

  public init(_ line: JournalLine) {
    self.line = line
  }

  /// What was taken back.
  public struct Report: Sendable, Hashable {
    /// The change that is undone.
    public var undone: JournalLine
    /// What the undo did to the rows.
    public var change: IndexChange
  }

  public var command: [String] { ["undo", line.id] }

  /// Throws `refused` where the change cannot be undone, belongs to another cache, or where a row
  /// has changed since.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    var names = CacheNames(context.location.journalName)
    guard names.include(line.cache) else {
      throw CacheError(
        .refused, "this change was made to the cache at \(oneLine(line.cache.readable))",
        hint: "Name that cache with --cache DIR")
    }
    let plan = try UndoPlan(try context.journal?.complete(line) ?? line)
    return try context.asOwner { () throws(CacheError) in try carryOut(plan, context) }
  }

  private func carryOut(_ plan: UndoPlan, _ context: ActionContext) throws(CacheError) -> Report {
    let cache = try context.change()
    defer { cache.close() }
    let (_, change) = try context.commit(cache, command, undoes: line.id) { db in
      guard line.isOf(try IndexBirth.read(db)) else { throw Self.otherIndex }
      let before = try IndexSnapshot.read(db, entries: plan.entries)
      if let conflict = plan.conflicts(with: before.rows).first {
        throw CacheError(
          .refused, "`\(line.action)` cannot be undone: \(conflict) since",
          hint: "Look at the list again")
      }
      try Self.apply(plan, db, context.location)
      return ((), before.change(to: try IndexSnapshot.read(db, entries: plan.entries)))
    }
    return Report(undone: line, change: change)
  }

  private static let otherIndex = CacheError(
    .refused, "this change was made to another index, which stood at this path before",
    hint: "Look at the list again")

  /// Only what a doctor may have rewritten: the journal is a file that anybody may have edited.
  private static func putPath(
    _ row: JournalRow.EntryRow, _ db: Database, _ location: CacheLocation
  ) throws {
    guard let path = row.archivePath else { return }
    guard let text = path.string, StoredPath.movedParts(path.bytes) != nil,
      StoredPath.danger(path.bytes, root: bytes(of: location.root)) == nil
    else {
      throw CacheError(.refused, "the journal names a path that no change of cachescope replaced")
    }
    try db.execute(
      sql: "UPDATE entries SET archive_path = ? WHERE id = ?", arguments: [text, row.id])
  }

  private static func apply(
    _ plan: UndoPlan, _ db: Database, _ location: CacheLocation
  ) throws {
    for step in plan.steps where step.expected != step.restored {
      switch step.restored ?? step.expected {
      case .lease(let row):
        try put(row, step.restored != nil, db)
        if step.restored == nil { try removeTwin(of: row, plan, db) }
      case .note(let row): try put(row, step.restored != nil, db)
      case .entry(let row):
        if plan.recomputed.contains(row.id) { continue }
        try db.execute(
          sql: "UPDATE entries SET pinned = ? WHERE id = ?", arguments: [row.pinned, row.id])
        try putPath(row, db, location)
      case nil: continue
      }
    }
    for entry in plan.recomputed.sorted() { try LeaseStore.recomputePinned(db, entry: entry) }
  }

  /// A pin that was set as one row has become two since, and goes with both.
  private static func removeTwin(
    of row: JournalRow.LeaseRow, _ plan: UndoPlan, _ db: Database
  ) throws {
    let id = LeaseID(entryID: row.entryID, holderPID: row.holderPID, nonce: row.nonce)
    guard let pin = DurablePin(id) else { return }
    for pid in DurablePin.holderPIDs where pid != row.holderPID {
      let key = JournalRow.Key.lease(row.entryID, pid, row.nonce)
      guard !plan.steps.contains(where: { $0.restored?.key == key }) else { return }
      try db.execute(
        sql: "DELETE FROM leases WHERE entry_id = ? AND holder_pid = ? AND holder_nonce = ?",
        arguments: [row.entryID, pid, Int64(bitPattern: row.nonce)])
    }
    try PinTerms.remove(db, uid: pin.uid, entry: row.entryID)
  }

  private static func put(_ row: JournalRow.LeaseRow, _ stays: Bool, _ db: Database) throws {
    let nonce = Int64(bitPattern: row.nonce)
    try db.execute(
      sql: "DELETE FROM leases WHERE entry_id = ? AND holder_pid = ? AND holder_nonce = ?",
      arguments: [row.entryID, row.holderPID, nonce])
    guard stays else { return }
    try db.execute(
      sql: """
        INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
        VALUES (?, ?, ?, ?, ?)
        """, arguments: [row.entryID, row.holderPID, nonce, row.refcount, row.acquiredAt])
  }

  private static func put(_ row: JournalRow.NoteRow, _ stays: Bool, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM cache_meta WHERE key = ?", arguments: [row.key])
    guard stays else { return }
    try db.execute(
      sql: "INSERT INTO cache_meta (key, value) VALUES (?, ?)", arguments: [row.key, row.value])
  }
}
