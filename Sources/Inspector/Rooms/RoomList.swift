internal import CacheKit
internal import TUI

/// The list of a room: its rows, and what a person narrows, searches and sorts them by.
protocol RoomList: Sendable {
  associatedtype RowID: Hashable & Sendable

  var table: TableState<RowID> { get set }

  /// Empty where no filter is set.
  var filterText: String { get }
  /// What is wrong with the filter: it matches nothing; or `nil`.
  var filterProblem: String? { get }
  /// Sets the filter; the cursor stays on its thing.
  mutating func setFilter(_ text: String, in house: inout House) -> Effect<Work>
  /// What the filter understands.
  var filterGuide: FilterGuide { get }
  /// `n` and `N`: the next row that matches; with 0 the one under the cursor counts, too.
  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work>

  /// `nil` where the order is nobody's choice.
  var sorting: Sorting? { get }
  mutating func setOrder(_ order: SortOrder, in house: inout House) -> Effect<Work>
  /// The order of the last run, before anything is read.
  mutating func restore(_ order: SortOrder)

  /// Takes a key that moves, where there is more to move in than the list; false leaves it to the list.
  mutating func move(_ key: Key, in house: inout House) -> Bool
  /// Esc: out of what only this room has; false where there is nothing of it.
  mutating func stepBack(in house: inout House) -> Bool
  /// A click beside the list; false where nothing is there. A second one opens.
  mutating func click(_ point: Point, _ layout: Layout, in house: inout House) -> Bool
  /// A name under which the next run finds a row again; `nil` where there is none that lasts.
  func rowName(_ id: RowID) -> String?
  func row(named name: String) -> RowID?
  /// What the columns can be chosen from, in their usual order; empty where nobody chooses.
  var columnItems: [ColumnItem] { get }
  /// Those that are shown where nobody chose.
  func usualColumns(in house: House) -> Set<String>
  var columns: ColumnChoice { get set }

  /// Marks rows; a heading stands for its rows.
  mutating func mark(_ which: Marking)
  /// How many things are marked, in sight or not.
  var markCount: Int { get }

  /// Shows what somebody followed to here; gives the filter that is to be set for it, if any.
  mutating func show(_ target: RowTarget) -> String?
}

/// What a key marks.
enum Marking: Sendable {
  /// The row under the cursor; the cursor goes on.
  case row
  case all
  case inverted
}

/// The columns that a list can be sorted by, and the order in use.
struct Sorting: Sendable {
  var columns: [(id: String, title: String)]
  /// Those that are not shown.
  var others: [(id: String, title: String)] = []
  var order: SortOrder
  /// Those where the most is what people look for.
  var descendingFirst: Set<String> = []
}

/// Where Enter leads in another room.
enum RowTarget: Sendable, Hashable {
  /// The rows of a filter.
  case rows(filter: String)
  /// One row, by its name.
  case row(String)
}

extension RoomList {
  var filterText: String { "" }
  var filterProblem: String? { nil }
  mutating func setFilter(_ text: String, in house: inout House) -> Effect<Work> { .none }

  var sorting: Sorting? { nil }
  mutating func setOrder(_ order: SortOrder, in house: inout House) -> Effect<Work> { .none }
  mutating func restore(_ order: SortOrder) {}

  mutating func move(_ key: Key, in house: inout House) -> Bool { false }
  mutating func stepBack(in house: inout House) -> Bool { false }
  mutating func click(_ point: Point, _ layout: Layout, in house: inout House) -> Bool { false }
  var columnItems: [ColumnItem] { [] }
  func usualColumns(in house: House) -> Set<String> { [] }
  var columns: ColumnChoice {
    get { ColumnChoice() }
    set {}
  }

  var markCount: Int { table.marks.count }

  mutating func mark(_ which: Marking) {
    switch which {
    case .row:
      table.toggleMark()
      table.move(by: 1)
    case .all: table.markAll()
    case .inverted: table.invertMarks()
    }
  }

  mutating func show(_ target: RowTarget) -> String? {
    switch target {
    case .rows(let filter), .row(let filter): filter
    }
  }
}
