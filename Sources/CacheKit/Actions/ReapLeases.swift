extension DiskCache {
  /// Drops every lease whose holder is provably gone and recomputes `pinned` where one went.
  ///
  /// fbuild's own reaping trusts `kill(pid, 0)` alone and so keeps the leases of recycled ids and of
  /// zombies. Returns what was dropped.
  @discardableResult
  public func reap() throws(CacheError) -> [JudgedLease] {
    let report = try ReleaseLeases(.stuck).run(on: self) {
      ProcessTable(cacheRoot: location.root, now: Double(clock.nanoseconds()) / 1e9)
    }
    return report.released.map { JudgedLease(lease: $0.lease, judgement: $0.judgement) }
  }
}
