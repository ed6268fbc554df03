/// How many leases each entry has, and the sum of their refcounts; a durable pin, which is two rows,
/// counts once.
package struct LeaseSums {
  fileprivate struct Sum {
    var count = 0
    var refcount: Int64 = 0
    /// What the second rows of durable pins add to `pinned` in the index.
    var repeated: Int64 = 0
  }

  private struct PinName: Hashable {
    var entry: Int64
    var nonce: Int64
  }

  private var sums: [Int64: Sum] = [:]
  private var firstRows: [PinName: Int64] = [:]

  package func count(of entry: Int64) -> Int { sums[entry]?.count ?? 0 }
  package func refcount(of entry: Int64) -> Int64 { sums[entry]?.refcount ?? 0 }

  /// A stored `pinned` without what second rows added to it.
  func once(_ pinned: Int64, of entry: Int64) -> Int64 {
    let repeated = sums[entry]?.repeated ?? 0
    return pinned >= repeated ? pinned - repeated : pinned
  }

  /// Reads all leases, or those of `entries`; without a `refcount` column every lease counts 1.
  package static func read(
    _ db: Database, _ shape: SchemaShape, entries: [Int64]? = nil
  ) throws -> LeaseSums {
    var result = LeaseSums()
    try result.take(db, shape, entries)
    return result
  }

  /// The same as far as the pages of the leases can be read.
  package static func readable(_ db: Database, _ shape: SchemaShape) -> LeaseSums {
    var result = LeaseSums()
    try? result.take(db, shape, nil)
    return result
  }

  private mutating func take(_ db: Database, _ shape: SchemaShape, _ entries: [Int64]?) throws {
    guard shape.hasColumns(["entry_id"], in: "leases") else { return }
    let filter = entries.map { _ in " WHERE entry_id = ?" } ?? ""
    let holder = ["holder_pid", "holder_nonce"].map { shape.columnSQL($0, of: "leases") }
    let statement = try db.cachedStatement(
      sql: """
        SELECT entry_id, \(shape.refcountSQL), \(holder.joined(separator: ", ")) FROM leases\(filter)
        """)
    for arguments in entries.map({ $0.map { [$0] as StatementArguments } }) ?? [[]] {
      let rows = try LenientRow.fetchCursor(statement, arguments: arguments)
      while let row = try rows.next() { add(row) }
    }
  }

  private mutating func add(_ row: LenientRow) {
    guard case .value(let entry) = row.integer(0) else { return }
    var refcount: Int64 = 0
    if case .value(let value) = row.integer(1) { refcount = max(0, value) }
    if case .value(let pid) = row.integer(2), DurablePin.holderPIDs.contains(pid),
      case .value(let nonce) = row.integer(3),
      DurablePin.uid(from: UInt64(bitPattern: nonce)) != nil
    {
      // The smaller of the two is the one that is counted twice.
      let name = PinName(entry: entry, nonce: nonce)
      if let first = firstRows.removeValue(forKey: name) {
        sums[entry, default: Sum()].addSecond(refcount, first)
        return
      }
      firstRows[name] = refcount
    }
    sums[entry, default: Sum()].add(refcount)
  }
}

extension LeaseSums.Sum {
  fileprivate mutating func add(_ refcount: Int64) {
    count += 1
    self.refcount = Saturating.add(self.refcount, refcount).value
  }

  /// The two rows of a pin together count as the larger of them.
  fileprivate mutating func addSecond(_ refcount: Int64, _ first: Int64) {
    repeated = Saturating.add(repeated, min(refcount, first)).value
    self.refcount = Saturating.add(self.refcount, max(0, refcount - first)).value
  }
}
