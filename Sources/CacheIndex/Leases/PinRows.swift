/// The SQL of durable pins. Every function runs inside the caller's transaction.
package enum PinRows {
  /// What a table of leases must have to hold pins.
  package static let columns = [
    "entry_id", "holder_pid", "holder_nonce", "refcount", "acquired_at",
  ]

  /// Adds what is missing of the two rows; gives whether anything was.
  ///
  /// The caller recomputes `pinned`.
  package static func complete(
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
  package static func forget(_ db: Database, _ lease: Lease) throws {
    guard let pin = DurablePin(lease.id), let entry = lease.id.entryID else { return }
    try PinTerms.remove(db, uid: pin.uid, entry: entry)
  }

  /// The durable pins on an entry, or on all; each once.
  package static func pins(
    _ db: Database, _ shape: SchemaShape, entry: Int64? = nil
  ) throws -> [Lease] {
    guard shape.hasColumns(["holder_pid", "holder_nonce"], in: "leases") else { return [] }
    let condition = "leases.holder_pid IN (0, 1) AND " + DurablePin.ownNonceSQL
    let found = try entry.map {
      try LeaseStore.leases(
        db, shape, where: "\(condition) AND leases.entry_id = ?", [$0])
    }
    return try (found ?? LeaseStore.leases(db, shape, where: condition)).filter {
      DurablePin($0.id) != nil
    }
  }
}
