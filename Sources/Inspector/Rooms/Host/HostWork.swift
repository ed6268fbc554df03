package import CacheKit
package import TUI

/// What the screen of the host asks of a worker.
package enum HostWork: RoomWork {
  case look

  package var job: JobID { JobID("look at the host") }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    reporter.send(.host(.report(try worker.service.host())))
  }
}

package enum HostNews: RoomNews {
  case report(HostReport)
}

extension Work {
  package static func host(_ work: HostWork) -> Work { .own(work) }
}

extension Message {
  package static func host(_ news: HostNews) -> Message { .room(news) }
}
