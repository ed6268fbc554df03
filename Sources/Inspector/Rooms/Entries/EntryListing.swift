package import CacheKit
internal import TUI

/// What a list of entries shows that their rows do not tell: who keeps them, and where they stand in GC's
/// order, in the words of the screen.
package struct EntryListing: Sendable {
  private var leases: LeaseRows?
  private var ranks: [Int64: EvictionRank] = [:]

  /// Knows of nothing: for a list without these columns.
  package init() {}

  /// Reads what these columns ask for. Of a damaged index what can be read is told.
  package init(
    _ columns: [EntryColumn], _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) {
    guard columns.contains(where: { [.keptBy, .rank].contains($0) }) else { return }
    do throws(CacheError) {
      leases = LeaseRows(try inspected.judgedLeases(context).leases)
      if columns.contains(.rank) { ranks = try inspected.evictionRanks() }
    } catch  where error.code == .damaged {
      return
    }
  }

  package func text(_ column: EntryColumn, of entry: Entry, now: Int64) -> String {
    switch column {
    case .keptBy: KeptBy(entry, leases).words(.ascii)
    case .rank:
      Format.value(
        column.value(of: entry, rank: KeptBy(entry, leases).isPinned ? nil : ranks[entry.id]),
        now: now)
    default: Format.value(column.value(of: entry), now: now)
    }
  }
}
