package import CacheKit
internal import Synchronization
package import TUI

/// What the screen of the host asks of a worker.
package enum HostWork: RoomWork {
  case look
  /// Adds up what lies on the disk, with the build folders of the projects below a folder.
  case disk(LinkRoot)
  /// A report of a holder for the pager; where it goes is what the shell's pager shows.
  case report(ReportSubject)

  package var job: JobID {
    switch self {
    case .look: Self.lookJob
    case .disk: Self.diskJob
    case .report: JobID("write a report")
    }
  }

  static let lookJob = JobID("look at the host")
  static let diskJob = JobID("add up the disk")

  package var isAsked: Bool {
    switch self {
    case .look: false
    case .disk, .report: true
    }
  }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    switch self {
    case .look: reporter.send(.host(.report(try worker.service.host())))
    case .disk(let project):
      let pace = ProgressPace()
      let map = try worker.service.disk(
        project, isCancelled: { reporter.isCancelled },
        progress: { seen in if pace.isDue() { reporter.send(.host(.adding(seen))) } })
      reporter.send(.host(.disk(map)))
    case .report(let subject):
      let text = try worker.service.report(subject)
      reporter.send(.paged(try worker.service.fileForPager(text, suffix: ".txt")))
    }
  }
}

package enum HostNews: RoomNews {
  case report(HostReport)
  /// How far the walk over the disk is.
  case adding(DiskProgress)
  case disk(DiskMap)
}

/// Lets ten reports of progress through in a second, from whichever thread.
private final class ProgressPace: Sendable {
  private let next = Mutex(0.0)

  func isDue() -> Bool {
    let now = Uptime.seconds()
    return next.withLock { due in
      guard now >= due else { return false }
      due = now + 0.1
      return true
    }
  }
}

extension Work {
  package static func host(_ work: HostWork) -> Work { .own(work) }
}

extension Message {
  package static func host(_ news: HostNews) -> Message { .room(news) }
}
