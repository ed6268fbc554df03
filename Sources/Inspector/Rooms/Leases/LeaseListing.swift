package import CacheKit
internal import TUI

/// The leases as the command line lists them: by the screen's own filter, columns and order.
package struct LeaseListing: Sendable {
  /// The columns that a list can be sorted by.
  package static var columns: [String] { LeaseColumns.all.map(\.look.id) }

  /// What is wrong with a filter; `nil` where it can be used.
  package static func problem(_ filter: String) -> String? { LeaseFilter(filter).problem }

  private let filter: LeaseFilter
  /// `nil` for the order of the rows.
  private let order: SortOrder?
  /// Upside down where no column decides.
  private let isReversed: Bool

  package init(filter: String, sort: String?, isReversed: Bool) {
    self.filter = LeaseFilter(filter)
    self.isReversed = isReversed
    order = sort.map { name in
      let column = LeaseColumns.all.first { $0.look.id == name }
      return SortOrder(name, descending: (column?.descendsFirst == true) != isReversed)
    }
  }

  /// True where the order asks for the places of entries in GC's.
  package var needsRanks: Bool { order?.column == "lru" }

  /// The places of the leases that are listed, in their order.
  package func places(
    in leases: JudgedLeases, now: Int64, ranks: [Int64: EvictionRank] = [:]
  ) -> [Int] {
    if let order {
      let snapshot = LeaseSnapshot(leases, takenAt: now)
      let arrangement = LeaseArrangement(
        number: 0, snapshot: snapshot, gone: [], order: order, filter: filter, ranks: ranks)
      return arrangement.places()
    }
    let rows = LeaseRows(leases)
    let all = Array(leases.indices)
    let shown = filter.text.isEmpty ? all : all.filter { filter.matches(rows[$0], now: now) }
    return isReversed ? shown.reversed() : shown
  }
}

extension JudgedLease {
  /// Who holds, in words: the command line, cut off where it is long, or why there is none.
  package var holderWords: String {
    Format.cutCommand(LeaseColumns.holder(LeaseRow(lease: lease, judgement: judgement)))
  }
}
