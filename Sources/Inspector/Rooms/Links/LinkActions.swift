internal import CacheKit
internal import SystemPackage
internal import TUI

extension LinksRoom {
  /// A folder that cannot be searched leaves the pointers of the one before on the screen.
  mutating func fail(_ work: Work, _ error: CacheError, in house: inout House) -> Bool {
    guard let work = work.own(LinkWork.self) else { return false }
    switch work {
    case .verify: house.say(Format.text(error.message), .bad)
    case .plan:
      if placing?.isAccepted == true { house.overlay = nil }
      placing = nil
      house.say(Format.text(error.message), .bad)
    case .list(let root, _):
      guard root == self.root else { return true }
      if let snapshot {
        self.root = snapshot.root
        house.say(Format.text(error.message), .bad)
      } else {
        failure = error
      }
    }
    return true
  }

  /// `e`: the pointer in the editor; it is read again when that ends.
  mutating func editLink(in house: inout House) -> Effect<Work> {
    guard let row = selectedRow else { return .none }
    edited = row.id
    let name = row.item.path.string
    let path = name.hasPrefix("-") ? "./" + name : name
    let place = line(of: row, in: house).map { ["+\($0)"] } ?? []
    return house.run(house.settings.editor, place + [path])
  }

  /// The line of the error, for editors that are known to take one.
  private func line(of row: LinkRow, in house: House) -> Int? {
    let known: Set<String> = ["vi", "vim", "nvim", "nano", "emacs", "micro", "joe", "kak", "ne"]
    guard row.item.state == .malformed, known.contains(house.settings.editor.name) else {
      return nil
    }
    return LinkRow.brief(row.item).split(separator: ":").first.flatMap { Int($0) }
  }

  /// Enter: the entry of the blob; on narrow screens the details.
  mutating func followLink(in house: inout House) -> Effect<Work> {
    if house.layout.details == nil {
      house.openDetails()
      return .none
    }
    if let id = selectedRow?.item.entry?.id {
      house.go(to: .entries, .row(String(id)))
    } else {
      house.say("the index has no entry for this pointer")
    }
    return .none
  }
}
