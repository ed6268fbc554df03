package import CacheKit
package import TUI

/// What the list of leases asks of a worker; the leases themselves belong to the house.
package enum LeaseWork: RoomWork {
  /// Filters and sorts a long list.
  case arrange(LeaseArrangement)
  /// Looks through a long list.
  case find(String, LeaseArrangement)
  case holderCard(Int64)
  /// Runs the person's own command beside the screen.
  case watchCommand(String, WatchEvent)

  package var job: JobID {
    switch self {
    case .arrange: JobID("arrange leases")
    case .find: JobID("find leases")
    case .holderCard: JobID("holder")
    case .watchCommand(_, let event): JobID("command for lease \(event.lease)", .task)
    }
  }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    switch self {
    case .arrange(let wanted): reporter.send(.leases(.arranged(wanted, wanted.ids())))
    case .find(let text, let wanted):
      reporter.send(.leases(.found(text, wanted, Set(wanted.ids()))))
    case .holderCard(let pid):
      reporter.send(.leases(.holderCard(pid, worker.service.holderCard(pid))))
    case .watchCommand(let command, let event):
      let code = WatchCommand.run(command, event) { reporter.onCancel($0) }
      reporter.send(.leases(.watchCommandEnded(event, code)))
    }
  }
}

package enum LeaseNews: RoomNews {
  case arranged(LeaseArrangement, [LeaseRow.ID])
  case found(String, LeaseArrangement, Set<LeaseRow.ID>)
  case holderCard(Int64, HolderCard?)
  /// The code that the command ended with; `nil` where it did not start.
  case watchCommandEnded(WatchEvent, Int32?)
}

extension Work {
  package static func leases(_ work: LeaseWork) -> Work { .own(work) }
}

extension Message {
  package static func leases(_ news: LeaseNews) -> Message { .room(news) }
}
