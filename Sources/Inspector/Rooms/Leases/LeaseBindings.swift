internal import CacheKit
internal import TUI

extension LeasesRoom {
  static let bindings: [Binding] = [
    own(
      "lease-entry", [.enter], "entry", "go to the entry of this lease", footer: 52, isForRow: true
    ) { room, house, _ in room.follow(in: &house) },
    own(
      "release", [.character("x")], "release…", "release marked leases; live ones ask for the PID",
      tier: .typed, isChange: true, footer: 20, isForRow: true,
      obstacle: { $1.leaseObstacle ?? $0.rowObstacle },
      run: { room, house, key in room.askRelease(key, in: &house) }),
    own(
      "release-stuck", [.character("X")], "all stuck…",
      "release every lease whose holder is provably gone", tier: .confirm, isChange: true,
      footer: 21, obstacle: { $1.leaseObstacle ?? $0.stuckObstacle },
      run: { room, house, key in room.askReleaseStuck(key, in: &house) }),
    own(
      "pin-entry", [.character("p")], "pin…", "pin the entry of this lease, or unpin it",
      tier: .confirm, isChange: true, footer: 22, isForRow: true,
      obstacle: { $1.leaseObstacle ?? $0.rowObstacle },
      run: { room, house, key in room.pinEntries(key, in: &house) }),
    own(
      "watch", [.character("w")], "watch", "ring the bell when this lease or its holder ends",
      isForRow: true, needsHost: true
    ) { room, house, _ in room.toggleWatch(in: &house) },
    own("lease-log", [.character("L")], "log", "who came and who went, and for how long each held")
    {
      room, house, _ in
      room.openLog(in: &house)
      return .none
    },
    own(
      "holder", [.character("o")], "holder", "who the holder is: its command, parents, open files",
      isForRow: true, needsHost: true,
      obstacle: { room, _ in
        guard let row = room.selectedRow, row.lease.id.holderPID != nil else {
          return "no holder here"
        }
        return row.judgement.verdict == .pin ? "a pin has no process that holds it" : nil
      }, run: { room, house, _ in room.askHolder(in: &house) }),
    own(
      "lease-report", [.character("R")], "report", "a report of this lease, without secrets",
      startsProgram: true, isForRow: true, needsHost: true,
      obstacle: { room, _ in room.rowObstacle },
      run: { room, house, _ in
        room.selectedRow.map { house.start(.host(.report(.lease($0.lease.id)))) } ?? .none
      }),
  ]

  /// Why nothing can be done with the row under the cursor, or `nil`.
  private var rowObstacle: String? { selectedRow == nil ? "no lease here" : nil }

  private mutating func follow(in house: inout House) -> Effect<Work> {
    guard house.layout.details != nil else {
      house.openDetails()
      return .none
    }
    guard let row = selectedRow else {
      house.say("no lease here")
      return .none
    }
    if let id = row.lease.id.entryID, row.lease.entry != nil {
      house.go(to: .entries, .row(String(id)))
    } else {
      house.say("the entry of this lease is gone", .warn)
    }
    return .none
  }

  /// `p`: pins the entries of the leases, or unpins them where all are pinned.
  mutating func pinEntries(_ key: Key, in house: inout House) -> Effect<Work> {
    var seen: Set<Int64> = []
    let ids = targets.filter { $0.lease.entry != nil }.compactMap(\.lease.id.entryID)
    return house.togglePins(ids.filter { seen.insert($0).inserted }, key)
  }
}
