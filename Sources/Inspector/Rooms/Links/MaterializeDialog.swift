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

extension LinksRoom {
  /// `M`: asks where the blobs of the marked pointers shall go, else that of the one under the cursor.
  mutating func askTarget(in house: inout House) -> Effect<Work> {
    let rows = targets
    guard let first = rows.first else {
      house.say("no pointer here")
      return .none
    }
    let usable = rows.filter { $0.item.link != nil }
    guard !usable.isEmpty else {
      let look = first.look(house.glyphs)
      house.say(rows.count == 1 ? "\(look.word): it names no blob" : "none of them names a blob")
      return .none
    }
    askTarget(of: usable.map(\.id), in: &house)
    return .none
  }

  /// Shows what would be done; nothing is done before its letter.
  mutating func take(_ plan: TargetPlan, in house: inout House) -> Effect<Work> {
    guard let placing else { return .none }
    if placing.isAccepted { return confirm(plan, placing, in: &house) }
    // Whoever has opened something else meanwhile does not want it any more.
    guard house.overlay == nil else { return .none }
    ask(plan, in: &house)
    return .flushInput
  }

  /// The accept key: the dialog stays until a worker has looked at the folder once more.
  mutating func acceptTarget(_ dialog: Dialog<Change>, in house: inout House) -> Effect<Work> {
    guard let placing else { return .none }
    house.overlay = dialog
    self.placing?.isAccepted = true
    return house.start(.links(.plan(placing.links, into: placing.root)))
  }

  /// Starts what was accepted, or shows what it has become.
  private mutating func confirm(_ plan: TargetPlan, _ placing: Placing, in house: inout House)
    -> Effect<Work>
  {
    self.placing?.isAccepted = false
    guard let shown = house.dialog, case .materialize(let ids, let folder)? = shown.action
    else { return .none }
    if plan == placing.plan, targetDialog(plan, in: house).lines == shown.lines {
      house.overlay = nil
      return startFetch(.materialize(ids, into: folder), ids, into: folder, in: &house)
    }
    ask(plan, in: &house)
    if var dialog = house.dialog, dialog.action != nil {
      dialog.rearm(because: "list changed: this is what it would do now", at: house.clock)
      house.overlay = dialog
    }
    return .flushInput
  }

  private mutating func ask(_ plan: TargetPlan, in house: inout House) {
    self.placing?.plan = plan
    house.show(targetDialog(plan, in: house))
  }

  private func targetDialog(_ plan: TargetPlan, in house: House) -> Dialog<Change> {
    let blocked = plan.placements.filter { Self.reason($0) != nil }
    let usable = plan.placements.filter { Self.reason($0) == nil }
    let refusals = blocked.map { placement in
      Dialog<Change>.Line("\(house.glyphs.bad) " + Format.text(Self.reason(placement) ?? ""), .bad)
    }
    guard !usable.isEmpty else {
      let lines = refusals.isEmpty ? [.init("no pointer left that names a blob")] : refusals
      return .notice(title: "Nothing was changed", lines: lines, at: house.clock)
    }
    let change = Change.materialize(usable.map { LinkID($0.pointer) }, into: plan.folder)
    return Dialog(
      title: "Put \(Format.count(usable.count, "blob")) into \(Format.text(plan.title))?",
      lines: placementLines(usable, in: house) + refusals + effectLines(usable, in: house),
      commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
      tier: .confirm(key: "w", label: "Write \(usable.count)"), openedBy: nil, at: house.clock)
  }

  private static func reason(_ placement: PullLinks.Placement) -> String? {
    guard case .blocked(let why) = placement.existing else { return nil }
    return why
  }

  private func placementLines(_ placements: [PullLinks.Placement], in house: House) -> [Dialog<
    Change
  >.Line] {
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

  private func effectLines(_ placements: [PullLinks.Placement], in house: House) -> [Dialog<Change>
    .Line]
  {
    let replaced = placements.count { $0.existing != .nothing }
    let missing = placements.count { row(LinkID($0.pointer))?.needsFetch == true }
    var lines: [Dialog<Change>.Line] = [.init("")]
    if replaced > 0 {
      lines.append(
        .init(
          "Replaced: \(replaced), with everything in it, once the new one is complete. That cannot "
            + "be undone.", .warn))
    }
    if missing > 0 { lines.append(.init("Fetched first: \(missing)")) }
    lines.append(
      .init("Effect:   each blob is verified, and copied or unpacked all or nothing."))
    lines.append(.init("x cancels; what is complete by then stays.", .dim))
    return lines
  }
}
