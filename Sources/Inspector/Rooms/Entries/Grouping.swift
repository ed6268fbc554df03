package import CacheKit
internal import TUI

/// The entries of one kind together.
package struct KindGroup: Sendable, Hashable {
  package var kind: RawText?
  package var count = 0
  /// Both phases, saturated.
  package var bytes: Int64 = 0

  package init(kind: RawText?) { self.kind = kind }

  mutating func add(_ entry: Entry) {
    count += 1
    let (sum, overflow) = bytes.addingReportingOverflow(entry.totalBytes)
    bytes = overflow ? .max : sum
  }
}

/// A whole list in the order of kinds, with a heading before each kind.
package struct GroupedIDs: Sendable, Hashable {
  /// Entries and headings; a heading is an id that no entry can have.
  package private(set) var ids: [Int64] = []
  package private(set) var headings: [Int64: KindGroup] = [:]
  private var current: Int64?

  package init() {}

  /// Takes the next entry in the order of kinds.
  package mutating func append(_ entry: Entry) {
    if let current, headings[current]?.kind == entry.kind {
      headings[current]?.add(entry)
    } else {
      let heading = Int64.min + Int64(headings.count)
      headings[heading] = KindGroup(kind: entry.kind)
      headings[heading]?.add(entry)
      ids.append(heading)
      current = heading
    }
    ids.append(entry.id)
  }
}

extension EntriesRoom {
  /// `T`: by kind with subtotals, or back.
  mutating func toggleGroups(in house: inout House) -> Effect<Work> {
    headings = [:]
    isGrouped.toggle()
    isComplete = false
    guard !isGrouped else { return house.start(.entries(.groups(query.filter))) }
    return loadEntries(in: &house)
  }

  mutating func takeGroups(_ filter: EntryFilter, _ grouped: GroupedIDs, in house: inout House) {
    house.faults[EntryWork.groupsJob] = nil
    guard isGrouped, filter == query.filter else { return }
    headings = grouped.headings
    table.replace(with: grouped.ids)
    shownQuery = query
    isComplete = true
    areRowsStale = true
    if let wanted = wanted { table.select(wanted) }
    wanted = nil
  }

  func heading(_ id: Int64) -> String? {
    headings[id].map { group in
      let count = Format.count(group.count, "entry", plural: "entries")
      return "\(Format.text(group.kind))  \(count), \(Format.size(group.bytes))"
    }
  }
}
