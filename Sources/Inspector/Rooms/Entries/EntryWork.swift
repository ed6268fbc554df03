package import CacheKit
package import TUI

/// What the list of entries reads.
package enum EntryWork: RoomWork {
  /// The first rows of a list, to be shown before the rest is known.
  case page(EntryQuery, limit: Int)
  case ids(EntryQuery)
  case rows([Int64])
  /// Where one entry stands in GC's order.
  case rank(Int64)
  /// Reads the archives of entries in full.
  case verify([Int64])
  /// The ids of the entries that match, in no order.
  case matches(EntryFilter)
  /// The whole list by kind, with subtotals.
  case groups(EntryFilter)

  package var job: JobID {
    switch self {
    case .page: Self.pageJob
    case .ids: Self.idsJob
    case .rows: Self.rowsJob
    case .rank: JobID("entry rank")
    case .verify: ArchiveChecks.job
    case .matches: Self.matchesJob
    case .groups: Self.groupsJob
    }
  }

  static let pageJob = JobID("entry page")
  static let idsJob = JobID("entry ids")
  static let rowsJob = JobID("entry rows")
  static let matchesJob = JobID("find entries")
  static let groupsJob = JobID("entry groups")

  package var isAsked: Bool {
    if case .verify = self { true } else { false }
  }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let service = worker.service
    switch self {
    case .page(let query, let limit):
      let ids = try service.entryIDs(query, limit: limit)
      let rows = try service.entries(Array(ids.prefix(100)))
      reporter.send(.entries(.page(query, ids: ids, rows: rows)))
    case .ids(let query):
      reporter.onCancel { service.interrupt() }
      reporter.send(.entries(.ids(query, try service.entryIDs(query, limit: nil))))
    case .matches(let filter):
      reporter.onCancel { service.interrupt() }
      let ids = try service.entryIDs(EntryQuery(sort: .id, filter: filter), limit: nil)
      reporter.send(.entries(.matches(filter, Set(ids))))
    case .groups(let filter):
      reporter.onCancel { service.interrupt() }
      reporter.send(.entries(.groups(filter, try service.entryGroups(filter))))
    case .rows(let ids): reporter.send(.entries(.rows(try service.entries(ids))))
    case .rank(let id): reporter.send(.entries(.rank(id, try service.evictionRank(of: id))))
    case .verify(let ids):
      let items = try service.verify(
        entries: ids, isCancelled: { reporter.isCancelled },
        progress: { reporter.send(.entries(.verifying($0))) })
      reporter.send(.entries(.verified(items)))
    }
  }
}

package enum EntryNews: RoomNews {
  case page(EntryQuery, ids: [Int64], rows: [EntryRow])
  case ids(EntryQuery, [Int64])
  case rows([EntryRow])
  case rank(Int64, EvictionRank?)
  /// One archive was read.
  case verifying(VerifyEntries.Item)
  case verified([VerifyEntries.Item])
  case matches(EntryFilter, Set<Int64>)
  case groups(EntryFilter, GroupedIDs)
}

extension Work {
  package static func entries(_ work: EntryWork) -> Work { .own(work) }
}

extension Message {
  package static func entries(_ news: EntryNews) -> Message { .room(news) }
}
