package import CacheKit
package import TUI

/// Work of a room's own, which its folder defines: what it reads, and how a worker does it.
package protocol RoomWork: Sendable, Hashable {
  /// Reads of one kind share a name, so the newest wins.
  var job: JobID { get }
  /// True for what a person asked for; what only follows the cache fails without a dialog.
  var isAsked: Bool { get }
  /// On a worker's thread; it may take long.
  func run(_ worker: CacheWorker, _ reporter: Reporter<Message>) throws(CacheError)
}

extension RoomWork {
  package var isAsked: Bool { false }
}

/// What a worker reports to a room of its own work.
package protocol RoomNews: Sendable {}

/// Any room's work, compared as what it is.
package struct OwnWork: Sendable, Hashable {
  package let work: any RoomWork

  package static func == (left: OwnWork, right: OwnWork) -> Bool {
    AnyHashable(left.work) == AnyHashable(right.work)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(work)) }
}

extension Work {
  package static func own(_ work: any RoomWork) -> Work { .room(OwnWork(work: work)) }

  /// The work itself where it is that of the room which asks; else `nil`.
  func own<W: RoomWork>(_ kind: W.Type) -> W? {
    guard case .room(let own) = self else { return nil }
    return own.work as? W
  }
}

extension Message {
  /// The news themselves where they are those of the room which asks; else `nil`.
  func own<N: RoomNews>(_ kind: N.Type) -> N? {
    guard case .room(let news) = self else { return nil }
    return news as? N
  }
}
