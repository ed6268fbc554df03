internal import CacheKit
internal import TUI

/// A table whatever its rows are, as far as moving and marking go.
protocol AnyTable {
  mutating func handle(_ key: Key) -> Bool
  mutating func markAndMove()
  mutating func markAll()
  mutating func invertMarks()
  mutating func clearMarks()
  mutating func toggleRange()
  mutating func cancelRange() -> Bool
  mutating func limitScroll(to cells: Int)
  mutating func move(to row: Int)
  mutating func move(by rows: Int)
  var cursor: Int { get }
  var top: Int { get }
  var scroll: Int { get }
  var count: Int { get }
  var markCount: Int { get }
  var isRangeOpen: Bool { get }
}

extension TableState: AnyTable {
  mutating func markAndMove() {
    toggleMark()
    move(by: 1)
  }
  var count: Int { ids.count }
  var markCount: Int { marks.count }
  var isRangeOpen: Bool { rangeStart != nil }
}

extension Inspector {
  /// Changes the table of the screen that is shown.
  mutating func withTable(_ body: (inout any AnyTable) -> Void) {
    var table: any AnyTable = currentTable
    body(&table)
    pane.top = 0
    switch table {
    case let state as TableState<Int64>: entries.table = state
    case let state as TableState<LeaseRow.ID>: leases.table = state
    case let state as TableState<LinkID>: links.table = state
    case let state as TableState<String>:
      if tab == .overview { overview.table = state } else { migrations.table = state }
    default: break
    }
  }

  var currentTable: any AnyTable {
    switch tab {
    case .overview: overview.table
    case .entries: entries.table
    case .leases: leases.table
    case .migrations: migrations.table
    case .links: links.table
    }
  }

  /// Goes to a screen that a key names; Esc does not lead back from there.
  mutating func visit(_ tab: Tab) -> Effect<Work> {
    trail = []
    return open(tab)
  }

  /// Goes to the rows that belong to what is under the cursor; Esc leads back. A filter that is set
  /// for it goes with it.
  mutating func follow(to tab: Tab, filter: String? = nil) -> Effect<Work> {
    let from = self.tab
    let effect = open(tab)
    let before = filterText
    trail.append(Step(from: from, to: tab, filter: filter, before: before))
    return effect + (filter.map { setFilter($0) } ?? .none)
  }

  /// Back to where Enter was pressed; `nil` where this screen was not reached so.
  private mutating func stepBack() -> Effect<Work>? {
    guard let step = trail.last, step.to == tab, filterText == step.filter ?? step.before
    else { return nil }
    trail.removeLast()
    let effect = step.filter == nil ? .none : setFilter(step.before)
    return effect + open(step.from)
  }

  @discardableResult
  mutating func open(_ tab: Tab) -> Effect<Work> {
    self.tab = tab
    pane.isFull = false
    pane.isFocused = false
    pane.top = 0
    switch tab {
    case .migrations: return start(.openers)
    case .links: return showLinks()
    case .overview, .entries, .leases: return .none
    }
  }

  mutating func openDetails() {
    pane.isFull = true
    pane.top = 0
  }

  /// `i`: hides the pane, and gives the keys back to the list.
  mutating func toggleDetails() {
    pane.isShown.toggle()
    if !pane.isShown { pane.isFocused = false }
  }

  /// `+` and `_`: counts only what the screen has room for, so that the other key works at once.
  mutating func growDetails(by step: Int) {
    let before = layout.details
    pane.growth += step
    if layout.details == before { pane.growth -= step }
  }

  /// The keys go to the details.
  var areDetailsFocused: Bool { (pane.isFocused || pane.isFull) && layout.details != nil }

  var areTasksFocused: Bool { pane.focus == .tasks && !pane.isFull && layout.tasks != nil }

  /// Tab and shift-Tab: the list, the details, the tasks, and round; what is not shown is left out.
  mutating func moveFocus(_ key: Key) {
    let layout = layout
    var places = [DetailsPane.Focus.list]
    if layout.details != nil { places.append(.details) }
    if layout.tasks != nil { places.append(.tasks) }
    let now = places.firstIndex(of: pane.focus) ?? 0
    let step = key == .backTab ? places.count - 1 : 1
    pane.focus = places[(now + step) % places.count]
  }

  /// Why Tab has nowhere to go, or `nil`.
  var focusObstacle: String? {
    let layout = layout
    guard layout.details == nil, layout.tasks == nil else { return nil }
    if tab == .overview { return "there is nothing beside the list" }
    let isRoomy = layout.mode == .stacked || layout.mode == .wide
    return isRoomy ? "no details on the screen: i shows them" : "Enter opens the details"
  }

  mutating func scrollDetails(_ key: Key) {
    let page = max(1, layout.detailLines - 1)
    switch key {
    case .character("j"), .down: moveDetails(by: 1)
    case .character("k"), .up: moveDetails(by: -1)
    case .pageDown, .control("d"): moveDetails(by: page)
    case .pageUp, .control("u"): moveDetails(by: -page)
    case .character("g"), .home: pane.top = 0
    case .character("G"), .end: moveDetails(by: detailLineCount)
    default: break
    }
  }

  /// Scrolls the details, as far as there are lines.
  mutating func moveDetails(by step: Int) {
    pane.top = max(0, min(pane.top + step, detailLineCount - layout.detailLines))
  }

  private var detailLineCount: Int { detailLines(width: layout.details?.width ?? 1).count }

  /// Esc closes one thing at a time and never quits.
  mutating func goBack() -> Effect<Work> {
    if pane.isFull {
      pane.isFull = false
    } else if pane.focus != .list {
      pane.focus = .list
    } else if currentTable.isRangeOpen {
      withTable { _ = $0.cancelRange() }
    } else if currentTable.markCount == 0, let effect = stepBack() {
      return effect
    } else if !filterText.isEmpty {
      return clearFilter()
    } else {
      withTable { $0.clearMarks() }
    }
    pane.top = 0
    return .none
  }

  mutating func interrupt() -> Effect<Work> {
    if !runningTasks.isEmpty { return leave(130, .control("c")) }
    let reads = running.keys.filter { $0.kind == .query }
    guard !reads.isEmpty else { return .quit(130) }
    say("cancelled: \(reads.map(\.name).sorted().joined(separator: ", "))", .warn)
    return .batch(reads.sorted { $0.name < $1.name }.map { .cancel($0) })
  }

  /// On narrow screens the details open in full; else the leases of the entry.
  mutating func followEntry() -> Effect<Work> {
    if layout.details == nil {
      openDetails()
      return .none
    }
    return showHolders()
  }

  /// The leases on the entry under the cursor, where there are any.
  mutating func showHolders() -> Effect<Work> {
    guard let id = entries.selectedRow?.id else {
      say("this is the heading of a group, not an entry")
      return .none
    }
    guard leases.snapshot?.rows.rows(onEntry: id).isEmpty == false else {
      say("no lease on entry \(id)")
      return .none
    }
    return follow(to: .leases, filter: "entry:\(id)")
  }

  mutating func followLease() -> Effect<Work> {
    if layout.details == nil {
      openDetails()
      return .none
    }
    guard let row = leases.selectedRow, let id = row.lease.id.entryID, row.lease.entry != nil else {
      say("the entry of this lease is gone", .warn)
      return .none
    }
    return followEntry(id)
  }

  mutating func followEntry(_ id: Int64) -> Effect<Work> {
    guard entries.table.ids.contains(id) else { return follow(to: .entries, filter: "id:\(id)") }
    let effect = follow(to: .entries)
    entries.table.select(id)
    return effect
  }
}

/// One step of Enter to another screen.
struct Step: Sendable, Hashable {
  var from: Tab
  var to: Tab
  /// The filter that was set there, and the one before it.
  var filter: String?
  var before: String
}
