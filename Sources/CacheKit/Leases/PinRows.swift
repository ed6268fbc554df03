/// The SQL of durable pins. Every function runs inside the caller's transaction.
enum PinRows {
  /// What a table of leases must have to hold pins.
  static let columns = ["entry_id", "holder_pid", "holder_nonce", "refcount", "acquired_at"]

  /// Adds what is missing of the two rows; gives whether anything was.
  ///
  /// The caller recomputes `pinned`.
  static func complete(
    _ db: Database, entry: Int64, uid: UInt32, refcount: Int64 = 1, acquiredAt: Int64
  ) throws -> Bool {
    var added = 0
    for pid in DurablePin.holderPIDs {
      try db.executeCached(
        sql: """
          INSERT OR IGNORE INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
          VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [
          entry, pid, Int64(bitPattern: DurablePin.nonce(uid: uid)), refcount, acquiredAt,
        ])
      added += db.changesCount
    }
    return added > 0
  }

  /// Forgets that the pin was to last; its rows are the caller's business.
  static func forget(_ db: Database, _ lease: Lease) throws {
    guard let pin = DurablePin(lease.id), let entry = lease.id.entryID else { return }
    try PinTerms.remove(db, uid: pin.uid, entry: entry)
  }

  /// The durable pins on an entry, or on all; each once.
  static func pins(
    _ db: Database, _ shape: SchemaShape, entry: Int64? = nil
  ) throws -> [Lease] {
    guard shape.hasColumns(["holder_pid", "holder_nonce"], in: "leases") else { return [] }
    let condition = "leases.holder_pid IN (0, 1) AND " + ours
    let found = try entry.map {
      try LeaseStore.leases(
        db, shape, where: "\(condition) AND leases.entry_id = ?", [$0])
    }
    return try (found ?? LeaseStore.leases(db, shape, where: condition)).filter {
      DurablePin($0.id) != nil
    }
  }

  private static var first: Int64 { Int64(bitPattern: DurablePin.nonce(uid: 0)) }
  private static var last: Int64 { Int64(bitPattern: DurablePin.nonce(uid: .max)) }

  /// That a row of `leases` has a nonce of ours.
  private static var ours: String { "leases.holder_nonce BETWEEN \(first) AND \(last)" }

  /// The rows that say again what their pair says: a pin counts once.
  static func repeatedSQL(_ shape: SchemaShape, ofEntry entry: String) -> String? {
    guard shape.hasColumns(["entry_id", "holder_pid", "holder_nonce"], in: "leases") else {
      return nil
    }
    return """
      FROM leases JOIN leases AS twin ON twin.entry_id = leases.entry_id AND twin.holder_pid = 1
        AND twin.holder_nonce = leases.holder_nonce
      WHERE leases.entry_id = \(entry) AND leases.holder_pid = 0 AND \(ours)
      """
  }
}
