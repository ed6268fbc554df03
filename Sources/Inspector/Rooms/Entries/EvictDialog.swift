internal import CacheKit
internal import TUI

extension EntriesRoom {
  func chooseObstacle(in house: House) -> String? {
    house.readOnlyReason.map { "read-only: \($0)" }
  }

  func evictObstacle(in house: House) -> String? {
    if let reason = house.readOnlyReason { return "read-only: \(reason)" }
    return house.running[GCWork.runJob] == nil
      ? nil : "a plan is running: \(Tab.gc.number), then x stops it"
  }

  /// `D`: what was chosen with `d`; where nothing was, the marked entries, or the one under the cursor.
  mutating func askEvict(_ key: Key, in house: inout House) -> Effect<Work> {
    let ids = chosen.isEmpty ? targets : chosen.sorted()
    guard !ids.isEmpty else {
      house.say("no entry here")
      return .none
    }
    let change = Change.evict(house.targets(ids), EvictTerms())
    let going = ids.filter { house.keeperWords($0) == nil }
    guard !going.isEmpty else {
      house.say("nothing would go: leases and pins keep all of it", .warn)
      return .none
    }
    let sizes = going.map { house.entryRow($0)?.entry }
    let bytes = sizes.reduce(UInt64(0)) { sum, entry in
      sum.saturatingSum(entry.map { UInt64(max(0, $0.totalBytes)) } ?? 0)
    }
    // What is not in memory may have an archive, too.
    let hasArchive = sizes.contains { $0 == nil || $0?.archivePath != nil }
    var dialog = Dialog(
      title: "Evict \(Format.count(going.count, "entry", plural: "entries"))?",
      lines: lines(ids, in: house),
      commands: change.commands(cacheOption: house.settings.cacheOption),
      action: change, tier: guardOf(going.count, bytes, hasArchive), openedBy: key, at: house.clock)
    dialog.fields = [RunChoice.phaseField, RunChoice.keepField]
    house.show(dialog)
    return .flushInput
  }

  private func guardOf(_ count: Int, _ bytes: UInt64, _ hasArchive: Bool) -> Dialog<Change>.Guard {
    let usual = EvictGuard.of(count, bytes: bytes, hasArchive: hasArchive)
    guard case .typed(let expected, _, let label) = usual else { return usual }
    return .typed(expected: expected, prompt: "Type the number of entries", label: label)
  }

  private func lines(_ ids: [Int64], in house: House) -> [Dialog<Change>.Line] {
    var lines = ids.prefix(house.sampleRows).map { id in
      let entry = house.entryRow(id)?.entry
      let keeper = house.keeperWords(id)
      let held = keeper.map { ": stays, \($0)" } ?? ""
      let size = Format.size(entry?.totalBytes).padded(to: 9)
      return Dialog<Change>.Line(
        "\(size) \(house.name(ofEntry: id))\(held)", keeper == nil ? .text : .warn)
    }
    let more = ids.count - house.sampleRows
    if more > 0 { lines.append(.init("and \(more) more", .dim)) }
    let going = ids.filter { house.keeperWords($0) == nil }.map { id in
      (id, house.entryRow(id)?.entry.totalBytes ?? 0)
    }
    lines += house.lossLines(Dictionary(going) { first, _ in first })
    lines += [
      .init(""),
      .init(
        "Effect: the rows are cleared, then the files are moved aside and removed. An entry stays "
          + "while a lease holds it, or where its path leads out of the cache."),
      .init("Unless kept, it cannot be undone.", .dim),
    ]
    return lines
  }
}

extension House {
  /// Why the entry stays, as the leases were seen last: a pin, or a lease whose holder is not provably gone.
  func keeperWords(_ id: Int64) -> String? {
    guard let leases else {
      return (entryRow(id)?.entry.refcount ?? 0) > 0 ? "a lease holds it" : nil
    }
    let keepers = leases.rows.rows(onEntry: id).map(\.judgement.verdict)
      .filter { !$0.isProvablyStuck }
    guard !keepers.isEmpty else { return nil }
    return keepers.allSatisfy { $0 == .pin } ? "it is pinned" : "a lease holds it"
  }
}
