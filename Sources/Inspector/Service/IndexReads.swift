package import CacheKit
internal import SystemPackage

/// What an index answers, be it a real one or that of a snapshot.
///
/// Long reads (all ids, totals) have connections of their own, so that they never hold up the rows
/// of the window.
package struct IndexReads: Sendable {
  let context: ActionContext
  let rows: InspectedCache
  let ids: InspectedCache
  let totals: InspectedCache

  init(_ context: ActionContext) throws(CacheError) {
    // A person waits for the screen, so a locked index is reported soon and asked for again.
    var quick = context
    quick.options.busyTimeout = min(context.options.busyTimeout, 1)
    self.context = context
    rows = try quick.inspect()
    ids = try quick.inspect()
    totals = try quick.inspect()
  }
}

/// A service whose rows come from an index.
package protocol IndexService: InspectorService {
  var reads: IndexReads { get }
}

extension IndexService {
  package func now() -> Int64 { reads.context.options.clock.now() }

  package var journalName: RawText { reads.context.location.journalName }

  package func interrupt() { reads.ids.interrupt() }

  package func changeToken() throws(CacheError) -> ChangeToken { try reads.rows.changeToken() }

  package func leasedRanks() throws(CacheError) -> [Int64: EvictionRank] {
    try reads.totals.leasedRanks()
  }

  package func kindShares() throws(CacheError) -> [KindShare] { try reads.totals.kindShares() }

  /// The totals, with the names of the largest entries; those are nothing that the rest could wait for.
  func figures(
    _ statistics: Statistics, _ around: RecordedCache.Surroundings
  ) -> Figures {
    var figures = Figures(statistics: statistics, budget: around.budget, disk: around.disk)
    figures.countedAt = now()
    let ids = statistics.space.biggest.map(\.id)
    figures.biggest = (try? reads.totals.entries(ids: ids)) ?? []
    return figures
  }

  package func entryIDs(_ query: EntryQuery, limit: Int?) throws(CacheError) -> [Int64] {
    limit == nil
      ? try reads.ids.entryIDs(query) : try reads.rows.entryIDs(query, limit: limit)
  }

  package func largestEntry(_ filter: EntryFilter) throws(CacheError) -> Int64 {
    let query = EntryQuery(sort: .size, isDescending: true, filter: filter)
    let first = try reads.ids.entryIDs(query, limit: 1)
    return try reads.ids.entries(ids: first).first?.totalBytes ?? 0
  }

  package func entrySum(of ids: [Int64]) throws(CacheError) -> EntrySum {
    var sum = EntrySum()
    guard ids.count > 2000 else {
      for entry in try reads.ids.entries(ids: ids) { sum.add(entry) }
      return sum
    }
    let wanted = Set(ids)
    _ = try reads.ids.forEachEntry(EntryQuery(), textLimit: 16) { entry in
      if wanted.contains(entry.id) { sum.add(entry) }
    }
    return sum
  }

  package func evictionRanks(of ids: [Int64]) throws(CacheError) -> [Int64: EvictionRank] {
    try reads.totals.evictionRanks(of: ids)
  }

  package func files(
    _ place: FilesPlace, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> EntryFiles {
    guard reads.context.recorded == nil else {
      throw CacheError(.refused, "not in a snapshot: its files are on another host")
    }
    return try EntryFiles.read(
      place.stored, inside: place.inside, at: reads.context.location, isCancelled: isCancelled)
  }

  package func entryGroups(_ query: EntryQuery) throws(CacheError) -> GroupedIDs {
    var found = GroupedIDs.Collected()
    _ = try reads.ids.forEachEntry(query, textLimit: 64) { found.append($0) }
    return found.grouped
  }

  package func backups() throws(CacheError) -> [BackupRow] {
    try ListBackups().perform(in: reads.context).map { BackupRow($0) }
  }

  package func migrations() throws(CacheError) -> MigrationFacts {
    MigrationFacts(
      status: try reads.rows.migrations(),
      fileName: reads.context.location.index.lastComponent?.string ?? "index.sqlite")
  }
}
