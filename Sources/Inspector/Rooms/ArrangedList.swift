internal import TUI

/// A filter that is read from one line.
protocol LineFilter: Sendable {
  init(_ text: String)

  var text: String { get }
  /// What is wrong with the first term that can match nothing; `nil` where all can be used.
  var problem: String? { get }
}

/// A list whose rows are all in memory: a new order or filter arranges them anew.
protocol ArrangedList: RoomList {
  associatedtype Filter: LineFilter

  var order: SortOrder { get set }
  var filter: Filter { get set }

  /// Filters and sorts anew.
  mutating func rearrange()
}

extension ArrangedList {
  mutating func setOrder(_ order: SortOrder, in house: inout House) -> Effect<Work> {
    self.order = order
    rearrange()
    return .none
  }

  mutating func restore(_ order: SortOrder) { self.order = order }

  var filterText: String { filter.text }
  var filterProblem: String? { filter.problem }

  mutating func setFilter(_ text: String, in house: inout House) -> Effect<Work> {
    filter = Filter(text)
    rearrange()
    return .none
  }
}
