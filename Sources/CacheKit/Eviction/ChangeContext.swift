extension ActionContext {
  /// Opens the cache to change rows, after what earlier runs left is settled: lines of the journal, pins
  /// that a GC took, trash that nobody keeps.
  func change() throws(CacheError) -> DiskCache {
    try refuseReadOnly()
    settleJournal()
    let cache = try DiskCache.openExisting(at: location, options: options)
    do throws(CacheError) {
      try completePins(cache)
      TrashSweep.sweep(cache, now: options.clock.now())
      return cache
    } catch {
      cache.close()
      throw error
    }
  }
}
