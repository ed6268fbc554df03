internal import CacheKit
internal import TUI

extension House {
  /// `X` on the overview: what is provably safe, in one go.
  mutating func askFixSafe(_ key: Key?) -> Effect<Work> {
    let stuck = stuckLeases
    let ghosts = figures?.statistics.ghosts ?? []
    guard !stuck.isEmpty || !ghosts.isEmpty else {
      say("nothing to fix: no provably stuck lease, no ghost pin", .ok)
      return .none
    }
    let change = Change.fixSafe(leases: stuck.map(\.lease), ghosts: ghosts)
    var lines = stuck.prefix(10).map { row in
      let look = row.judgement.verdict.look(glyphs)
      let pid = row.lease.id.holderPID.map(String.init) ?? "-"
      return Dialog<Change>.Line(
        "\(look.sign) \(look.word) pid \(pid)  \(LeaseColumns.entry(row.lease))", look.role)
    }
    if stuck.count > 10 { lines.append(.init("and \(stuck.count - 10) more leases", .dim)) }
    lines += ghosts.prefix(6).map {
      .init("\(glyphs.warn) ghost pin on \(name(ofEntry: $0))", .warn)
    }
    if ghosts.count > 6 { lines.append(.init("and \(ghosts.count - 6) more ghost pins", .dim)) }
    lines += [
      .init(""),
      .init(
        "Effect: \(Format.count(stuck.count, "lease")) released, "
          + "\(Format.count(ghosts.count, "pin count")) repaired. No file is deleted. "
          + Self.undoWords(stuck, ghosts.count)),
      .init("Re-checked inside the transaction; a holder that came back is skipped.", .dim),
    ]
    show(
      Dialog(
        title: "Fix what is provably safe?", lines: lines,
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "f", label: "Fix \(stuck.count + ghosts.count)"), openedBy: key,
        at: clock))
    return .flushInput
  }

  /// Leases and counts are two changes, and a lease without its entry has nothing to go back to.
  private static func undoWords(_ stuck: [LeaseRow], _ ghosts: Int) -> String {
    let words = undoWords(stuck.count + ghosts)
    guard stuck.count + ghosts <= manyRows else { return words }
    let hasOrphan = stuck.contains { $0.judgement.verdict == .orphan }
    return
      (stuck.isEmpty || ghosts == 0 ? words : "Undo: u for the counts, u again for the leases.")
      + (hasOrphan ? " \(orphanWords)" : "")
  }

  static let orphanWords = "A lease whose entry is gone cannot be put back."
}
