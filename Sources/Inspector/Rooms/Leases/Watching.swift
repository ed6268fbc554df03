internal import CacheKit
internal import TUI

extension LeasesRoom {
  /// `w`: report when the lease goes or its holder does; the same key ends it.
  mutating func toggleWatch(in house: inout House) -> Effect<Work> {
    guard let row = selectedRow else {
      house.say("no lease here")
      return .none
    }
    if watched.remove(row.id) != nil {
      house.say("no longer watching \(row.lease.id)")
    } else if row.judgement.verdict.isProvablyStuck {
      house.say("its holder is already gone: x releases it", .warn)
    } else {
      watched.insert(row.id)
      house.say("watching \(row.lease.id): \(watchWords(in: house)) when it ends")
    }
    return .none
  }

  /// Rings for every watched lease that is gone or whose holder is.
  mutating func reportWatched(in house: inout House) -> Effect<Work> {
    guard !watched.isEmpty, let snapshot = snapshot else { return .none }
    var ended: [String] = []
    var effect = Effect<Work>.none
    for id in watched.sorted(by: { $0.rowID < $1.rowID }) {
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
      watched.remove(id)
      effect = effect + runWatchCommand(kind, id, in: &house)
    }
    guard !ended.isEmpty else { return .none }
    house.say("watched lease " + ended.sorted().joined(separator: "; "), .warn)
    return .bell + effect
  }

  private func watchWords(in house: House) -> String {
    guard house.settings.watchCommand != nil else { return "the bell rings" }
    return house.programObstacle == nil ? "bell and your command" : "only the bell (-rr)"
  }

  private mutating func runWatchCommand(
    _ kind: WatchEvent.Kind, _ id: LeaseRow.ID, in house: inout House
  ) -> Effect<Work> {
    guard let command = house.settings.watchCommand, house.programObstacle == nil else {
      return .none
    }
    // A row that has vanished is still known for two seconds.
    let entry = row(id)?.lease.entry
    let name = entry.map { Format.name(kind: $0.kind, stem: $0.stem, version: $0.version) }
    return house.start(
      .leases(
        .watchCommand(
          command,
          WatchEvent(
            kind: kind, lease: id.name.description, entryID: id.name.entryID,
            pid: id.name.holderPID,
            name: name ?? ""))))
  }

  /// Only a command that failed says something.
  mutating func watchCommandEnded(_ event: WatchEvent, _ code: Int32?, in house: inout House) {
    guard code != 0 else { return }
    let words = code.map { "ended with code \($0)" } ?? "could not be started"
    house.sayResult("the command for lease \(event.lease) \(words)", .warn)
  }
}
