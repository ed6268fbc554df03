internal import TUI

extension Binding {
  private static let lists = Rooms.tabs(with: .list)
  private static let searched = lists.union(Rooms.tabs(with: .search))

  /// What works on every list.
  static let listBindings: [Binding] = [
    Binding("down", [.character("j"), .down], "down", "one row down", run: move),
    Binding("up", [.character("k"), .up], "up", "one row up", run: move),
    Binding("page-down", [.pageDown, .control("d")], "page down", "a page down", run: move),
    Binding("page-up", [.pageUp, .control("u")], "page up", "a page up", run: move),
    Binding("first", [.character("g"), .home], "first", "the first row", run: move),
    Binding("last", [.character("G"), .end], "last", "the last row", run: move),
    Binding(
      "scroll-left", [.character("h"), .left], "scroll left", "scroll long cells to the left",
      run: move),
    Binding(
      "scroll-right", [.character("l"), .right], "scroll right", "scroll long cells to the right",
      run: move),
    Binding(
      "mark", [.character(" ")], "mark", "mark or unmark this row and move down", tabs: lists,
      footer: 10
    ) { inspector, _ in
      inspector.mark(.row)
      return .none
    },
    Binding(
      "mark-all", [.character("a")], "mark all", "mark all rows shown", tabs: lists, footer: 59
    ) {
      inspector, _ in
      inspector.mark(.all)
      return .none
    },
    Binding(
      "mark-range", [.character("V")], "range", "start or end a range of marks", tabs: lists
    ) { inspector, _ in
      inspector.changeTable { $0.toggleRange() }
      return .none
    },
    Binding(
      "invert", [.character("*")], "invert marks", "swap marked and unmarked rows",
      tabs: lists
    ) {
      inspector, _ in
      inspector.mark(.inverted)
      return .none
    },
    Binding(
      "filter", [.character("/"), .function(4)], "filter",
      "show only rows that match; ? in the line tells how", tabs: lists, footer: 51
    ) { inspector, _ in
      inspector.openFilter()
      return .none
    },
    Binding(
      "search", [.function(3), .control("f")], "search",
      "go to the next row that matches, and hide none", tabs: searched
    ) { inspector, _ in
      inspector.openSearch()
      return .none
    },
    Binding(
      "find-next", [.character("n")], "next match",
      "the next row that matches the last search or filter", tabs: searched
    ) { inspector, _ in inspector.find(1) },
    Binding(
      "find-previous", [.character("N")], "previous match",
      "the previous row that matches the last search or filter", tabs: searched
    ) { inspector, _ in inspector.find(-1) },
    Binding(
      "problems-only", [.character("!")], "problems", "show only rows with a problem, or all again",
      tabs: lists, footer: 58
    ) { inspector, _ in inspector.toggleProblems() },
    Binding(
      "sort", [.character("s"), .function(6)], "sort", "choose the sort column", tabs: lists,
      footer: 50
    ) { inspector, _ in
      inspector.openSortMenu()
      return .none
    },
    Binding(
      "reverse", [.character("S")], "reverse", "reverse the order", tabs: lists
    ) { inspector, _ in inspector.reverseSort() },
    Binding(
      "sort-left", [.character("<")], "sort left", "sort by the column on the left", tabs: lists
    ) { inspector, _ in inspector.moveSort(-1) },
    Binding(
      "sort-right", [.character(">")], "sort right", "sort by the column on the right",
      tabs: lists
    ) { inspector, _ in inspector.moveSort(1) },
    Binding(
      "columns", [.character("c")], "columns", "choose the columns and their order", tabs: lists
    ) { inspector, _ in
      inspector.openColumnMenu()
      return .none
    },
    Binding(
      "wide", [.character("W")], "wide", "all columns in full, scrolled sideways; or back",
      tabs: lists
    ) { inspector, _ in
      inspector.toggleWide()
      return .none
    },
  ]

  private static func move(_ inspector: inout Inspector, _ key: Key) -> Effect<Work> {
    if inspector.house.areTasksFocused {
      inspector.house.moveTasks(key)
    } else if inspector.house.areDetailsFocused {
      inspector.scrollDetails(key)
    } else if !inspector.moveInRoom(key) {
      inspector.changeTable { _ = $0.handle(key) }
      inspector.limitScroll()
    }
    return .none
  }
}
