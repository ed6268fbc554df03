/// A cache opened to look at: no call writes a byte below its root (the shared memory that SQLite
/// already keeps beside a live index excepted).
///
/// Every call reads one consistent state. All calls block; use it on a worker.
public final class InspectedCache: Sendable {
  /// The cache that is looked at.
  public let location: CacheLocation
  let reader: IndexReader
  let clock: CacheClock
  /// What a snapshot says, where one is looked at in place of a cache.
  let recorded: Recording?

  /// How much of each text a list keeps, in bytes; the rest is named as a problem of the row.
  public static let listTextLimit = EntryRows.listTextLimit

  init(_ location: CacheLocation, _ options: OpenOptions) {
    self.location = location
    reader = IndexReader(location, busyTimeout: options.busyTimeout)
    clock = options.clock
    recorded = nil
  }

  init(_ recorded: Recording, at location: CacheLocation, _ options: OpenOptions) {
    self.location = location
    reader = IndexReader(location, recorded: recorded.session)
    clock = options.clock
    self.recorded = recorded
  }

  /// What is served in place of what only the host of a snapshot could tell.
  struct Recording: Sendable {
    var session: IndexSession
    var source: IndexSource?
    var ignoredFrames: Int
    var migrations: MigrationStatus
    var leases: [JudgedLease]
    var damage: CacheError?
  }

  /// How the last rows were reached; `nil` before the first read.
  public var source: IndexSource? {
    recorded.map(\.source) ?? reader.source
  }

  /// What is wrong with the file as a whole, though some of its rows can be read.
  public var damage: CacheError? { reader.damage }

  /// How many frames of the WAL count for nothing: cut, broken, foreign or never committed. Known for
  /// a WAL that was read through a copy.
  public var ignoredFrames: Int {
    recorded?.ignoredFrames ?? reader.ignoredFrames
  }

  /// Changes when the index changed.
  public func changeToken() throws(CacheError) -> ChangeToken { try reader.changeToken() }

  /// Stops the query that runs now, from any thread; it throws `cancelled`.
  public func interrupt() { reader.interrupt() }

  /// Bytes of a page of the index.
  func pageSize() throws(CacheError) -> Int64 {
    try reader.read { try $0.integer("PRAGMA page_size") ?? 4096 }.value
  }

  /// What the schema has, and lacks.
  public func migrations() throws(CacheError) -> MigrationStatus {
    if let recorded { return recorded.migrations }
    return try reader.read { try MigrationStatus.read($0) }.value
  }

  /// Why entries cannot be listed at all: something else stands where their table should.
  public func entriesObstacle() throws(CacheError) -> String? {
    try reader.read { db in
      let shape = try SchemaShape.read(db)
      guard shape.tables["entries"] != nil else { return shape.unexpected.first }
      return shape.hasColumns(["id"], in: "entries") ? nil : "entries has no column id"
    }.value
  }

  /// The totals of the entries.
  public func statistics() throws(CacheError) -> Statistics {
    try reader.read { try Statistics.read($0, measure) }.value
  }

  /// The same of a damaged index as far as its rows can be read, and what is wrong with it.
  public func readableStatistics() throws(CacheError) -> (Statistics, CacheError?) {
    do throws(CacheError) {
      return (try statistics(), damage)
    } catch  where error.code == .damaged {
      var found = Statistics()
      let words = try reader.damageInWords(error)
      _ = try forEachEntry(EntryQuery()) { found.add($0, measure) }
      return (found, words)
    }
  }

  var measure: Statistics.Measure {
    Statistics.Measure(now: clock.now(), root: RawText(path: location.root).bytes)
  }

  /// Where the entries that have leases would stand in GC's order, by their ids.
  public func leasedRanks() throws(CacheError) -> [Int64: EvictionRank] {
    try reader.read { try EvictionRank.leased($0) }.value
  }

  /// Where one entry stands in GC's order; `nil` where it has nothing to take.
  public func evictionRank(of id: Int64) throws(CacheError) -> EvictionRank? {
    try reader.read { try EvictionRank.read($0, where: "id = \(id)")[id] }.value
  }

  /// The same for many; entries that have nothing to take are left out.
  public func evictionRanks(of ids: [Int64]) throws(CacheError) -> [Int64: EvictionRank] {
    let list = ids.map(String.init).joined(separator: ",")
    return try reader.read { try EvictionRank.read($0, where: "id IN (\(list))") }.value
  }

  /// The same for all of them.
  public func evictionRanks() throws(CacheError) -> [Int64: EvictionRank] {
    try reader.read { try EvictionRank.read($0, where: "1") }.value
  }

  /// All leases in the order of their rows.
  public func leases() throws(CacheError) -> [Lease] {
    if let recorded { return recorded.leases.map(\.lease) }
    return try reader.read { db in try LeaseStore.leases(db, try SchemaShape.read(db)) }.value
  }

  /// The leases on one entry.
  public func leases(ofEntry id: Int64) throws(CacheError) -> [Lease] {
    if let recorded { return recorded.leases.map(\.lease).filter { $0.id.entryID == id } }
    return try reader.read { db in
      try LeaseStore.leases(db, try SchemaShape.read(db), where: "leases.entry_id = ?", [id])
    }.value
  }

  /// The leases, or those on one entry, and what is wrong with the index.
  ///
  /// Where the pages of entries are damaged, the rows of the leases are given all the same: each with
  /// its entry where that can be read, else marked as unreadable.
  public func readableLeases(
    ofEntry id: Int64? = nil
  ) throws(CacheError) -> (leases: [Lease], damage: CacheError?) {
    do throws(CacheError) {
      if let id { return (try leases(ofEntry: id), damage) }
      return (try leases(), damage)
    } catch  where error.code == .damaged {
      let condition = id == nil ? "1" : "leases.entry_id = ?"
      let rows = try reader.read { db in
        let shape = try SchemaShape.read(db)
        return try LeaseStore.leasesAlone(db, shape, where: condition, id.map { [$0] } ?? [])
      }.value
      return (rows.map(withEntry), damage ?? error)
    }
  }

  /// A row that is not found proves nothing in a damaged tree, so the lease stays as it is then.
  private func withEntry(_ lease: Lease) -> Lease {
    guard let id = lease.id.entryID, let entry = try? self.entry(id) else { return lease }
    var whole = lease
    whole.isEntryUnreadable = false
    whole.problems.removeLast()
    whole.entry = Lease.EntryName(
      kind: entry.kind, stem: entry.stem, version: entry.version, bytes: entry.totalBytes)
    return whole
  }

  /// One entry with its texts in full, or `nil`.
  public func entry(_ id: Int64) throws(CacheError) -> Entry? {
    try reader.read { db in
      guard try Self.hasEntries(db) else { return nil }
      return try EntryFinder(root: location.root).find(db, "id = ?", [id])
    }.value
  }

  /// The ids of all entries that match, in order: the backbone of a list, 8 bytes a row.
  public func entryIDs(
    _ query: EntryQuery, limit: Int? = nil
  ) throws(CacheError) -> [Int64] {
    try reader.read { db in
      let shape = try SchemaShape.read(db)
      guard shape.tables["entries"] != nil else { return [] }
      let select = EntrySelect(query, shape, "entries.id", limit: limit, now: clock.now())
      let rows = try LenientRow.fetchCursor(db, sql: select.sql, arguments: select.arguments)
      var ids: [Int64] = []
      while let row = try rows.next() { ids.append(row.count(0)) }
      return ids
    }.value
  }

  /// The entries with these ids, in this order; one that is gone is left out.
  public func entries(ids: [Int64]) throws(CacheError) -> [Entry] {
    try reader.read { db in
      let shape = try SchemaShape.read(db)
      guard shape.tables["entries"] != nil else { return [] }
      let rows = EntryRows(shape, textLimit: Self.listTextLimit, root: location.root)
      let sums = try LeaseSums.read(db, shape, entries: ids)
      let statement = try db.makeStatement(
        sql: "SELECT \(rows.selectList) FROM entries NOT INDEXED WHERE id = ?")
      return try ids.compactMap { id in
        try LenientRow.first(statement, [id]) { rows.entry($0, sums) }
      }
    }.value
  }

  static func hasEntries(_ db: Database) throws -> Bool {
    try SchemaShape.read(db).tables["entries"] != nil
  }
}
