/// The repair of a leases table that has no `holder_nonce` in its key.
///
/// SQLite cannot change a primary key, so the table is made anew under its own name and the rows
/// move over. Holders that old fbuild recorded get the nonce 0: "not known".
enum LeaseRebuild {
  static let statements = [
    "ALTER TABLE leases RENAME TO leases_before_rebuild",
    InitialSchema.leases,
    """
    INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
    SELECT entry_id, holder_pid, 0, refcount, acquired_at FROM leases_before_rebuild
    """,
    "DROP TABLE leases_before_rebuild",
  ]

  static func run(_ db: Database, _ shape: SchemaShape) throws -> MigrationEffect {
    var effect = MigrationEffect()
    let hasNonce = shape.hasColumns(["holder_nonce"], in: "leases")
    try db.execute(sql: statements[0])
    try db.execute(sql: statements[1])
    let total = try count(db, "leases_before_rebuild")
    try db.execute(sql: moveRows(hasNonce: hasNonce))
    let merged = try count(db, "leases")
    let orphans = try orphanCount(db)
    try db.execute(sql: statements[3])
    effect.rowsTouched = merged
    if orphans > 0 {
      effect.notes.append("dropped \(leases(orphans)), the entries of which are gone")
    }
    if merged + orphans < total {
      effect.notes.append(
        "merged \(leases(total - orphans - merged)) into others of the same holder")
    }
    return effect
  }

  private static func leases(_ count: Int) -> String { count == 1 ? "1 lease" : "\(count) leases" }

  // Rows of entries that are gone hold nothing, and the foreign key would refuse them.
  private static func moveRows(hasNonce: Bool) -> String {
    """
    INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
    SELECT entry_id, holder_pid, \(hasNonce ? "holder_nonce" : "0"), SUM(refcount), MIN(acquired_at)
    FROM leases_before_rebuild
    WHERE entry_id IN (SELECT id FROM entries)
    GROUP BY 1, 2, 3
    """
  }

  private static func count(_ db: Database, _ table: String) throws -> Int {
    Int(try db.integer("SELECT COUNT(*) FROM \(table)") ?? 0)
  }

  private static func orphanCount(_ db: Database) throws -> Int {
    let count = try db.integer(
      """
      SELECT COUNT(*) FROM leases_before_rebuild WHERE entry_id NOT IN (SELECT id FROM entries)
      """)
    return Int(count ?? 0)
  }
}
