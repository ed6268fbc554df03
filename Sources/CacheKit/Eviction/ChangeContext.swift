extension ActionContext {
  /// Opens the cache to change rows, after what earlier runs left is settled: lines of the journal, pins
  /// that a GC took, trash that nobody keeps. In a dry run it is a copy that is opened, and no file is settled.
  func change(of rows: DiskCache.Rows = .leases) throws(CacheError) -> DiskCache {
    try refuseReadOnly()
    settleJournal()
    let cache = try openExisting(toChange: rows)
    do throws(CacheError) {
      try completePins(cache)
      if !isDryRun { TrashSweep.sweep(cache, now: options.clock.now()) }
      return cache
    } catch {
      cache.close()
      throw error
    }
  }
}
