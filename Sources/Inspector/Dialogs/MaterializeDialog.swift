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
  mutating func askMaterialize(_ plan: TargetPlan) -> Effect<Work> {
    // Whoever has opened something else meanwhile does not want it any more.
    guard overlay == nil else { return .none }
    let blocked = plan.placements.filter { Self.reason($0) != nil }
    let usable = plan.placements.filter { Self.reason($0) == nil }
    let refusals = blocked.map { placement in
      Dialog<Change>.Line("\(glyphs.bad) " + Format.text(Self.reason(placement) ?? ""), .bad)
    }
    guard !usable.isEmpty else {
      let lines = refusals.isEmpty ? [.init("no pointer is left that names a blob")] : refusals
      show(.notice(title: "Nothing was changed", lines: lines, at: clock))
      return .none
    }
    let change = Change.materialize(usable.map { LinkID($0.pointer) }, into: plan.folder)
    show(
      Dialog(
        title: "Put \(Format.count(usable.count, "blob")) into \(Format.text(plan.title))?",
        lines: placementLines(usable) + refusals + effectLines(usable),
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "m", label: "Put \(usable.count)"), openedBy: nil, at: clock))
    return .flushInput
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
