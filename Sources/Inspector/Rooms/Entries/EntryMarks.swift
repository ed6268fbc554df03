package import CacheKit
internal import TUI

/// What a set of entries comes to: counted from the rows in memory, else by a worker.
package struct EntrySum: Sendable, Hashable {
  package var count = 0
  /// Saturated.
  package var bytes: Int64 = 0
  /// Of entries that neither a pin nor a lease keeps.
  package var evictable: Int64 = 0

  package init() {}

  package mutating func add(_ entry: Entry) {
    count += 1
    bytes = Self.sum(bytes, entry.totalBytes)
    if entry.isEvictable { evictable = Self.sum(evictable, entry.totalBytes) }
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  /// `3.8 MiB, 2.4 MiB evictable`.
  var words: String { "\(Format.size(bytes)), \(Format.size(evictable)) evictable" }
}

/// The entries that a sum is wanted of, and what they come to.
struct WatchedSum: Sendable {
  /// Which set of marks, or of chosen entries, it is the sum of.
  private(set) var revision = -1
  /// `nil` while it is counted.
  private(set) var value: EntrySum? = EntrySum()

  private static let atOnce = 200

  /// True where a worker has to count.
  mutating func follow(
    _ revision: Int, _ ids: @autoclosure () -> Set<Int64>, _ row: (Int64) -> EntryRow?
  ) -> Bool {
    guard revision != self.revision else { return false }
    self.revision = revision
    let ids = ids()
    value = ids.count > Self.atOnce ? nil : sum(of: ids, row)
    return value == nil
  }

  private func sum(of ids: Set<Int64>, _ row: (Int64) -> EntryRow?) -> EntrySum? {
    var sum = EntrySum()
    for id in ids {
      guard let row = row(id) else { return nil }
      sum.add(row.entry)
    }
    return sum
  }

  mutating func take(_ sum: EntrySum, of revision: Int) {
    if revision == self.revision { value = sum }
  }

  /// The rows are others by now.
  mutating func renew() { revision = -1 }
}

extension EntriesRoom {
  /// Counts anew what is marked, and what is chosen to be evicted.
  mutating func followSums(in house: inout House) -> Effect<Work> {
    let rows = house.entryRows
    var effect = Effect<Work>.none
    let marks = table.marks
    let headings = table.headings
    func things() -> Set<Int64> { headings.isEmpty ? marks : marks.subtracting(headings) }
    if markSum.follow(table.markRevision, things(), { rows[$0] ?? nil }) {
      let ids = Array(things())
      effect = effect + house.start(.entries(.sum(.marked, table.markRevision, ids)))
    }
    if chosenSum.follow(chosenRevision, chosen, { rows[$0] ?? nil }) {
      effect = effect + house.start(.entries(.sum(.chosen, chosenRevision, Array(chosen))))
    }
    house.chosen = chosen.isEmpty ? nil : chosenSum.value
    return effect
  }

  func markWords(in house: House) -> String? { markSum.value?.words }

  /// `marked 3 (3.8 MiB, 2.4 MiB evictable)`, in so much room as there is.
  func headWords(in house: House) -> [String] {
    let isWide = house.size.columns >= 100
    func words(_ verb: String, _ count: Int, _ sum: EntrySum?) -> String? {
      guard count > 0 else { return nil }
      let size = sum.map { isWide ? $0.words : Format.size($0.bytes) } ?? "counting"
      return "\(verb) \(Format.grouped(count)) (\(size))"
    }
    return [
      words("marked", markCount, markSum.value), words("to evict", chosen.count, chosenSum.value),
    ].compactMap(\.self)
  }

  // MARK: To evict
  /// `d`: the marked entries, or the one under the cursor, are to be evicted, or are not after all.
  mutating func choose(in house: inout House) -> Effect<Work> {
    let ids = targets
    guard !ids.isEmpty else {
      house.say("no entry here")
      return .none
    }
    if ids.allSatisfy(chosen.contains) {
      chosen.subtract(ids)
    } else {
      if chosen.isEmpty {
        house.say(
          "\(Format.count(ids.count, "entry", plural: "entries")) for D to evict; d there once more takes it back"
        )
      }
      chosen.formUnion(ids)
    }
    chosenRevision += 1
    if table.marks.isEmpty { table.move(by: 1) } else { table.clearMarks() }
    return .none
  }

  /// Of a whole list: what is not in it is gone, and cannot be evicted.
  mutating func keepChosen(of all: [Int64]) {
    guard !chosen.isEmpty else { return }
    let left = chosen.intersection(all)
    if left != chosen { unchoose(Array(chosen.subtracting(left))) }
  }

  mutating func unchoose(_ ids: [Int64]) {
    chosen.subtract(ids)
    chosenRevision += 1
  }

  // MARK: Copies
  func copyMarked(_ what: String, in house: inout House) -> Effect<Work>? {
    house.start(.entries(.copyRows(what, targets)))
  }

  mutating func copyRows(_ what: String, _ rows: [EntryRow], in house: inout House) -> Effect<Work>
  {
    house.copy(rows.flatMap { row in copies(of: row.entry, in: house).filter { $0.what == what } })
  }
}
