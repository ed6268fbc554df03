package import CacheKit
package import TUI

/// What the screen of migrations asks of a worker; the migrations themselves belong to the house.
package enum MigrationWork: RoomWork {
  case rehearse
  /// Lists the kept indexes.
  case backups
  /// SQLite's checks of the whole index.
  case integrity
  /// Looks for processes that have the index open.
  case openers
  /// Puts a text where a pager can read it.
  case page(String)

  package var job: JobID {
    switch self {
    case .rehearse: JobID("rehearse migrations")
    case .backups: JobID("read the backups")
    case .integrity: JobID("check integrity")
    case .openers: JobID("openers")
    case .page: JobID("page")
    }
  }

  package var isAsked: Bool {
    switch self {
    case .rehearse, .integrity, .page, .backups: true
    case .openers: false
    }
  }

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let service = worker.service
    switch self {
    case .backups: reporter.send(.migrations(.backups(try service.backups())))
    case .rehearse: reporter.send(.migrations(.rehearsed(try service.rehearse())))
    case .integrity:
      let report = try service.integrity { reporter.onCancel($0) }
      reporter.send(.migrations(.integrity(report)))
    case .openers:
      let users = IndexUsers(openers: service.openers(), lockHolders: service.lockHolders())
      reporter.send(.migrations(.openers(users)))
    case .page(let text):
      reporter.send(.paged(try service.fileForPager(text, suffix: ".sql")))
    }
  }
}

package enum MigrationNews: RoomNews {
  case rehearsed(Rehearsal)
  case backups([BackupRow])
  case integrity(IntegrityReport)
  case openers(IndexUsers)
}

/// Other processes that use the index.
package struct IndexUsers: Sendable {
  package var openers: [String] = []
  /// Those that keep others from writing.
  package var lockHolders: [String] = []
}

extension Work {
  package static func migrations(_ work: MigrationWork) -> Work { .own(work) }
}

extension Message {
  package static func migrations(_ news: MigrationNews) -> Message { .room(news) }
}
