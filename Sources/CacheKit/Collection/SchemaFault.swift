internal import CacheIndex

/// Where the schema itself ends real GC: what is recorded as done, and is not there. Pure.
struct SchemaFault: Sendable, Hashable {
  /// What follows `failed to open disk cache: `.
  var open: String?
  /// What follows `GC failed: `, before anything is done.
  var start: String?
  /// The same once a lease was reaped.
  var reap: String?

  init() {}

  /// - Parameter recorded: the migrations that the index calls done.
  init(_ shape: SchemaShape, recorded: Set<String>) {
    let isMade = recorded.contains(InitialSchema.id)
    let hasRefcount = recorded.contains("m002_add_leases_refcount")
    let hasMigrations = shape.tables["schema_migrations"] != nil
    func lacks(_ column: String) -> Bool {
      hasMigrations && !shape.hasColumns([column], in: "schema_migrations")
    }
    if lacks("id") {
      open = "no such column: id in SELECT 1 FROM schema_migrations WHERE id = ?1 at offset 38"
    } else if lacks("applied_at"), !isMade || !hasRefcount {
      open = "table schema_migrations has no column named applied_at"
    } else if isMade, !hasRefcount, shape.tables["leases"] == nil {
      open = "no such table: leases"
    }
    guard isMade else { return }
    if shape.tables["leases"] == nil {
      start = "no such table: leases"
    } else if !shape.hasColumns(["holder_pid"], in: "leases") {
      start = "no such column: holder_pid in SELECT DISTINCT holder_pid FROM leases at offset 16"
    } else if shape.tables["entries"] == nil {
      start = "no such table: entries"
    }
    let update =
      "UPDATE entries SET pinned = (SELECT COALESCE(SUM(refcount), 0) "
      + "FROM leases WHERE leases.entry_id = entries.id)"
    if hasRefcount, !shape.hasColumns(["refcount"], in: "leases") {
      reap = "no such column: refcount in \(update) at offset 49"
    } else if !shape.hasColumns(["entry_id"], in: "leases") {
      reap = "no such column: leases.entry_id in \(update) at offset 81"
    }
  }
}
