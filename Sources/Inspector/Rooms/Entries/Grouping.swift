package import CacheKit
internal import TUI

/// The entries of one kind together.
package struct KindGroup: Sendable, Hashable {
  package var kind: RawText?
  package var count = 0
  /// Both phases, saturated.
  package var bytes: Int64 = 0
  /// Where its entries begin in the list of all.
  package var start = 0

  package init(kind: RawText?) { self.kind = kind }

  mutating func add(_ entry: Entry) {
    count += 1
    let (sum, overflow) = bytes.addingReportingOverflow(entry.totalBytes)
    bytes = overflow ? .max : sum
  }
}

/// A whole list in the order of kinds: the entries, and what is said of each kind.
package struct GroupedIDs: Sendable, Hashable {
  /// Entries alone.
  package private(set) var things: [Int64] = []
  package private(set) var groups: [KindGroup] = []

  package init() {}

  /// Entries in the order in which each group lists them.
  package struct Collected {
    private var parts: [RawText?: (group: KindGroup, ids: [Int64])] = [:]

    package init() {}

    package mutating func append(_ entry: Entry) {
      parts[entry.kind, default: (KindGroup(kind: entry.kind), [])].group.add(entry)
      parts[entry.kind]?.ids.append(entry.id)
    }

    /// The groups by their kinds.
    package var grouped: GroupedIDs {
      var result = GroupedIDs()
      let sorted = parts.values.sorted { left, right in
        (left.group.kind?.bytes ?? []).lexicographicallyPrecedes(right.group.kind?.bytes ?? [])
      }
      for (group, ids) in sorted {
        var group = group
        group.start = result.things.count
        result.groups.append(group)
        result.things += ids
      }
      return result
    }
  }

  /// A heading is an id that no entry can have.
  static func heading(_ index: Int) -> Int64 { .min + Int64(index) }

  func group(ofHeading id: Int64) -> KindGroup? {
    let index = id.subtractingReportingOverflow(.min)
    guard !index.overflow, index.partialValue < groups.count else { return nil }
    return groups[Int(index.partialValue)]
  }

  func members(_ group: KindGroup) -> ArraySlice<Int64> {
    things[group.start..<group.start + group.count]
  }

  /// The group that an entry is in: one look at each entry before it.
  func group(of id: Int64) -> Int? {
    guard let place = things.firstIndex(of: id) else { return nil }
    return groups.lastIndex { $0.start <= place }
  }

  /// Headings, and the entries of groups that are not folded.
  func listed(folded: Set<RawText?>) -> [Int64] {
    var ids: [Int64] = []
    ids.reserveCapacity(things.count + groups.count)
    for (index, group) in groups.enumerated() {
      ids.append(Self.heading(index))
      if !folded.contains(group.kind) { ids.append(contentsOf: members(group)) }
    }
    return ids
  }
}

extension EntriesRoom {
  func isHeading(_ id: Int64) -> Bool { grouped?.group(ofHeading: id) != nil }

  /// `T`: by kind with subtotals, or back.
  mutating func toggleGroups(in house: inout House) -> Effect<Work> {
    isComplete = false
    isGrouped.toggle()
    return isGrouped ? house.start(.entries(.groups(query))) : loadEntries(in: &house)
  }

  /// The headings go when the list that takes their place is there, not before.
  mutating func dropGroups() {
    // What is out of sight in a folded group is found again by its mark alone.
    if let grouped { table.setMarks(grouped.groups.indices.map(GroupedIDs.heading), to: false) }
    grouped = nil
    table.headings = []
  }

  mutating func takeGroups(_ query: EntryQuery, _ new: GroupedIDs, in house: inout House) {
    guard isGrouped, query == self.query else { return }
    // Numbers of headings may mean other kinds now.
    let marked = markedKinds
    if let grouped { table.setMarks(grouped.groups.indices.map(GroupedIDs.heading), to: false) }
    grouped = new
    table.headings = Set(new.groups.indices.map(GroupedIDs.heading))
    table.dropMarks(outside: new.things)
    showGroups()
    for (index, group) in new.groups.enumerated() where marked.contains(group.kind) {
      table.setMarks([GroupedIDs.heading(index)], to: isWholly(group))
    }
    shownQuery = query
    isComplete = true
    areRowsStale = true
    if let wanted = wanted { table.select(wanted) }
    wanted = nil
  }

  private var markedKinds: Set<RawText?> {
    guard let grouped else { return [] }
    return Set(
      grouped.groups.enumerated().filter { table.marks.contains(GroupedIDs.heading($0.offset)) }
        .map(\.element.kind))
  }

  private func isWholly(_ group: KindGroup) -> Bool {
    grouped?.members(group).allSatisfy(table.marks.contains) ?? false
  }

  private mutating func showGroups() {
    guard let grouped else { return }
    table.replace(with: grouped.listed(folded: folded), keepingMarks: true)
  }

  // MARK: Folding
  /// `z`: folds the group under the cursor, or opens it; the cursor stands on its heading then.
  mutating func toggleFold(in house: inout House) -> Effect<Work> {
    guard let grouped else { return isGrouped ? .none : toggleGroups(in: &house) }
    let index = table.selected.flatMap { id in
      grouped.group(ofHeading: id).flatMap { group in grouped.groups.firstIndex(of: group) }
        ?? grouped.group(of: id)
    }
    guard let index else { return .none }
    let kind = grouped.groups[index].kind
    if folded.remove(kind) == nil {
      folded.insert(kind)
      table.select(GroupedIDs.heading(index))
    }
    showGroups()
    return .none
  }

  /// `-` and `=`: folds all groups, or opens all.
  mutating func foldAll(_ isFolded: Bool, in house: inout House) -> Effect<Work> {
    guard let grouped else { return isGrouped ? .none : toggleGroups(in: &house) }
    if isFolded {
      let selected = table.selected.flatMap { isHeading($0) ? nil : grouped.group(of: $0) }
      if let selected { table.select(GroupedIDs.heading(selected)) }
      folded.formUnion(grouped.groups.map(\.kind))
    } else {
      folded = []
    }
    showGroups()
    return .none
  }

  func heading(_ id: Int64) -> String? {
    grouped?.group(ofHeading: id).map { group in
      let count = Format.count(group.count, "entry", plural: "entries")
      let sign = folded.contains(group.kind) ? "+" : "-"
      return "\(sign) \(Format.text(group.kind))  \(count), \(Format.size(group.bytes))"
    }
  }

  // MARK: Marks
  /// A heading stands for the rows of its group, be they in sight or not.
  mutating func mark(_ which: Marking) {
    switch which {
    case .row: markRow()
    case .all: table.setMarks(grouped.map(\.everything) ?? table.ids, to: true)
    case .inverted: invertMarks()
    }
  }

  private mutating func markRow() {
    guard let id = table.selected else { return }
    if let grouped, let group = grouped.group(ofHeading: id) {
      let isMarked = table.marks.contains(id)
      table.setMarks(grouped.members(group), to: !isMarked)
      table.setMarks([id], to: !isMarked)
    } else {
      table.toggleMark()
      if let grouped, let index = grouped.group(of: id), !table.marks.contains(id) {
        table.setMarks([GroupedIDs.heading(index)], to: false)
      }
    }
    table.move(by: 1)
  }

  private mutating func invertMarks() {
    guard let grouped else { return table.invertMarks() }
    let marked = table.marks
    table.clearMarks()
    table.setMarks(grouped.things.lazy.filter { !marked.contains($0) }, to: true)
    for (index, group) in grouped.groups.enumerated() where isWholly(group) {
      table.setMarks([GroupedIDs.heading(index)], to: true)
    }
  }

  var markCount: Int {
    guard let grouped, !table.marks.isEmpty else { return table.marks.count }
    let headings = grouped.groups.indices.count {
      table.marks.contains(GroupedIDs.heading($0))
    }
    return table.marks.count - headings
  }

  /// What an action means: the marked things in list order, else the one under the cursor; a heading
  /// means its group.
  var targets: [Int64] {
    guard let grouped else { return table.targets }
    if !table.marks.isEmpty { return grouped.things.filter(table.marks.contains) }
    guard let id = table.selected else { return [] }
    return grouped.group(ofHeading: id).map { Array(grouped.members($0)) } ?? [id]
  }
}

extension GroupedIDs {
  fileprivate var everything: [Int64] { things + groups.indices.map(Self.heading) }
}
