import Logging

extension PullLinks {
  /// Removes what earlier pulls of the same pointers left when they were killed: trees beside their targets,
  /// and leases on these blobs whose holders are provably dead. Leases on anything else stay.
  ///
  /// A pull needs none of it, so nothing here makes one fail. Returns how many leases were released.
  func cleanUp(_ links: [LinkFile], _ context: ActionContext) -> Int {
    if let target {
      var materializer = Materializer(folder: target)
      materializer.isCancelled = isCancelled
      _ = try? ActingUser.with(target) { () throws(CacheError) in materializer.sweep() }
    }
    return Self.releaseDeadHolders(of: links, context)
  }

  /// Drops the leases on these blobs whose holders are provably dead. Returns how many there were.
  static func releaseDeadHolders(of links: [LinkFile], _ context: ActionContext) -> Int {
    do throws(CacheError) {
      return try releaseDead(links, context)
    } catch {
      CacheLog.logger.debug("dead leases stay: \(error.message)")
      return 0
    }
  }

  private static func releaseDead(
    _ links: [LinkFile], _ context: ActionContext
  ) throws(CacheError) -> Int {
    let cache = try context.inspect()
    let leases = try cache.leases()
    guard !leases.isEmpty else { return 0 }
    let wanted = Set(try cache.blobs(of: links).values.map(\.id))
    let ours = leases.filter { lease in lease.id.entryID.map(wanted.contains) ?? false }
    let dead = JudgedLease.judge(ours, context).filter { $0.judgement.verdict.isProvablyStuck }
    guard !dead.isEmpty else { return 0 }
    // Judged once more inside the transaction; a row that changed stays.
    return try ReleaseLeases(.shown(dead.map(\.lease))).perform(in: context).released.count
  }
}
