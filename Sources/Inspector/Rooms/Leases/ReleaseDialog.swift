internal import CacheKit
internal import TUI

extension LeasesRoom {
  /// `x`: the marked leases, else the one under the cursor.
  mutating func askRelease(_ key: Key, in house: inout House) -> Effect<Work> {
    let rows = targets
    guard !rows.isEmpty else {
      house.say("no lease here")
      return .none
    }
    if rows.count == 1, rows[0].judgement.verdict == .pin { return pinEntries(key, in: &house) }
    let stuck = rows.filter(\.judgement.verdict.isProvablyStuck)
    if stuck.isEmpty {
      askForcedRelease(rows, key, in: &house)
    } else {
      askRelease(
        stuck, skipped: skipped(rows.filter { !$0.judgement.verdict.isProvablyStuck }, in: house),
        key, in: &house)
    }
    return .flushInput
  }

  /// `X`: every lease whose holder is provably gone, shown or not.
  var stuckObstacle: String? { stuckCount == 0 ? "no lease is provably stuck" : nil }

  mutating func askReleaseStuck(_ key: Key, in house: inout House) -> Effect<Work> {
    let stuck = stuck
    let others = snapshot?.rows.rows { !$0.isProvablyStuck } ?? []
    askRelease(stuck, skipped: skipped(others, in: house), key, in: &house)
    // Very many names are no command to type.
    if stuck.count > Self.shownRows, var dialog = house.dialog {
      dialog.commands = [house.command("release --stuck")]
      house.overlay = dialog
    }
    return .flushInput
  }

  private static let shownRows = 12

  static let skippedPrefix = "Skipped: "

  private func skipped(_ others: [LeaseRow], in house: House) -> Dialog<Change>.Line? {
    others.isEmpty ? nil : .init(Self.skippedPrefix + summary(of: others, in: house), .dim)
  }

  mutating func askRelease(
    _ rows: [LeaseRow], skipped: Dialog<Change>.Line?, _ key: Key?, in house: inout House
  ) {
    let title = "Release \(Format.count(rows.count, "stuck lease"))?"
    let change = Change.release(rows.map(\.lease), force: false)
    var lines = rows.prefix(Self.shownRows).map {
      scopeLine($0, reason: $0.judgement.verdict.proof, in: house)
    }
    let more = rows.count - Self.shownRows
    if more > 0 { lines.append(.init("and \(Format.grouped(more)) more", .dim)) }
    lines.append(.init(""))
    if let skipped { lines.append(skipped) }
    lines += [
      .init(
        "Effect: \(Format.count(rows.count, "row")) deleted, pinned recomputed on "
          + "\(Format.count(entryCount(rows, in: house), "entry", plural: "entries")), "
          + "\(Format.size(rows.entryBytes)) no longer blocked. No file is deleted. \(undoWords(rows))"
      ),
      .init(
        "Re-checked inside the transaction; a holder that came back is skipped.", .dim),
    ]
    house.show(
      Dialog(
        title: title, lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption),
        action: change, tier: .confirm(key: "r", label: "Release \(Format.grouped(rows.count))"),
        openedBy: key,
        at: house.clock))
  }

  private func undoWords(_ rows: [LeaseRow]) -> String {
    let hasOrphan = rows.contains { $0.judgement.verdict == .orphan }
    return House.undoWords(rows.count)
      + (hasOrphan ? " \(House.orphanWords)" : "")
  }

  /// One line for one lease, whatever the length of its names.
  private func scopeLine(_ row: LeaseRow, reason: String = "", in house: House)
    -> Dialog<Change>.Line
  {
    let look = row.judgement.verdict.look(house.glyphs)
    let pid = row.lease.id.holderPID.map(String.init) ?? "-"
    let count = row.lease.refcount.map(String.init) ?? "-"
    let head =
      "\(look.sign) \(look.word.padded(to: 7)) pid \(pid.padded(to: 7)) ref "
      + "\(count.padded(to: 3))"
    let room = 72 - Width.of(head) - (reason.isEmpty ? 0 : 20)
    // Two versions of one toolchain differ at the end alone.
    let name = TextCut.middle(
      LeaseColumns.shortEntry(row.lease), to: max(8, room), glyphs: house.glyphs)
    return .init(head + name.padded(to: reason.isEmpty ? 0 : room + 2) + reason, look.role)
  }

  /// `1 NS, 2 LIVE`.
  private func summary(of rows: [LeaseRow], in house: House) -> String {
    let groups = Dictionary(grouping: rows, by: \.judgement.verdict)
    return groups.sorted { $0.key.rank < $1.key.rank }
      .map { "\($0.value.count) \($0.key.look(house.glyphs).word)" }.joined(separator: ", ")
  }

  private func entryCount(_ rows: [LeaseRow], in house: House) -> Int {
    Set(rows.lazy.filter { $0.lease.entry != nil }.compactMap(\.lease.id.entryID)).count
  }

  private mutating func askForcedRelease(_ rows: [LeaseRow], _ key: Key, in house: inout House) {
    let change = Change.release(rows.map(\.lease), force: true)
    var lines = rows.prefix(12).flatMap { row in
      [scopeLine(row, in: house), .init("  " + Format.text(row.judgement.evidence), .dim)]
    }
    lines += [
      .init(""),
      .init(
        "A build that uses it may fail: GC can then evict \(Format.size(rows.entryBytes)).", .warn),
      .init(
        "Safer: wait for the holder, or stop it yourself. No file is deleted now. \(undoWords(rows))"
      ),
    ]
    let pid = rows.count == 1 ? rows[0].lease.id.holderPID : nil
    let expected = pid.map(String.init) ?? String(rows.count)
    let prompt = pid != nil ? "Type the PID to release" : "Type the number of leases"
    let title =
      rows.count == 1
      ? "Holder is \(rows[0].judgement.verdict.look(house.glyphs).word), not provably gone: release anyway?"
      : "Release \(rows.count) leases whose holders are not provably gone?"
    house.show(
      Dialog(
        title: title, lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption),
        action: change, tier: .typed(expected: expected, prompt: prompt, label: "release"),
        openedBy: key, at: house.clock))
  }
}

extension LeaseVerdict {
  /// Why it is provably stuck, in at most 18 cells; empty where nothing is proved.
  fileprivate var proof: String {
    switch self {
    case .dead: "no such process"
    case .reused: "PID was recycled"
    case .zombie: "holder has exited"
    case .orphan: "its entry is gone"
    default: ""
    }
  }
}
