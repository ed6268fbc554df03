package import CacheKit
package import SystemPackage
internal import TUI

/// What putting blobs into a folder would write and replace.
package struct TargetPlan: Sendable, Hashable {
  package var folder: FilePath
  /// The folder as people write it; not yet escaped.
  package var title: String
  package var placements: [PullLinks.Placement]

  package init(folder: FilePath, title: String, placements: [PullLinks.Placement]) {
    self.folder = folder
    self.title = title
    self.placements = placements
  }
}

/// A question of `M` on its way: asked, shown, accepted.
struct Placing: Sendable {
  var links: [LinkID]
  var root: LinkRoot
  /// What the dialog shows.
  var plan: TargetPlan?
  /// True where it was accepted, and a worker looks whether it is still true.
  var isAccepted = false
}

extension Inspector {
  /// `M`: asks where the blobs of the marked pointers shall go, else that of the one under the cursor.
  mutating func askTarget() -> Effect<Work> {
    let rows = links.targets
    guard let first = rows.first else {
      say("no pointer here")
      return .none
    }
    let usable = rows.filter { $0.item.link != nil }
    guard !usable.isEmpty else {
      let look = first.look(glyphs)
      say(rows.count == 1 ? "\(look.word): it names no blob" : "none of them names a blob")
      return .none
    }
    askTarget(of: usable.map(\.id))
    return .none
  }

  /// Shows what would be done; nothing is done before its letter.
  mutating func take(_ plan: TargetPlan) -> Effect<Work> {
    guard let placing else { return .none }
    if placing.isAccepted { return confirm(plan, placing) }
    // Whoever has opened something else meanwhile does not want it any more.
    guard overlay == nil else { return .none }
    ask(plan)
    return .flushInput
  }

  /// The accept key: the dialog stays until a worker has looked at the folder once more.
  mutating func acceptTarget(_ dialog: Dialog<Change>) -> Effect<Work> {
    guard let placing else { return .none }
    overlay = .dialog(dialog)
    links.placing?.isAccepted = true
    return start(.links(.plan(placing.links, into: placing.root)))
  }

  private var placing: Placing? { links.placing }

  /// Starts what was accepted, or shows what it has become.
  private mutating func confirm(_ plan: TargetPlan, _ placing: Placing) -> Effect<Work> {
    links.placing?.isAccepted = false
    guard case .dialog(let shown) = overlay,
      case .materialize(let ids, let folder)? = shown.action
    else { return .none }
    if plan == placing.plan, targetDialog(plan).lines == shown.lines {
      overlay = nil
      return startFetch(.materialize(ids, into: folder), ids, into: folder)
    }
    ask(plan)
    if case .dialog(var dialog) = overlay, dialog.action != nil {
      dialog.rearm(because: "list changed: this is what it would do now", at: clock)
      overlay = .dialog(dialog)
    }
    return .flushInput
  }

  private mutating func ask(_ plan: TargetPlan) {
    links.placing?.plan = plan
    show(targetDialog(plan))
  }

  private func targetDialog(_ plan: TargetPlan) -> Dialog<Change> {
    let blocked = plan.placements.filter { Self.reason($0) != nil }
    let usable = plan.placements.filter { Self.reason($0) == nil }
    let refusals = blocked.map { placement in
      Dialog<Change>.Line("\(glyphs.bad) " + Format.text(Self.reason(placement) ?? ""), .bad)
    }
    guard !usable.isEmpty else {
      let lines = refusals.isEmpty ? [.init("no pointer is left that names a blob")] : refusals
      return .notice(title: "Nothing was changed", lines: lines, at: clock)
    }
    let change = Change.materialize(usable.map { LinkID($0.pointer) }, into: plan.folder)
    return Dialog(
      title: "Put \(Format.count(usable.count, "blob")) into \(Format.text(plan.title))?",
      lines: placementLines(usable) + refusals + effectLines(usable),
      commands: change.commands(cacheOption: settings.cacheOption), action: change,
      tier: .confirm(key: "w", label: "Write \(usable.count)"), openedBy: nil, at: clock)
  }

  private static func reason(_ placement: PullLinks.Placement) -> String? {
    guard case .blocked(let why) = placement.existing else { return nil }
    return why
  }

  private func placementLines(_ placements: [PullLinks.Placement]) -> [Dialog<Change>.Line] {
    var lines = placements.prefix(8).map { placement in
      let name = Format.text(placement.path.lastComponent?.string ?? placement.path.string)
      let isFile = placement.extract == .file
      let kind = isFile ? "file" : "folder, unpacked \(placement.extract.rawValue)"
      let (old, role): (String, Role) =
        switch placement.existing {
        case .file: (": REPLACES the file there", .warn)
        case .folder: (": REPLACES the folder there", .warn)
        case .nothing, .blocked: ("", .text)
        }
      return Dialog<Change>.Line("\(name)  (\(kind))\(old)", role)
    }
    if placements.count > 8 { lines.append(.init("and \(placements.count - 8) more", .dim)) }
    return lines
  }

  private func effectLines(_ placements: [PullLinks.Placement]) -> [Dialog<Change>.Line] {
    let replaced = placements.count { $0.existing != .nothing }
    let missing = placements.count { links.row(LinkID($0.pointer))?.needsFetch == true }
    var lines: [Dialog<Change>.Line] = [.init("")]
    if replaced > 0 {
      lines.append(
        .init("Replaced: \(replaced), with everything in it, when the new one is whole.", .warn))
    }
    if missing > 0 { lines.append(.init("Fetched first: \(missing)")) }
    lines.append(
      .init("Effect:   each blob is verified, and copied or unpacked all or nothing."))
    lines.append(.init("x cancels; what is whole by then stays.", .dim))
    return lines
  }
}
