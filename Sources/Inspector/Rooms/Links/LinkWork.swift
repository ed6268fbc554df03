package import CacheKit
internal import SystemPackage
package import TUI

/// What a worker does for the screen of pointers; a fetch is a change, for it has a dialog.
package enum LinkWork: RoomWork {
  /// Searches a folder; with `onlyProjects` only where it looks like a project.
  case list(LinkRoot, onlyProjects: Bool)
  case verify([LinkID])
  /// Looks at what putting the blobs into a folder would write and replace.
  case plan([LinkID], into: LinkRoot)

  package var job: JobID {
    switch self {
    case .list: Self.searchJob
    case .verify: Self.verifyJob
    case .plan: JobID("look at the folder")
    }
  }

  static let searchJob = JobID("search pointers")
  static let verifyJob = JobID("verify blobs")
  package static let fetchJob = JobID("fetch blobs", .task)
}

/// What a worker reports to the screen of pointers.
package enum LinkNews: RoomNews {
  case listed(LinkSnapshot)
  /// One blob was read.
  case verifying(LinkItem)
  case verified([LinkItem])
  case fetching(PullLinks.Event)
  case planned(TargetPlan)
}

extension LinkWork {
  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let service = worker.service
    switch self {
    case .list(let root, let onlyProjects):
      let found = try service.links(under: root, onlyProjects: onlyProjects) {
        reporter.isCancelled
      }
      if let found { reporter.send(.links(.listed(found))) }
    case .verify(let links):
      let items = try service.verify(
        links, isCancelled: { reporter.isCancelled },
        progress: { reporter.send(.links(.verifying($0))) })
      reporter.send(.links(.verified(items)))
    case .plan(let links, let root):
      reporter.send(.links(.planned(try service.plan(links, into: root))))
    }
  }
}

extension CacheWorker {
  /// Fetches, and puts what there is into the folder where one is named.
  func fetch(
    _ links: [LinkID], into folder: FilePath?, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let report = try service.fetch(
      links, into: folder, isCancelled: { reporter.isCancelled },
      progress: { reporter.send(.links(.fetching($0))) })
    let change = folder.map { Change.materialize(links, into: $0) } ?? .fetch(links)
    reporter.send(.changed(change, report))
  }
}

extension [LinkID] {
  /// The paths as a shell reads them, safe to show; at most twenty.
  var shellWords: String {
    let words = prefix(20).map { ShellWord.quote(Format.path($0.path)) }
    return words.joined(separator: " ") + (count > 20 ? " ..." : "")
  }
}

extension Work {
  package static func links(_ work: LinkWork) -> Work { .own(work) }
}

extension Message {
  package static func links(_ news: LinkNews) -> Message { .room(news) }
}
