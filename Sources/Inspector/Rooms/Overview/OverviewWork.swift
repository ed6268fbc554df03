package import CacheKit
package import TUI

/// What the overview reads alone.
package enum OverviewWork: RoomWork {
  /// Kinds, names and entries by size.
  case shares

  package var job: JobID { Self.job }

  static let job = JobID("map of the cache")

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    reporter.send(.room(OverviewNews.shares(try worker.service.kindShares())))
  }
}

package enum OverviewNews: RoomNews {
  case shares([KindShare])
}

extension Work {
  package static func overview(_ work: OverviewWork) -> Work { .own(work) }
}
