import Logging

extension PullLinks {
  /// Removes what pulls that were killed have left: trees beside their targets, and leases on blobs whose
  /// holders are provably dead.
  ///
  /// A pull needs none of it, so nothing here makes one fail.
  func cleanUp(_ context: ActionContext) {
    if let target {
      var materializer = Materializer(folder: target)
      materializer.isCancelled = isCancelled
      materializer.sweep()
    }
    do throws(CacheError) {
      try releaseDead(context)
    } catch {
      CacheLog.logger.debug("dead leases stay: \(error.message)")
    }
  }

  private func releaseDead(_ context: ActionContext) throws(CacheError) {
    let blobs = try context.inspect().leases().filter {
      $0.entry?.kind?.readable == EntryKind.lnkBlobs.rawValue
    }
    guard !blobs.isEmpty else { return }
    let dead = JudgedLease.judge(blobs, context).filter { $0.judgement.verdict.isProvablyStuck }
    guard !dead.isEmpty else { return }
    // Judged once more inside the transaction; a row that changed stays.
    _ = try ReleaseLeases(.shown(dead.map(\.lease))).perform(in: context)
  }
}
