internal import CacheKit
internal import SystemPackage
internal import TUI

/// The line that asks for a folder.
struct FolderPrompt: Sendable, Overlay {
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

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var prompt = self
    switch key {
    case .enter:
      inspector.house.overlay = nil
      return inspector.with(LinksRoom.self) { $0.accept(field.text, for: purpose, in: &$1) }
    case .escape, .control("c"):
      inspector.house.overlay = nil
    default:
      _ = prompt.field.handle(key)
      inspector.house.overlay = prompt
    }
    return .none
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var prompt = self
    prompt.field.insert(text)
    inspector.house.overlay = prompt
    return .none
  }

  /// The arrows recall what was typed before.
  var leavesListOpen: Bool { true }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    field.draw(after: label, on: layout.message, frame: &frame)
  }
}

extension LinksRoom {
  /// `P`: asks for another folder.
  mutating func askProject(in house: inout House) {
    house.overlay = FolderPrompt(
      field: TextField(root.typed, history: rootHistory(in: house)))
  }

  private func rootHistory(in house: House) -> [String] {
    house.filterHistory[.overview] ?? []
  }

  fileprivate mutating func accept(
    _ typed: String, for purpose: FolderPrompt.Purpose, in house: inout House
  ) -> Effect<Work> {
    let root = LinkRoot(typed)
    guard !typed.isEmpty, !typed.utf8.contains(0) else { return .none }
    // The overview has no filter, so its place in the history is free for folders.
    if rootHistory(in: house).last != typed {
      house.filterHistory[.overview, default: []].append(typed)
    }
    switch purpose {
    case .project:
      self.root = root
      return house.start(list)
    case .target(let ids):
      target = typed
      placing = Placing(links: ids, root: root)
      return house.start(.links(.plan(ids, into: root)))
    }
  }

  /// Asks where the blobs of these pointers shall go; the last folder is proposed again.
  mutating func askTarget(of ids: [LinkID], in house: inout House) {
    house.overlay = FolderPrompt(
      purpose: .target(ids), field: TextField(target, history: rootHistory(in: house)))
  }
}
