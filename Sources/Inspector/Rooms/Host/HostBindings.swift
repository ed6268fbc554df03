internal import CacheKit
internal import TUI

extension HostRoom {
  static let bindings: [Binding] = [
    own(
      "host-open", [.enter], "open", "into the folder, else the details in full", footer: 52,
      isForRow: true
    ) { room, house, _ in
      if !room.enterFolder() { house.openDetails() }
      return .none
    },
    own(
      "host-disk", [.character("b")], "bytes",
      "where the bytes are, level by level; there: add them up again", footer: 3, needsHost: true
    ) { room, house, _ in room.openDisk(in: &house) },
    own(
      "host-report", [.character("R")], "report", "a report of this holder, without secrets",
      startsProgram: true, footer: 53, isForRow: true, needsHost: true,
      obstacle: { room, _ in room.reportObstacle },
      run: { room, house, _ in room.writeReport(in: &house) }),
    own(
      "ask-fbuild", [.character("f")], "ask fbuild…",
      "let fbuild say which packages this project needs",
      tier: .confirm, isChange: true, footer: 54, isForRow: true,
      needsHost: true,
      obstacle: { room, house in room.askObstacle(in: house) },
      run: { room, house, key in room.askFbuild(key, in: &house) }),
    own(
      "clear-lock", [.character("x")], "remove…", "remove the install lock whose owner is gone",
      tier: .confirm, isChange: true, footer: 1, isForRow: true,
      obstacle: { $0.obstacle([$0.table.selected].compactMap(\.self), in: $1) },
      run: { room, house, key in
        room.askClear([room.table.selected].compactMap(\.self), key, in: &house)
      }),
    own(
      "clear-locks", [.character("X")], "remove all…",
      "remove every install lock whose owner is gone",
      tier: .confirm, isChange: true, footer: 2,
      obstacle: { $0.obstacle($0.table.ids, in: $1) },
      run: { room, house, key in room.askClear(room.table.ids, key, in: &house) }),
  ]

  private func gone(_ ids: [HostRow.ID]) -> [HostReport.Lock] {
    ids.compactMap { id in
      guard case .lock(let item)? = row(id), item.judgement.verdict.isGone else { return nil }
      return item
    }
  }

  private func obstacle(_ ids: [HostRow.ID], in house: House) -> String? {
    if let reason = house.readOnlyReason { return "read-only: \(reason)" }
    return gone(ids).isEmpty ? "no install lock whose owner is provably gone" : nil
  }

  /// What goes, with the proof of each.
  private mutating func askClear(
    _ ids: [HostRow.ID], _ key: Key, in house: inout House
  ) -> Effect<Work> {
    let locks = gone(ids)
    let change = Change.clearLocks(locks.map(\.lock.path))
    var lines = locks.prefix(12).map { item in
      Dialog<Change>.Line(
        "\(house.glyphs.bad) \(Format.text(item.lock.packageName)): "
          + Format.text(item.judgement.evidence), .bad)
    }
    if locks.count > 12 { lines.append(.init("and \(locks.count - 12) more", .dim)) }
    lines += [
      .init(""),
      .init(
        "Effect: its folder is removed, after one more look at the owner; builds that wait go on."),
    ]
    house.show(
      Dialog(
        title: "Remove \(Format.count(locks.count, "install lock"))?", lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "r", label: "Remove \(locks.count)"), openedBy: key, at: house.clock))
    return .flushInput
  }
}
