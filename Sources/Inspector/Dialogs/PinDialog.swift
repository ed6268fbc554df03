internal import CacheKit
internal import TUI

extension House {
  /// The entries that carry a durable pin.
  private var pinnedEntries: Set<Int64> {
    Set(
      (leases?.rows.rows { $0 == .pin } ?? []).compactMap(\.lease.id.entryID))
  }

  /// `p`: asks before it pins, and before it unpins where all are pinned.
  mutating func togglePins(_ ids: [Int64], _ key: Key) -> Effect<Work> {
    guard !ids.isEmpty else {
      say("no entry here")
      return .none
    }
    let pinned = pinnedEntries
    let open = ids.filter { !pinned.contains($0) }
    if open.isEmpty { askUnpin(ids, key) } else { askPin(open, of: ids.count, key) }
    return .flushInput
  }

  func targets(_ ids: [Int64]) -> EntryTargets {
    EntryTargets(ids: ids, shown: ids.compactMap { entryRow($0)?.entry })
  }

  private mutating func askPin(_ ids: [Int64], of count: Int, _ key: Key) {
    let change = Change.pin(targets(ids), PinTerms())
    var lines = ids.prefix(8).map { Dialog<Change>.Line("\(glyphs.pin) \(name(ofEntry: $0))") }
    if ids.count > 8 { lines.append(.init("and \(ids.count - 8) more", .dim)) }
    if count > ids.count {
      let pinned = count - ids.count
      lines.append(.init("\(pinned) of them \(pinned == 1 ? "is" : "are") pinned already.", .dim))
    }
    lines += [
      .init(""),
      .init(
        "Effect: fbuild's GC leaves \(ids.count == 1 ? "it" : "them") alone until unpinned. No file "
          + "changes. \(Self.undoWords(ids.count))"),
      .init(
        "The end is \(PinEnd.forms). Once it has passed, doctor reports the pin, and --fix takes it off.",
        .dim),
    ]
    var dialog = Dialog(
      title: "Pin \(Format.count(ids.count, "entry", plural: "entries"))?", lines: lines,
      commands: change.commands(cacheOption: settings.cacheOption), action: change,
      tier: .confirm(key: "k", label: "Keep \(ids.count)"), openedBy: key, at: clock)
    dialog.fields = [
      .init("r", "reason", hint: "none; press r to type one"),
      .init("e", "end", hint: "none; press e to type one"),
    ]
    show(dialog)
  }

  /// The accepted dialog, with what was typed into it; an end that is none keeps the question open.
  mutating func pin(_ targets: EntryTargets, _ dialog: Dialog<Change>) -> Effect<Work> {
    if let fault = endFault(dialog) {
      var dialog = dialog
      dialog.rearm(because: fault, at: clock)
      overlay = dialog
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
    guard let end = pinEnd(text) else {
      return "'\(Format.text(text))' is not a time: \(PinEnd.forms)"
    }
    return end > wallNow ? nil : "this end has already passed: \(PinEnd.text(end))"
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
      .init("Other leases on these entries stay. \(Self.undoWords(ids.count))", .dim),
    ]
    show(
      Dialog(
        title: "Unpin \(Format.count(ids.count, "entry", plural: "entries"))?", lines: lines,
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "u", label: "Unpin \(ids.count)"), openedBy: key, at: clock))
  }
}
