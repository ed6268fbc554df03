package import CacheKit
package import TUI

/// What the list of entries reads.
package enum EntryWork: RoomWork {
  /// The first rows of a list, to be shown before the rest is known.
  case page(EntryQuery, limit: Int)
  case ids(EntryQuery)
  case rows([Int64])
  /// Where entries stand in GC's order.
  case ranks([Int64])
  /// What entries come to; the number tells one set from another.
  case sum(Summed, Int, [Int64])
  /// The rows of a part that is to be copied.
  case copyRows(String, [Int64])
  case files(FilesPlace)
  /// Reads the archives of entries in full.
  case verify([Int64])
  /// The ids of the entries that match, in no order.
  case matches(EntryFilter)
  /// The whole list by kind, with subtotals.
  case groups(EntryQuery)

  package var job: JobID {
    switch self {
    case .page: Self.pageJob
    case .ids: Self.idsJob
    case .rows: Self.rowsJob
    case .ranks: JobID("entry ranks")
    case .sum(let what, _, _): JobID("count \(what.rawValue) entries")
    case .copyRows: JobID("rows to copy")
    case .files: FilesPlace.job
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
    switch self {
    case .verify, .copyRows: true
    default: false
    }
  }

  /// What is summed up.
  package enum Summed: String, Sendable, Hashable { case marked, chosen }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let service = worker.service
    switch self {
    case .ids, .matches, .groups: reporter.onCancel { service.interrupt() }
    default: break
    }
    reporter.send(.entries(try news(service, reporter)))
  }

  private func news(
    _ service: any InspectorService, _ reporter: Reporter<Message>
  ) throws(CacheError) -> EntryNews {
    switch self {
    case .page(let query, let limit): return try Self.page(query, limit, service)
    case .ids(let query):
      let ids = try service.entryIDs(query, limit: nil)
      return .ids(query, ids, most: try Self.most(query.filter, service))
    case .matches(let filter):
      let ids = try service.entryIDs(EntryQuery(sort: .id, filter: filter), limit: nil)
      return .matches(filter, Set(ids))
    case .groups(let query):
      let groups = try service.entryGroups(query)
      return .groups(query, groups, most: try Self.most(query.filter, service))
    case .rows(let ids): return .rows(try service.entries(ids))
    case .ranks(let ids): return .ranks(try service.evictionRanks(of: ids), ids)
    case .sum(let what, let revision, let ids):
      return .sum(what, revision, try service.entrySum(of: ids))
    case .copyRows(let what, let ids): return .copyRows(what, try service.entries(ids))
    case .files(let place): return .files(place, try Self.files(place, service, reporter))
    case .verify(let ids):
      return .verified(
        try service.verify(
          entries: ids, isCancelled: { reporter.isCancelled },
          progress: { reporter.send(.entries(.verifying($0))) }))
    }
  }

  private static func page(
    _ query: EntryQuery, _ limit: Int, _ service: any InspectorService
  ) throws(CacheError) -> EntryNews {
    let ids = try service.entryIDs(query, limit: limit)
    let rows = try service.entries(Array(ids.prefix(100)))
    let most = ids.count < limit ? try most(query.filter, service) : nil
    return .page(query, ids: ids, rows: rows, most: most)
  }

  /// What a folder holds, or why it cannot be read: the place that was asked for shows either.
  private static func files(
    _ place: FilesPlace, _ service: any InspectorService, _ reporter: Reporter<Message>
  ) throws(CacheError) -> Result<EntryFiles, CacheError> {
    do throws(CacheError) {
      return .success(try service.files(place) { reporter.isCancelled })
    } catch  where error.code != .cancelled {
      return .failure(error)
    }
  }

  /// The largest that a filter lets through; the totals tell it where there is none.
  private static func most(
    _ filter: EntryFilter, _ service: any InspectorService
  ) throws(CacheError) -> Int64? {
    filter.isEmpty ? nil : try service.largestEntry(filter)
  }
}

package enum EntryNews: RoomNews {
  /// `most`: the bytes of the largest that a filter lets through.
  case page(EntryQuery, ids: [Int64], rows: [EntryRow], most: Int64?)
  case ids(EntryQuery, [Int64], most: Int64?)
  case rows([EntryRow])
  case ranks([Int64: EvictionRank], [Int64])
  case sum(EntryWork.Summed, Int, EntrySum)
  case copyRows(String, [EntryRow])
  case files(FilesPlace, Result<EntryFiles, CacheError>)
  /// One archive was read.
  case verifying(VerifyEntries.Item)
  case verified([VerifyEntries.Item])
  case matches(EntryFilter, Set<Int64>)
  case groups(EntryQuery, GroupedIDs, most: Int64?)
}

extension Work {
  package static func entries(_ work: EntryWork) -> Work { .own(work) }
}

extension Message {
  package static func entries(_ news: EntryNews) -> Message { .room(news) }
}
