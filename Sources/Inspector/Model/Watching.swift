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
      say("watching \(row.lease.id): \(watchWords) when it ends")
    }
    return .none
  }

  /// Rings for every watched lease that is gone or whose holder is.
  mutating func reportWatched() -> Effect<Work> {
    guard !leases.watched.isEmpty, let snapshot = leases.snapshot else { return .none }
    var ended: [String] = []
    var effect = Effect<Work>.none
    for id in leases.watched.sorted(by: { $0.rowID < $1.rowID }) {
      let kind: WatchEvent.Kind
      switch snapshot.rows.row(id)?.judgement.verdict {
      case nil:
        kind = .released
        ended.append("\(id.name) was released")
      case let verdict? where verdict.isProvablyStuck:
        kind = .holderGone
        ended.append("\(id.name): its holder is gone")
      default: continue
      }
      leases.watched.remove(id)
      effect = effect + runWatchCommand(kind, id)
    }
    guard !ended.isEmpty else { return .none }
    say("watched lease " + ended.sorted().joined(separator: "; "), .warn)
    return .bell + effect
  }

  private var watchWords: String {
    guard settings.watchCommand != nil else { return "the bell rings" }
    return programObstacle == nil ? "bell and your command" : "only the bell (-rr)"
  }

  private mutating func runWatchCommand(
    _ kind: WatchEvent.Kind, _ id: LeaseRow.ID
  ) -> Effect<Work> {
    guard let command = settings.watchCommand, programObstacle == nil else { return .none }
    // A row that has vanished is still known for two seconds.
    let entry = leases.row(id)?.lease.entry
    let name = entry.map { Format.name(kind: $0.kind, stem: $0.stem, version: $0.version) }
    return start(
      .watchCommand(
        command,
        WatchEvent(
          kind: kind, lease: id.name.description, entryID: id.name.entryID, pid: id.name.holderPID,
          name: name ?? "")))
  }

  /// Only a command that failed says something.
  mutating func watchCommandEnded(_ event: WatchEvent, _ code: Int32?) {
    guard code != 0 else { return }
    let words = code.map { "ended with code \($0)" } ?? "could not be started"
    sayResult("the command for lease \(event.lease) \(words)", .warn)
  }
}
