internal import CacheKit
internal import TUI

extension Inspector {
  /// `w`: report when the lease goes or its holder does; the same key ends it.
  mutating func toggleWatch() -> Effect<Work> {
    guard let row = leases.selectedRow else {
      say("no lease here")
      return .none
    }
    if leases.watched.remove(row.id) != nil {
      say("no longer watching \(row.lease.id)")
    } else if row.judgement.verdict.isProvablyStuck {
      say("its holder is gone already: x releases it", .warn)
    } else {
      leases.watched.insert(row.id)
      say("watching \(row.lease.id): the bell rings when it ends")
    }
    return .none
  }

  /// Rings for every watched lease that is gone or whose holder is.
  mutating func reportWatched() -> Effect<Work> {
    guard !leases.watched.isEmpty, let snapshot = leases.snapshot else { return .none }
    let rows = Dictionary(
      snapshot.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var ended: [String] = []
    for id in leases.watched {
      switch rows[id]?.judgement.verdict {
      case nil: ended.append("\(id.name) was released")
      case let verdict? where verdict.isProvablyStuck:
        ended.append("\(id.name): its holder is gone")
      default: continue
      }
      leases.watched.remove(id)
    }
    guard !ended.isEmpty else { return .none }
    say("watched lease " + ended.sorted().joined(separator: "; "), .warn)
    return .bell
  }
}
