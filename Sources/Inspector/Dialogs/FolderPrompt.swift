internal import CacheKit
internal import SystemPackage
internal import TUI

/// The line that asks for a folder.
struct FolderPrompt: Sendable {
  enum Purpose: Sendable, Hashable {
    /// To search its pointers.
    case project
    /// To put the blobs of these pointers there.
    case target([LinkID])
  }

  var purpose = Purpose.project
  var field: TextField

  var label: String {
    switch purpose {
    case .project: "pointers under "
    case .target(let ids): "put \(Format.count(ids.count, "blob")) into "
    }
  }
}

extension Inspector {
  /// `P`: asks for another folder.
  mutating func askProject() {
    overlay = .folder(FolderPrompt(field: TextField(links.root.typed, history: rootHistory)))
  }

  private var rootHistory: [String] { filterHistory[.overview] ?? [] }

  mutating func press(_ key: Key, _ prompt: FolderPrompt) -> Effect<Work> {
    var prompt = prompt
    switch key {
    case .enter:
      overlay = nil
      return accept(prompt.field.text, for: prompt.purpose)
    case .escape, .control("c"):
      overlay = nil
    default:
      _ = prompt.field.handle(key)
      overlay = .folder(prompt)
    }
    return .none
  }

  private mutating func accept(
    _ typed: String, for purpose: FolderPrompt.Purpose
  ) -> Effect<Work> {
    let root = LinkRoot(typed)
    guard !typed.isEmpty, !typed.utf8.contains(0) else { return .none }
    // The overview has no filter, so its place in the history is free for folders.
    if rootHistory.last != typed { filterHistory[.overview, default: []].append(typed) }
    switch purpose {
    case .project:
      links.root = root
      return start(listLinks)
    case .target(let ids):
      links.target = typed
      links.placing = Placing(links: ids, root: root)
      return start(.links(.plan(ids, into: root)))
    }
  }

  /// Asks where the blobs of these pointers shall go; the last folder is proposed again.
  mutating func askTarget(of ids: [LinkID]) {
    overlay = .folder(
      FolderPrompt(
        purpose: .target(ids), field: TextField(links.target, history: rootHistory)))
  }

  /// A folder that cannot be searched leaves the pointers of the one before on the screen.
  mutating func failLinks(_ work: LinkWork, _ error: CacheError) {
    switch work {
    case .verify: say(Format.text(error.message), .bad)
    case .plan:
      if links.placing?.isAccepted == true { overlay = nil }
      links.placing = nil
      say(Format.text(error.message), .bad)
    case .list(let root, _):
      guard root == links.root else { return }
      if let snapshot = links.snapshot {
        links.root = snapshot.root
        say(Format.text(error.message), .bad)
      } else {
        links.failure = error
      }
    }
  }

  /// `e`: the pointer in the editor; it is read again when that ends.
  mutating func editLink() -> Effect<Work> {
    guard let row = links.selectedRow else { return .none }
    links.edited = row.id
    let name = row.item.path.string
    let path = name.hasPrefix("-") ? "./" + name : name
    let place = line(of: row).map { ["+\($0)"] } ?? []
    return run(settings.editor, place + [path])
  }

  /// The line of the error, for editors that are known to take one.
  private func line(of row: LinkRow) -> Int? {
    let known: Set<String> = ["vi", "vim", "nvim", "nano", "emacs", "micro", "joe", "kak", "ne"]
    guard row.item.state == .malformed, known.contains(settings.editor.name) else { return nil }
    return LinkRow.brief(row.item).split(separator: ":").first.flatMap { Int($0) }
  }

  /// Enter: the entry of the blob; on narrow screens the details.
  mutating func followLink() -> Effect<Work> {
    if layout.details == nil {
      openDetails()
      return .none
    }
    guard let id = links.selectedRow?.item.entry?.id else {
      say("the index has no entry for this pointer")
      return .none
    }
    return followEntry(id)
  }
}
