internal import CacheKit
internal import TUI

extension Inspector {
  /// `x`: the marked leases, else the one under the cursor.
  mutating func askRelease(_ key: Key) -> Effect<Work> {
    let rows = leases.targets
    guard !rows.isEmpty else {
      say("no lease here")
      return .none
    }
    if rows.count == 1, rows[0].judgement.verdict == .pin { return pinLeaseEntries(key) }
    let stuck = rows.filter(\.judgement.verdict.isProvablyStuck)
    if stuck.isEmpty {
      askForcedRelease(rows, key)
    } else {
      askRelease(
        stuck, skipped: skipped(rows.filter { !$0.judgement.verdict.isProvablyStuck }), key)
    }
    return .flushInput
  }

  /// `X`: every lease whose holder is provably gone, shown or not.
  mutating func askReleaseStuck(_ key: Key) -> Effect<Work> {
    let stuck = leases.stuck
    guard !stuck.isEmpty else {
      say("no lease is provably stuck")
      return .none
    }
    let others = leases.snapshot?.rows.rows { !$0.isProvablyStuck } ?? []
    askRelease(stuck, skipped: skipped(others), key)
    return .flushInput
  }

  static let skippedPrefix = "Skipped: "

  private func skipped(_ others: [LeaseRow]) -> Dialog<Change>.Line? {
    others.isEmpty ? nil : .init(Self.skippedPrefix + summary(of: others), .dim)
  }

  mutating func askRelease(
    _ rows: [LeaseRow], skipped: Dialog<Change>.Line?, _ key: Key?
  ) {
    let title = "Release \(Format.count(rows.count, "stuck lease"))?"
    let change = Change.release(rows.map(\.lease), force: false)
    var lines = rows.prefix(12).map { scopeLine($0, reason: $0.judgement.verdict.proof) }
    if rows.count > 12 { lines.append(.init("and \(rows.count - 12) more", .dim)) }
    lines.append(.init(""))
    if let skipped { lines.append(skipped) }
    lines += [
      .init(
        "Effect: \(Format.count(rows.count, "row")) deleted, pinned recomputed on "
          + "\(Format.count(entryCount(rows), "entry", plural: "entries")), "
          + "\(Format.size(rows.entryBytes)) no longer blocked. No file is deleted. \(undoWords(rows))"
      ),
      .init(
        "Re-checked inside the transaction; a holder that came back is skipped.", .dim),
    ]
    show(
      Dialog(
        title: title, lines: lines, commands: change.commands(cacheOption: settings.cacheOption),
        action: change, tier: .confirm(key: "r", label: "Release \(rows.count)"), openedBy: key,
        at: clock))
  }

  private func undoWords(_ rows: [LeaseRow]) -> String {
    let hasOrphan = rows.contains { $0.judgement.verdict == .orphan }
    return Self.undoWords(rows.count)
      + (hasOrphan ? " A lease whose entry is gone cannot be put back." : "")
  }

  /// More rows than a line of the journal holds for sure.
  static let manyRows = 1000

  static func undoWords(_ count: Int) -> String {
    count <= manyRows ? "Undo: u." : "So many may not fit into the journal: then there is no undo."
  }

  /// One line for one lease, whatever the length of its names.
  private func scopeLine(_ row: LeaseRow, reason: String = "") -> Dialog<Change>.Line {
    let look = row.judgement.verdict.look(glyphs)
    let pid = row.lease.id.holderPID.map(String.init) ?? "-"
    let count = row.lease.refcount.map(String.init) ?? "-"
    let head =
      "\(look.sign) \(look.word.padded(to: 7)) pid \(pid.padded(to: 7)) ref "
      + "\(count.padded(to: 3))"
    let room = 72 - Width.of(head) - (reason.isEmpty ? 0 : 20)
    let name = TextCut.middle(LeaseColumns.entryName(row.lease), to: max(8, room), glyphs: glyphs)
    return .init(head + name.padded(to: reason.isEmpty ? 0 : room + 2) + reason, look.role)
  }

  /// `1 NS, 2 LIVE`.
  private func summary(of rows: [LeaseRow]) -> String {
    let groups = Dictionary(grouping: rows, by: \.judgement.verdict)
    return groups.sorted { $0.key.rank < $1.key.rank }
      .map { "\($0.value.count) \($0.key.look(glyphs).word)" }.joined(separator: ", ")
  }

  private func entryCount(_ rows: [LeaseRow]) -> Int {
    Set(rows.compactMap(\.lease.id.entryID)).count
  }

  private mutating func askForcedRelease(_ rows: [LeaseRow], _ key: Key) {
    let change = Change.release(rows.map(\.lease), force: true)
    var lines = rows.prefix(12).flatMap { row in
      [scopeLine(row), .init("  " + Format.text(row.judgement.evidence), .dim)]
    }
    lines += [
      .init(""),
      .init(
        "A build that uses it may fail: GC can then evict \(Format.size(rows.entryBytes)).", .warn),
      .init("Safer: wait for the holder, or stop it yourself. No file is deleted now."),
    ]
    let pid = rows.count == 1 ? rows[0].lease.id.holderPID : nil
    let expected = pid.map(String.init) ?? String(rows.count)
    let prompt = pid != nil ? "Type the PID to release" : "Type the number of leases"
    let title =
      rows.count == 1
      ? "Holder is \(rows[0].judgement.verdict.look(glyphs).word), not provably gone: release anyway?"
      : "Release \(rows.count) leases whose holders are not provably gone?"
    show(
      Dialog(
        title: title, lines: lines, commands: change.commands(cacheOption: settings.cacheOption),
        action: change, tier: .typed(expected: expected, prompt: prompt, label: "release"),
        openedBy: key, at: clock))
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
