internal import TUI

extension LinksRoom {
  static let bindings: [Binding] = [
    own(
      "link-entry", [.enter], "entry", "go to the entry of this blob", footer: 52, isForRow: true
    ) { room, house, _ in room.followLink(in: &house) },
    own(
      "fetch", [.character("f")], "fetch…", "download the blobs of the marked pointers",
      tier: .confirm, isChange: true, footer: 1, isForRow: true,
      obstacle: { $0.fetchRowObstacle(in: $1) },
      run: { room, house, key in room.askFetch(key, in: &house) }),
    own(
      "fetch-all", [.character("F")], "fetch all bad…", "download whatever is bad or missing",
      tier: .confirm, isChange: true, footer: 2,
      obstacle: { $0.fetchAllObstacle(in: $1) },
      run: { room, house, key in room.askFetchAll(key, in: &house) }),
    own(
      "verify", [.character("v")], "verify", "read the blobs of the marked pointers and hash them",
      footer: 3, isForRow: true
    ) { room, house, _ in room.verifyLinks(in: &house) },
    own(
      "cancel-links", [.character("x")], "cancel", "cancel the fetch, verification or search",
      obstacle: { $0.cancelObstacle(in: $1) },
      run: { room, house, _ in room.cancelLinkWork(in: &house) }),
    own(
      "project", [.character("P")], "project…", "search the pointers of another folder",
      footer: 53
    ) { room, house, _ in
      room.askProject(in: &house)
      return .none
    },
    own(
      "materialize", [.character("M")], "put into…",
      "put the marked blobs into a folder, unpacked if their pointers say so",
      tier: .confirm, isChange: true, footer: 55, isForRow: true,
      obstacle: { $0.fetchObstacle(in: $1) }, run: { room, house, _ in room.askTarget(in: &house) }),
    own(
      "edit", [.character("e")], "edit", "open the pointer in the editor, then check it again",
      startsProgram: true, footer: 54, isForRow: true,
      obstacle: { room, _ in room.selectedRow == nil ? "no pointer here" : nil },
      run: { room, house, _ in room.editLink(in: &house) }),
  ]
}
