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

  func ids() -> [LeaseRow.ID] {
    let rows = snapshot.rows
    let all = Array(rows.indices) + gone.indices.map { rows.count + $0 }
    let shown =
      filter.text.isEmpty
      ? all : all.filter { filter.matches(row($0), now: snapshot.takenAt) }
    let keyed = shown.map { (key: key($0), rowID: rowID($0), place: $0) }
    let isDescending = order.isDescending
    let sorted = keyed.sorted { left, right in
      if left.key == right.key { return left.rowID < right.rowID }
      return (left.key < right.key) != isDescending
    }
    return sorted.map { id($0.place) }
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

  /// The usual order needs no row to be made.
  private func key(_ place: Int) -> LeaseSortKey {
    let leases = snapshot.rows.leases
    guard order.column == LeaseSortKey.usual, place < leases.count else {
      return LeaseSortKey(row(place), order.column, ranks)
    }
    return LeaseSortKey(leases.verdict(at: place), bytes: leases.bytes(at: place))
  }
}

extension LeaseArrangement: Hashable {
  package static func == (left: LeaseArrangement, right: LeaseArrangement) -> Bool {
    left.number == right.number
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// What a lease is sorted by in one column.
struct LeaseSortKey: Comparable {
  private var first: Int64 = 0
  private var second: Int64 = 0
  private var text = ""

  static let usual = "verdict"

  /// Provable first, then the most bytes blocked.
  init(_ verdict: LeaseVerdict, bytes: Int64) {
    first = Int64(verdict.rank)
    second = ~bytes
  }

  /// `ranks` are the places in GC's order by entry.
  init(_ row: LeaseRow, _ column: String, _ ranks: [Int64: EvictionRank]) {
    let lease = row.lease
    switch column {
    case "lru":
      let place = lease.id.entryID.flatMap { ranks[$0]?.position }
      first = place.map(Int64.init) ?? .max
    case "pid": first = lease.id.holderPID ?? -1
    case "user": text = row.judgement.holder?.userName ?? ""
    case "holder": text = LeaseColumns.holder(row)
    case "ref": first = lease.refcount ?? -1
    case "acquired": first = lease.acquiredAt ?? .min
    case "age": first = ~(lease.acquiredAt ?? .min)
    case "blocks": first = lease.entry?.bytes ?? -1
    case "entry": text = LeaseColumns.entry(lease)
    default:
      first = Int64(row.judgement.verdict.rank)
      second = ~(lease.entry?.bytes ?? -1)
    }
  }

  static func < (left: LeaseSortKey, right: LeaseSortKey) -> Bool {
    (left.first, left.second, left.text) < (right.first, right.second, right.text)
  }
}
