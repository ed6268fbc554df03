/// Where an entry stands in the order in which fbuild's GC takes entries: least recently used first.
///
/// All entries with files stand in one line here; GC takes installed trees first, and each phase by
/// itself. Only entries without a pin are taken; an entry that a lease keeps stands where it would be taken
/// once it is released.
public struct EvictionRank: Sendable, Hashable {
  /// 1 is taken first.
  public var position: Int
  /// How many can be taken, this one included.
  public var count: Int

  public init(position: Int, count: Int) {
    self.position = position
    self.count = count
  }
}

/// An entry's place in the order: the last use, then the id.
package struct EvictionKey: Comparable {
  package var lastUsedAt: Int64
  package var id: Int64

  package static func < (left: EvictionKey, right: EvictionKey) -> Bool {
    (left.lastUsedAt, left.id) < (right.lastUsedAt, right.id)
  }
}

/// Counts, in one pass over the rows that can be taken, how many stand before each wanted one. Pure.
package struct EvictionCount {
  private let wanted: [EvictionKey]
  /// How many rows have the first wanted key behind them at each place.
  private var before: [Int]
  private var evictable: Set<Int64> = []
  private var total = 0

  package init(_ keys: [EvictionKey]) {
    wanted = keys.sorted()
    before = Array(repeating: 0, count: keys.count)
  }

  package mutating func take(_ key: EvictionKey) {
    total += 1
    let place = firstPlace(after: key)
    if place > 0, wanted[place - 1] == key { evictable.insert(key.id) }
    if place < before.count { before[place] += 1 }
  }

  /// The place of the first wanted key that is greater.
  private func firstPlace(after key: EvictionKey) -> Int {
    var low = 0
    var high = wanted.count
    while low < high {
      let middle = (low + high) / 2
      if wanted[middle] > key { high = middle } else { low = middle + 1 }
    }
    return low
  }

  package var ranks: [Int64: EvictionRank] {
    var result: [Int64: EvictionRank] = [:]
    var earlier = 0
    for (key, count) in zip(wanted, before) {
      earlier += count
      let others = evictable.contains(key.id) ? 0 : 1
      result[key.id] = EvictionRank(position: earlier + 1, count: total + others)
    }
    return result
  }
}

extension EvictionRank {
  private static let hasPhase = "(archive_path IS NOT NULL OR installed_path IS NOT NULL)"
  private static let needed = ["id", "last_used_at", "pinned", "archive_path", "installed_path"]

  /// The ranks of the entries that `condition` names, in one pass over the index.
  package static func read(_ db: Database, where condition: String) throws -> [Int64: EvictionRank]
  {
    let shape = try SchemaShape.read(db)
    guard shape.hasColumns(needed, in: "entries") else { return [:] }
    let wanted = try keys(db, where: condition)
    guard !wanted.isEmpty else { return [:] }
    var count = EvictionCount(wanted)
    try forEachKey(db, where: "pinned = 0") { count.take($0) }
    return count.ranks
  }

  /// The same for the entries that have leases.
  package static func leased(_ db: Database) throws -> [Int64: EvictionRank] {
    guard try SchemaShape.read(db).hasColumns(["entry_id"], in: "leases") else { return [:] }
    return try read(db, where: "id IN (SELECT entry_id FROM leases)")
  }

  private static func keys(_ db: Database, where condition: String) throws -> [EvictionKey] {
    var keys: [EvictionKey] = []
    try forEachKey(db, where: condition) { keys.append($0) }
    return keys
  }

  private static func forEachKey(
    _ db: Database, where condition: String, _ body: (EvictionKey) -> Void
  ) throws {
    let rows = try LenientRow.fetchCursor(
      db,
      sql: "SELECT id, last_used_at FROM entries NOT INDEXED WHERE \(condition) AND \(hasPhase)")
    while let row = try rows.next() {
      // A time that is no integer sorts as SQLite would take it: text and blobs last.
      let used: Int64 =
        switch row.integer(1) {
        case .value(let value): value
        case .null: .min
        case .wrong: .max
        }
      body(EvictionKey(lastUsedAt: used, id: row.count(0)))
    }
  }
}
