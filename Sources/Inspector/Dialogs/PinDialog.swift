internal import CacheKit
internal import TUI

extension Inspector {
  /// The entries that carry a durable pin.
  private var pinnedEntries: Set<Int64> {
    Set(
      (leases.snapshot?.rows.rows { $0 == .pin } ?? []).compactMap(\.lease.id.entryID))
  }

  /// `p` on Entries: asks before it pins, and before it unpins where all are pinned.
  mutating func pinEntries(_ key: Key) -> Effect<Work> { togglePins(entries.targets, key) }

  /// `p` on Leases: the same for the entries of the leases.
  mutating func pinLeaseEntries(_ key: Key) -> Effect<Work> {
    var seen: Set<Int64> = []
    let ids = leases.targets.filter { $0.lease.entry != nil }.compactMap(\.lease.id.entryID)
    return togglePins(ids.filter { seen.insert($0).inserted }, key)
  }

  private mutating func togglePins(_ ids: [Int64], _ key: Key) -> Effect<Work> {
    guard !ids.isEmpty else {
      say("no entry here")
      return .none
    }
    let pinned = pinnedEntries
    let open = ids.filter { !pinned.contains($0) }
    if open.isEmpty { askUnpin(ids, key) } else { askPin(open, of: ids.count, key) }
    return .flushInput
  }

  private func targets(_ ids: [Int64]) -> EntryTargets {
    EntryTargets(ids: ids, shown: ids.compactMap { entries.row($0)?.entry })
  }

  private mutating func askPin(_ ids: [Int64], of count: Int, _ key: Key) {
    let change = Change.pin(targets(ids), PinTerms())
    var lines = ids.prefix(8).map { Dialog<Change>.Line("\(glyphs.pin) \(name(ofEntry: $0))") }
    if ids.count > 8 { lines.append(.init("and \(ids.count - 8) more", .dim)) }
    if count > ids.count {
      lines.append(.init("\(count - ids.count) of them are pinned already.", .dim))
    }
    lines += [
      .init(""),
      .init(
        "Effect: fbuild's GC leaves \(ids.count == 1 ? "it" : "them") alone until unpinned. No file "
          + "changes. \(Self.undoWords(ids.count))"),
      .init(
        "An end, if any, is \(PinEnd.forms); doctor tells of it then and takes the pin off.", .dim),
    ]
    var dialog = Dialog(
      title: "Pin \(Format.count(ids.count, "entry", plural: "entries"))?", lines: lines,
      commands: change.commands(cacheOption: settings.cacheOption), action: change,
      tier: .confirm(key: "k", label: "Keep \(ids.count)"), openedBy: key, at: clock)
    dialog.fields = [
      .init("r", "reason", hint: "none; r types one"), .init("e", "end", hint: "none; e types one"),
    ]
    show(dialog)
  }

  /// The accepted dialog, with what was typed into it; an end that is none keeps the question open.
  mutating func pin(_ targets: EntryTargets, _ dialog: Dialog<Change>) -> Effect<Work> {
    if let fault = endFault(dialog) {
      var dialog = dialog
      dialog.rearm(because: fault, at: clock)
      overlay = .dialog(dialog)
      return .none
    }
    return start(.change(.pin(targets, pinTerms(dialog))))
  }

  /// What was typed into a dialog that pins.
  func pinTerms(_ dialog: Dialog<Change>) -> PinTerms {
    PinTerms(reason: Self.typed(dialog, "r"), until: Self.typed(dialog, "e").flatMap(pinEnd))
  }

  private func endFault(_ dialog: Dialog<Change>) -> String? {
    guard let text = Self.typed(dialog, "e") else { return nil }
    guard let end = pinEnd(text) else { return "'\(Format.text(text))' is no end: \(PinEnd.forms)" }
    return end > wallNow ? nil : "the end of the pin is over: \(PinEnd.text(end))"
  }

  private var wallNow: Int64 { wallTime(at: clock) ?? facts?.now ?? 0 }

  private func pinEnd(_ text: String) -> Int64? { PinEnd.parse(text, now: wallNow) }

  private static func typed(_ dialog: Dialog<Change>, _ key: Character) -> String? {
    let text = dialog.fields.first { $0.key == key }?.text.text ?? ""
    return text.allSatisfy(\.isWhitespace) ? nil : text
  }

  private mutating func askUnpin(_ ids: [Int64], _ key: Key) {
    let change = Change.unpin(targets(ids))
    var lines = ids.prefix(12).map {
      Dialog<Change>.Line("\(glyphs.pin) \(name(ofEntry: $0))", .pin)
    }
    if ids.count > 12 { lines.append(.init("and \(ids.count - 12) more", .dim)) }
    lines += [
      .init(""),
      .init(
        "Effect: the pin leases are deleted and pinned is recomputed. GC may then evict "
          + "what no other lease keeps. No file is deleted now."),
      .init("Other leases on these entries stay.", .dim),
    ]
    show(
      Dialog(
        title: "Unpin \(Format.count(ids.count, "entry", plural: "entries"))?", lines: lines,
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "u", label: "Unpin \(ids.count)"), openedBy: key, at: clock))
  }

  /// The name of an entry from what is in memory.
  func name(ofEntry id: Int64) -> String {
    if let entry = entries.row(id)?.entry {
      let name = Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)
      return "#\(id) \(name)"
    }
    let lease = leases.snapshot?.rows.rows(onEntry: id).first { $0.lease.entry != nil }
    return "#\(id)" + (lease.map { " \(LeaseColumns.entry($0.lease))" } ?? "")
  }

  // MARK: Ghosts

  var repairObstacle: String? {
    ghostTargets.isEmpty ? "the pin count of this entry is what the leases say" : nil
  }

  private var ghostTargets: [Int64] {
    let known = Set(figures?.statistics.ghosts ?? [])
    return entries.targets.filter {
      known.contains($0) || entries.row($0)?.entry.isGhost == true
    }
  }

  mutating func askRepair(_ key: Key) -> Effect<Work> {
    let ids = ghostTargets
    let change = Change.repair(targets(ids))
    var lines = ids.prefix(12).map { id in
      let entry = entries.row(id)?.entry
      let counts = entry.map {
        "  pinned \($0.pinned.map(String.init) ?? "-"), leases say \($0.refcount)"
      }
      return Dialog<Change>.Line("\(glyphs.warn) \(name(ofEntry: id))\(counts ?? "")", .warn)
    }
    if ids.count > 12 { lines.append(.init("and \(ids.count - 12) more", .dim)) }
    lines += [
      .init(""),
      .init("Effect: pinned becomes the sum of the lease refcounts. No lease and no file changes."),
    ]
    show(
      Dialog(
        title: "Repair \(Format.count(ids.count, "ghost pin"))?", lines: lines,
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "r", label: "Repair \(ids.count)"), openedBy: key, at: clock))
    return .flushInput
  }

  /// `X` on the overview: what is provably safe, in one go.
  mutating func askFixSafe(_ key: Key?) -> Effect<Work> {
    let stuck = leases.stuck
    let ghosts = figures?.statistics.ghosts ?? []
    guard !stuck.isEmpty || !ghosts.isEmpty else {
      say("nothing to fix: no lease is provably stuck, no pin is a ghost", .ok)
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
          + Self.undoWords(stuck.count + ghosts.count)),
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
}
