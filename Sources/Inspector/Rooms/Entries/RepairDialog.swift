internal import CacheKit
internal import TUI

extension EntriesRoom {

  func repairObstacle(in house: House) -> String? {
    // The footer asks with each key.
    guard table.marks.count < 1000 else { return nil }
    guard !targets.isEmpty else { return "no entry here" }
    return ghostTargets(in: house).isEmpty
      ? "the pin count of this entry agrees with its leases" : nil
  }

  private func ghostTargets(in house: House) -> [Int64] {
    let known = Set(house.figures?.statistics.ghosts ?? [])
    return targets.filter {
      known.contains($0) || house.entryRow($0)?.entry.isGhost == true
    }
  }

  mutating func askRepair(_ key: Key, in house: inout House) -> Effect<Work> {
    let ids = ghostTargets(in: house)
    let change = Change.repair(house.targets(ids))
    var lines = ids.prefix(12).map { id in
      let entry = house.entryRow(id)?.entry
      let counts = entry.map {
        "  pinned \($0.pinned.map(String.init) ?? "-"), leases say \($0.refcount)"
      }
      return Dialog<Change>.Line(
        "\(house.glyphs.warn) \(house.name(ofEntry: id))\(counts ?? "")", .warn)
    }
    if ids.count > 12 { lines.append(.init("and \(ids.count - 12) more", .dim)) }
    lines += [
      .init(""),
      .init("Effect: pinned becomes the sum of the lease refcounts. No lease and no file changes."),
    ]
    house.show(
      Dialog(
        title: "Repair \(Format.count(ids.count, "ghost pin"))?", lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "r", label: "Repair \(ids.count)"), openedBy: key, at: house.clock))
    return .flushInput
  }
}
