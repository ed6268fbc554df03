internal import TUI

/// A table whatever its rows are, as far as moving and marking go.
protocol AnyTable {
  mutating func handle(_ key: Key) -> Bool
  mutating func clearMarks()
  mutating func toggleRange()
  mutating func cancelRange() -> Bool
  mutating func move(to row: Int)
  mutating func move(by rows: Int)
}

extension TableState: AnyTable {}

extension RoomList {
  mutating func changeTable(_ body: (inout any AnyTable) -> Void) {
    var any: any AnyTable = table
    body(&any)
    if let changed = any as? TableState<RowID> { table = changed }
  }

  var cursor: Int { table.cursor }
  var top: Int { table.top }
  var rowCount: Int { table.ids.count }
  var hasRange: Bool { table.rangeStart != nil }
}

extension RoomView {
  mutating func limitScroll(width: Int, in house: House) {
    guard table.scroll > 0 else { return }
    table.limitScroll(to: scrollLimit(width: width, in: house))
  }
}
