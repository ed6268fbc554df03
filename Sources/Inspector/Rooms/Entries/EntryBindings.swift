internal import TUI

extension EntriesRoom {
  static let bindings: [Binding] = [
    own(
      "entry-open", [.enter], "details", "the details in full, or the leases on this entry",
      isForRow: true
    ) { room, house, _ in room.follow(in: &house) },
    own(
      "entry-leases", [.character("o")], "holders", "the leases on this entry", isForRow: true,
      obstacle: { $0.selectedRow(in: $1) == nil ? "no entry here" : nil },
      run: { room, house, _ in room.showHolders(in: &house) }),
    own(
      "verify-archive", [.character("v")], "verify", "read the archives again and compare hashes",
      isForRow: true
    ) { room, house, _ in room.verifyArchives(in: &house) },
    own("group", [.character("T")], "by kind", "group by kind with subtotals") { room, house, _ in
      room.toggleGroups(in: &house)
    },
    own("fold", [.character("z")], "fold", "fold the group of this row, or open it") {
      room, house, _ in room.toggleFold(in: &house)
    },
    own("fold-all", [.character("-")], "fold all", "fold all groups") { room, house, _ in
      room.foldAll(true, in: &house)
    },
    own("open-all", [.character("=")], "open all", "open all groups") { room, house, _ in
      room.foldAll(false, in: &house)
    },
    own(
      "files", [.character("f")], "files", "what lies on the disk for this entry, by size",
      isForRow: true, needsHost: true,
      obstacle: { $0.filesObstacle(in: $1) },
      run: { room, house, _ in room.openFiles(in: &house) }),
    own(
      "pin", [.character("p")], "pin…", "pin the marked entries against eviction, or unpin them",
      tier: .confirm, isChange: true, footer: 20, isForRow: true,
      obstacle: { $1.leaseObstacle },
      run: { room, house, key in house.togglePins(room.targets, key) }),
    own(
      "choose", [.character("d")], "to evict", "choose the marked entries for D, or not after all",
      footer: 22, isForRow: true, obstacle: { $0.chooseObstacle(in: $1) },
      run: { room, house, _ in room.choose(in: &house) }),
    own(
      "evict", [.character("D")], "evict…",
      "evict what was chosen: the rows, then the files",
      tier: .typed, isChange: true, footer: 23, isForRow: true,
      obstacle: { $0.evictObstacle(in: $1) },
      run: { room, house, key in room.askEvict(key, in: &house) }),
    own(
      "repair", [.character("x")], "repair ghost…",
      "set the pin count to what the leases add up to",
      tier: .confirm, isChange: true, footer: 21, isForRow: true,
      obstacle: { $1.leaseObstacle ?? $0.repairObstacle(in: $1) },
      run: { room, house, key in room.askRepair(key, in: &house) }),
  ]

  /// On narrow screens the details open in full; else the leases of the entry.
  private mutating func follow(in house: inout House) -> Effect<Work> {
    if let id = table.selected, isHeading(id) { return toggleFold(in: &house) }
    if house.layout.details == nil {
      house.openDetails()
      return .none
    }
    return showHolders(in: &house)
  }

  /// The leases on the entry under the cursor, where there are any.
  private mutating func showHolders(in house: inout House) -> Effect<Work> {
    guard let id = selectedRow(in: house)?.id else {
      house.say("this is a group's heading, not an entry")
      return .none
    }
    if house.leases?.rows.rows(onEntry: id).isEmpty == false {
      house.go(to: .leases, .rows(filter: "entry:\(id)"))
    } else {
      house.say("no lease on entry \(id)")
    }
    return .none
  }
}
