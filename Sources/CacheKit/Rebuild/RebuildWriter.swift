/// Writes the rows of a rebuilt index, in the caller's transaction.
struct RebuildWriter {
  let db: Database
  let now: Int64

  func write(_ plan: RebuildPlan, _ salvaged: SalvagedIndex) throws {
    for row in plan.salvaged { try insert("entries", InitialSchema.entryColumns, row.cells) }
    for row in salvaged.leases.rows where !row.contains(.null) {
      try insertLease(row)
    }
    for row in salvaged.notes.rows where !row.contains(.null) {
      try insert("cache_meta", ["key", "value"], row, or: "REPLACE")
    }
    for entry in plan.added + plan.completed { try put(entry) }
    for (key, url) in plan.named { try name(key, url) }
  }

  private func insert(
    _ table: String, _ columns: [String], _ cells: [StoredCell], or conflict: String = "IGNORE"
  ) throws {
    let marks = cells.map(\.insertSQL).joined(separator: ", ")
    try db.executeCached(
      sql: """
        INSERT OR \(conflict) INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))
        """, arguments: StatementArguments(cells.map(\.value)))
  }

  /// One whose entry was not salvaged protects nothing.
  private func insertLease(_ row: [StoredCell]) throws {
    guard case .integer(let entry) = row[0],
      try db.integer("SELECT 1 FROM entries WHERE id = ?", [entry]) != nil
    else { return }
    try insert("leases", SalvagedIndex.leaseColumns, row)
  }

  /// What the disk says of a phase goes before what a row says.
  private func put(_ entry: FoundEntry) throws {
    let phase = entry.phase.rawValue
    var values: [(column: String, value: any SQLConvertible)] = [
      ("\(phase)_path", RawText(path: entry.path).readable), ("\(phase)_bytes", entry.bytes),
      (entry.phase == .archive ? "archived_at" : "installed_at", min(entry.time, now)),
    ]
    if entry.phase == .archive { values.append(("archive_sha256", entry.version)) }
    let columns = values.map(\.column)
    let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let names = ["kind", "url", "stem", "hash", "version", "last_used_at"] + columns
    let stem = entry.url.map { CachePaths.stem(ofURL: $0) } ?? entry.stem
    let own: [any SQLConvertible] = [
      entry.kind.rawValue, entry.url ?? "", stem, entry.hash, entry.version, min(entry.time, now),
    ]
    try db.executeCached(
      sql: """
        INSERT INTO entries (\(names.joined(separator: ", ")))
        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (kind, hash, version) DO UPDATE SET \(updates)
        """, arguments: StatementArguments(own + values.map(\.value)))
  }

  private func name(_ key: SalvagedEntry.Key, _ url: String) throws {
    try db.executeCached(
      sql: "UPDATE entries SET url = ?, stem = ? WHERE kind = ? AND hash = ? AND version = ?",
      arguments: [url, CachePaths.stem(ofURL: url), key.kind, key.hash, key.version])
  }
}
