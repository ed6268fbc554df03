/// The order in which GC takes rows: least recently used first, ties by id. Pure.
enum CollectionOrder {
  /// So many rows a phase reads in one run, unpinned ones alone; real GC counts them before it tries any.
  static let phaseLimit = 1000

  /// The ids of the rows that hold the phase and fulfil the condition, all of them in order.
  static func ids(
    _ rows: [CollectionRow], _ phase: CachePhase, where condition: (CollectionRow) -> Bool
  ) -> [Int64] {
    var keys: [(used: Int64, id: Int64)] = []
    for row in rows where row[phase].isPresent && condition(row) {
      // One value of another class, and all have to be compared as SQLite does.
      guard case .integer(let used) = row.lastUsed else {
        return sorted(rows.filter { $0[phase].isPresent && condition($0) }).map(\.id)
      }
      keys.append((used, row.id))
    }
    keys.sort { ($0.used, $0.id) < ($1.used, $1.id) }
    return keys.map(\.id)
  }

  static func sorted(_ rows: [CollectionRow]) -> [CollectionRow] {
    rows.sorted { left, right in
      left.lastUsed == right.lastUsed
        ? left.id < right.id
        : left.lastUsed < right.lastUsed
          || (!(right.lastUsed < left.lastUsed) && left.id < right.id)
    }
  }
}

/// The bytes that a phase holds, as GC adds them up. Pure.
enum CollectionTotal {
  /// SQLite's own SUM, which may fail; `isIndexed` where the rows are read through the index on their
  /// last use.
  static func real(
    _ rows: [CollectionRow], _ phase: CachePhase, isIndexed: Bool
  ) -> Result<UInt64, Failure> {
    if let quick = quick(rows, phase) { return .success(quick) }
    let present = rows.filter { $0[phase].isPresent }
    let ordered = isIndexed ? CollectionOrder.sorted(present) : present
    switch SQLiteSum.of(ordered.lazy.map { $0[phase].bytes }) {
    case .null: return .success(0)
    case .integer(let sum): return .success(UInt64(max(0, sum)))
    case .overflow: return .failure(Failure(words: RustText.overflow))
    case .real:
      let name = "COALESCE(SUM(\(phase.rawValue)_bytes), 0)"
      return .failure(Failure(words: RustText.invalidType("Real", 0, name)))
    }
  }

  struct Failure: Error { var words: String }

  /// Without an order, where none can matter.
  private static func quick(_ rows: [CollectionRow], _ phase: CachePhase) -> UInt64? {
    var (sum, magnitude) = (Int64(0), UInt64(0))
    for row in rows where row[phase].isPresent {
      switch row[phase].bytes {
      case nil: continue
      case .real: return nil
      case .integer(let value):
        magnitude = magnitude.saturatingSum(value.magnitude)
        guard magnitude <= UInt64(Int64.max) else { return nil }
        sum += value
      }
    }
    return UInt64(max(0, sum))
  }

  /// The same without a failure: negative and damaged sizes count as 0, and a sum stays at the largest
  /// number.
  static func usable(_ rows: [CollectionRow], _ phase: CachePhase) -> UInt64 {
    rows.reduce(0) { $1[phase].isPresent ? $0.saturatingSum($1[phase].usable) : $0 }
  }
}
