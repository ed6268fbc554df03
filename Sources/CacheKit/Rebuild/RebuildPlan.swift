internal import SystemPackage

/// What the new index gets: the rows that were salvaged, and what the disk adds to them. Pure but for
/// looks at what rows name.
struct RebuildPlan: Sendable {
  var salvaged: [SalvagedEntry] = []
  /// Salvaged rows that no table takes, or whose identity another row has.
  var dropped = 0
  /// Entries without a row.
  var added: [FoundEntry] = []
  /// Phases that a row lacks, or that it names at a place where nothing is.
  var completed: [FoundEntry] = []
  /// Rows that get their URL, by their identity.
  var named: [SalvagedEntry.Key: String] = [:]

  init(
    _ rows: [SalvagedEntry], _ found: [FoundEntry], _ urls: KnownURLs, _ location: CacheLocation
  ) {
    var known: [SalvagedEntry.Key: SalvagedEntry] = [:]
    var identities: Set<[StoredCell]> = []
    for row in rows.map(\.withoutZeroedPaths) {
      guard row.isUsable, identities.insert(row.identity).inserted else {
        dropped += 1
        continue
      }
      salvaged.append(row)
      guard let key = row.key else { continue }
      known[key] = row
      if row["url"].text == "", let url = urls[key.hash] { named[key] = url }
    }
    let named = Self.places(salvaged, location)
    for entry in Self.unique(found) {
      var entry = entry
      entry.url = urls[entry.hash]
      guard let row = known[entry.key] else {
        // A second row for it would leave it unprotected, whatever holds the first.
        if !named.contains(location.resolve(entry.path)) { added.append(entry) }
        continue
      }
      if !row.has(entry.phase, location) { completed.append(entry) }
    }
  }

  /// What the rows name, in full.
  private static func places(
    _ rows: [SalvagedEntry], _ location: CacheLocation
  ) -> Set<FilePath> {
    let texts = rows.flatMap { row in
      CachePhase.allCases.compactMap { row["\($0.rawValue)_path"].text }
    }
    return Set(
      texts.filter { !$0.isEmpty && !$0.utf8.contains(0) }.map {
        location.resolve(FilePath($0)).lexicallyNormalized()
      })
  }

  /// How many of these leases have their entry among the rows that were salvaged: others protect nothing.
  func kept(of leases: SalvagedTable) -> Int {
    let ids = Set(salvaged.map { $0["id"] })
    return leases.rows.count { !$0.contains(.null) && ids.contains($0[0]) }
  }

  /// Of several files that prove one phase of one entry the first.
  private static func unique(_ found: [FoundEntry]) -> [FoundEntry] {
    struct Phase: Hashable {
      var key: SalvagedEntry.Key
      var phase: CachePhase
    }
    var seen: Set<Phase> = []
    return found.filter { seen.insert(Phase(key: $0.key, phase: $0.phase)).inserted }
  }
}
