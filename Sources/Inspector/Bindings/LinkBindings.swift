internal import CacheKit
internal import TUI

extension Binding {
  /// What the keys mean while they go to the strip of tasks.
  package static let taskBindings: [Binding] = [
    Binding(
      "cancel-task", [.character("x")], "cancel/clear",
      "cancel the task, or clear what has ended from the strip", footer: 0,
      obstacle: { $0.taskObstacle }, run: { inspector, _ in inspector.cancelTask() })
  ]

  static let linkBindings: [Binding] = [
    Binding(
      "link-entry", [.enter], "entry", "go to the entry of this blob", tabs: [.links],
      footer: 52, isForRow: true
    ) { inspector, _ in inspector.followLink() },
    Binding(
      "fetch", [.character("f")], "fetch…", "download the blobs of the marked pointers",
      tabs: [.links], tier: .confirm, isChange: true, footer: 1, isForRow: true,
      obstacle: { $0.fetchObstacle }, run: { inspector, key in inspector.askFetch(key) }),
    Binding(
      "fetch-all", [.character("F")], "fetch all bad…", "download whatever is bad or missing",
      tabs: [.links], tier: .confirm, isChange: true, footer: 2,
      obstacle: { $0.fetchObstacle }, run: { inspector, key in inspector.askFetchAll(key) }),
    Binding(
      "verify", [.character("v")], "verify", "read the blobs of the marked pointers and hash them",
      tabs: [.links], footer: 3, isForRow: true
    ) { inspector, _ in inspector.verifyLinks() },
    Binding(
      "cancel-links", [.character("x")], "cancel", "cancel the fetch, verification or search",
      tabs: [.links], obstacle: { $0.cancelObstacle },
      run: { inspector, _ in inspector.cancelLinkWork() }),
    Binding(
      "project", [.character("P")], "project…", "search the pointers of another folder",
      tabs: [.links], footer: 53
    ) { inspector, _ in
      inspector.askProject()
      return .none
    },
    Binding(
      "materialize", [.character("M")], "put into…",
      "put the blobs of the marked pointers into a folder, unpacked where they say so",
      tabs: [.links], tier: .confirm, isChange: true, footer: 55, isForRow: true,
      obstacle: { $0.fetchObstacle }, run: { inspector, _ in inspector.askTarget() }),
    Binding(
      "edit", [.character("e")], "edit", "open the pointer in the editor, then check it again",
      tabs: [.links], startsProgram: true, footer: 54, isForRow: true,
      obstacle: { $0.links.selectedRow == nil ? "no pointer here" : nil },
      run: { inspector, _ in inspector.editLink() }),
  ]
}
