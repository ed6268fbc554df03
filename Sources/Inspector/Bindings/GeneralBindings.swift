internal import TUI

extension Binding {
  /// What works on every screen.
  static let generalBindings: [Binding] = tabBindings + paneBindings + sessionBindings

  private static let tabBindings: [Binding] =
    Tab.allCases.map { tab in
      Binding(
        "tab-\(tab.number)", [.character(Character(String(tab.number)))], tab.title,
        "go to \(tab.title)"
      ) { inspector, _ in
        inspector.visit(tab)
      }
    } + [
      Binding("next-tab", [.character("]")], "next tab", "the next tab") { inspector, _ in
        inspector.visit(inspector.house.tab.neighbour(1))
      },
      Binding("previous-tab", [.character("[")], "previous tab", "the previous tab") {
        inspector, _ in
        inspector.visit(inspector.house.tab.neighbour(-1))
      },
    ]

  private static let otherTabs = Set(Tab.allCases.filter { $0 != .gc })

  /// Tab has a meaning of its own where there are pictures.
  private static let withoutPictures = Set(Tab.allCases.filter { $0 != .overview })

  private static let panes = Rooms.tabs(with: .details)

  private static let paneBindings: [Binding] = [
    Binding(
      "details", [.character("i")], "details", "show or hide the details", tabs: panes, footer: 62
    ) {
      inspector, _ in
      inspector.house.toggleDetails()
      return .none
    },
    Binding("grow", [.character("+")], "bigger", "more room for the details", tabs: panes) {
      inspector, _ in
      inspector.house.growDetails(by: 1)
      return .none
    },
    Binding("shrink", [.character("_")], "smaller", "less room for the details", tabs: panes) {
      inspector, _ in
      inspector.house.growDetails(by: -1)
      return .none
    },
    Binding(
      "details-down", [.shiftPageDown, .control("e")], "scroll details",
      "scroll the details down, whatever has the keys", tabs: panes,
      obstacle: { $0.house.scrollObstacle },
      run: { inspector, _ in
        inspector.pageDetails(1)
        return .none
      }),
    Binding(
      "details-up", [.shiftPageUp, .control("y")], "scroll details up",
      "scroll the details up, whatever has the keys", tabs: panes,
      obstacle: { $0.house.scrollObstacle },
      run: { inspector, _ in
        inspector.pageDetails(-1)
        return .none
      }),
    Binding(
      "focus", [.tab, .backTab], "other pane",
      "move the keys between list, details and tasks", tabs: withoutPictures,
      obstacle: { $0.house.focusObstacle },
      run: { inspector, key in
        inspector.house.moveFocus(key)
        return .none
      }),
    Binding(
      "back", [.escape, .backspace], "back",
      "one step back: details, range, screen, filter, marks"
    ) { inspector, _ in inspector.goBack() },
  ]

  private static let sessionBindings: [Binding] = [
    Binding(
      "shell", [.character("b")], "shell", "a shell in the folder of this row, or of the cache",
      tabs: Rooms.tabs(with: .shell), startsProgram: true, isForRow: true
    ) { inspector, _ in inspector.openShell() },
    Binding(
      "gc-plan", [.character("C")], "GC plan", "go to what GC would take", tabs: otherTabs
    ) { inspector, _ in
      inspector.house.go(to: .gc)
      return .none
    },
    Binding("refresh", [.character("r")], "refresh", "read the cache again", footer: 60) {
      inspector, _ in inspector.reloadAll()
    },
    Binding("utc", [.character("U")], "UTC", "show times in UTC, or in the local zone again") {
      inspector, _ in inspector.house.toggleUTC()
    },
    Binding("redraw", [.control("l")], "redraw", "redraw the screen") { _, _ in .redraw },
    Binding("pause", [.character("Z")], "pause", "freeze the screen, or follow changes again") {
      inspector, _ in
      inspector.house.isPaused.toggle()
      inspector.house.say(
        inspector.house.isPaused
          ? "paused: changes are not shown until you press Z again" : "following again")
      return inspector.house.isPaused ? .none : inspector.reloadAll()
    },
    Binding(
      "undo", [.character("u")], "undo…", "undo the last change, after showing its rows",
      tier: .confirm, isChange: true, obstacle: { $0.house.leaseObstacle },
      run: { inspector, key in inspector.house.askUndo(inspector.house.lastChange, key) }),
    Binding("journal", [.character("J")], "journal", "the changes made through cachescope") {
      inspector, _ in
      inspector.house.overlay = JournalList()
      return inspector.house.refresh(.journal)
    },
    Binding("tasks", [.character("t")], "tasks", "what is running, or has ended; a letter cancels")
    {
      inspector, _ in
      inspector.house.openTasks()
      return .none
    },
    Binding("menu", [.character(".")], "actions", "what can be done with this row") {
      inspector, _ in
      inspector.openActionMenu()
      return .none
    },
    Binding("copy", [.character("y")], "copy", "copy a part of this row", footer: 57) {
      inspector, _ in
      inspector.openCopyMenu()
      return .none
    },
    Binding(
      "palette", [.character(":"), .control("p")], "commands", "find any command by its name",
      footer: 63
    ) { inspector, _ in
      inspector.house.overlay = BindingList(kind: .palette)
      return .none
    },
    Binding(
      "help", [.character("?"), .function(1)], "help", "the keys that work here", footer: 90
    ) { inspector, _ in
      inspector.house.overlay = BindingList(kind: .help)
      return .none
    },
    Binding(
      "quit", [.character("q"), .character("Q"), .function(10)], "quit",
      "quit; asks first while a task runs", footer: 91
    ) { inspector, key in inspector.house.leave(0, key) },
    Binding(
      "interrupt", [.control("c")], "cancel",
      "cancel what is being read, else quit; asks while a task runs"
    ) { inspector, _ in inspector.interrupt() },
    Binding("suspend", [.control("z")], "suspend", "back to the shell; `fg` returns") { _, _ in
      .suspend
    },
  ]
}
