/// Rows of an index that were found on the leaf pages alone, told apart by what stands in them.
struct SalvagedLeaves {
  /// With the columns of `InitialSchema.entryColumns`.
  var entries: [[StoredCell]] = []
  /// With the columns of `SalvagedIndex.leaseColumns`.
  var leases: [[StoredCell]] = []
  /// Key and value.
  var notes: [[StoredCell]] = []

  /// Empty where nothing can be read.
  static func read(_ location: CacheLocation) -> SalvagedLeaves {
    MemoryImage.with(location) { bytes in
      var found = SalvagedLeaves()
      guard let pages = LeafPages(bytes) else { return found }
      pages.forEachRow { found.take($0) }
      return found
    } ?? SalvagedLeaves()
  }

  private mutating func take(_ row: LeafPages.Row) {
    if let entry = Self.entry(row) {
      entries.append(entry)
    } else if let lease = Self.lease(row.cells) {
      leases.append(lease)
    } else if row.cells.count == 2, case .text = row.cells[0], case .text = row.cells[1] {
      notes.append(row.cells)
    }
  }

  /// fbuild has never changed the order of these columns, and a column more comes last.
  private static func entry(_ row: LeafPages.Row) -> [StoredCell]? {
    let count = InitialSchema.entryColumns.count
    guard row.cells.count >= count, row.cells[0] == .null else { return nil }
    var cells = Array(row.cells.prefix(count))
    cells[0] = .integer(row.rowID)
    let entry = SalvagedEntry(cells: cells)
    let texts = ["kind", "url", "stem", "hash", "version"]
    guard entry.isUsable, texts.allSatisfy({ entry[$0].text != nil }) else { return nil }
    return cells
  }

  /// Entry and holder come first; the others by what they are: a time is a time of our days, a nonce is
  /// 0 or large.
  private static func lease(_ cells: [StoredCell]) -> [StoredCell]? {
    let numbers = cells.compactMap { cell -> Int64? in
      if case .integer(let number) = cell { number } else { nil }
    }
    guard numbers.count == cells.count, (3...5).contains(numbers.count) else { return nil }
    func isTime(_ number: Int64) -> Bool { (1_000_000_000..<100_000_000_000).contains(number) }
    let rest = Array(numbers.dropFirst(2))
    let found: (nonce: Int64, refcount: Int64, time: Int64) =
      switch rest.count {
      case 1: (0, 1, rest[0])
      case 2 where isTime(rest[0]) && !isTime(rest[1]): (0, rest[1], rest[0])
      case 2: (rest[0], 1, rest[1])
      case 3 where isTime(rest[1]) && !isTime(rest[2]): (rest[0], rest[2], rest[1])
      default: (rest[0], rest[1], rest[2])
      }
    guard isTime(found.time) else { return nil }
    return [numbers[0], numbers[1], found.nonce, found.refcount, found.time].map { .integer($0) }
  }
}
