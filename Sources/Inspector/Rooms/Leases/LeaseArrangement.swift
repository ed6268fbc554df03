internal import CacheKit
internal import TUI

/// The rows of a list of leases in the order in which they are wanted: filtered and sorted.
///
/// Pure: a worker may carry it out as well as the screen's own thread.
package struct LeaseArrangement: Sendable {
  let number: Int
  let snapshot: LeaseSnapshot
  /// Rows that have vanished and are still shown.
  let gone: [LeaseRow]
  let order: SortOrder
  let filter: LeaseFilter
  let ranks: [Int64: EvictionRank]

  func ids() -> [LeaseRow.ID] { places().map { id($0) } }

  /// Places among the rows, those that are gone behind them.
  func places() -> [Int] {
    let rows = snapshot.rows
    let all = Array(rows.indices) + gone.indices.map { rows.count + $0 }
    let shown =
      filter.text.isEmpty
      ? all : all.filter { filter.matches(row($0), now: snapshot.takenAt) }
    let key = key
    let keyed = shown.map { (key: key($0), rowID: rowID($0), place: $0) }
    let isDescending = order.isDescending
    let sorted = keyed.sorted { left, right in
      if left.key == right.key { return left.rowID < right.rowID }
      return (left.key < right.key) != isDescending
    }
    return sorted.map(\.place)
  }

  private func row(_ place: Int) -> LeaseRow {
    let rows = snapshot.rows
    return place < rows.count ? rows[place] : gone[place - rows.count]
  }

  private func rowID(_ place: Int) -> Int64 {
    let rows = snapshot.rows
    return place < rows.count
      ? rows.leases.rowID(at: place) : gone[place - rows.count].lease.rowID
  }

  private func id(_ place: Int) -> LeaseRow.ID {
    let rows = snapshot.rows
    return place < rows.count ? rows.id(at: place) : gone[place - rows.count].id
  }

  /// What the rows are sorted by; the usual order needs no row to be made.
  private var key: (Int) -> LeaseSortKey {
    let leases = snapshot.rows.leases
    let usual = LeaseColumns.verdict
    let column = LeaseColumns.all.first { $0.look.id == order.column } ?? usual
    let isUsual = column.look.id == usual.look.id
    return { place in
      if isUsual, place < leases.count {
        return LeaseSortKey(leases.verdict(at: place), bytes: leases.bytes(at: place))
      }
      let row = row(place)
      return column.key(LeaseToSort(row: row, rank: row.lease.id.entryID.flatMap { ranks[$0] }))
    }
  }
}

extension LeaseArrangement: Hashable {
  package static func == (left: LeaseArrangement, right: LeaseArrangement) -> Bool {
    left.number == right.number
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// A lease with what it can be sorted by beside the row itself.
struct LeaseToSort: Sendable {
  var row: LeaseRow
  /// Where its entry would stand in GC's order.
  var rank: EvictionRank?

  var lease: Lease { row.lease }
}

/// What a lease is sorted by in one column.
struct LeaseSortKey: Comparable {
  private var first: Int64 = 0
  private var second: Int64 = 0
  private var text = ""

  init(number: Int64) { first = number }
  init(text: String) { self.text = text }

  /// Provable first, then the most bytes blocked.
  init(_ verdict: LeaseVerdict, bytes: Int64) {
    first = Int64(verdict.rank)
    second = ~bytes
  }

  static func < (left: LeaseSortKey, right: LeaseSortKey) -> Bool {
    (left.first, left.second, left.text) < (right.first, right.second, right.text)
  }
}
