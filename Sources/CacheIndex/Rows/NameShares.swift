/// The entries of one kind and name together: what a map of the cache is made of.
public struct NameShare: Sendable, Hashable {
  /// One of the entries.
  public struct Item: Sendable, Hashable {
    public var id: Int64
    public var version: RawText?
    public var bytes: Int64
    public var isHeld: Bool
  }

  public var kind: RawText?
  public var name: RawText?
  /// All of them.
  public var amount = SpaceAmount()
  /// The largest ones, the largest first.
  public var items: [Item] = []
}

/// One kind of a cache, and its names.
public struct KindShare: Sendable, Hashable {
  public var kind: RawText?
  /// All of its entries.
  public var amount = SpaceAmount()
  /// How many names it has.
  public var nameCount = 0
  /// The names with the most bytes, the largest first.
  public var names: [NameShare] = []
}

/// A map of the cache while its rows are read, in the order of kinds and names: what is too small to be
/// seen beside the rest is only counted, so that a million rows need no more room than ten thousand.
package struct NameShares {
  package private(set) var kinds: [KindShare] = []
  private var name: NameShare?

  /// More names of a kind, and more entries of a name, are not told apart.
  package static let nameLimit = 2000
  package static let itemLimit = 64

  package init() {}

  package mutating func add(kind: RawText?, name: RawText?, _ item: NameShare.Item) {
    if self.name?.kind != kind || self.name?.name != name || self.name == nil {
      endName()
      self.name = NameShare(kind: kind, name: name)
    }
    self.name?.add(item)
  }

  /// Ends the reading.
  package mutating func finish() -> [KindShare] {
    endName()
    for index in kinds.indices { kinds[index].trim(to: Self.nameLimit) }
    return kinds.sorted { $0.amount.bytes > $1.amount.bytes }
  }

  private mutating func endName() {
    guard var ended = name else { return }
    name = nil
    ended.trim(to: Self.itemLimit)
    if kinds.last?.kind != ended.kind || kinds.isEmpty { kinds.append(KindShare(kind: ended.kind)) }
    kinds[kinds.count - 1].add(ended)
  }
}

extension NameShare {
  fileprivate mutating func add(_ item: Item) {
    amount.add(item.bytes, isHeld: item.isHeld)
    items.append(item)
    if items.count >= 4 * NameShares.itemLimit { trim(to: NameShares.itemLimit) }
  }

  fileprivate mutating func trim(to limit: Int) {
    items.sort { ($1.bytes, $0.id) < ($0.bytes, $1.id) }
    if items.count > limit { items.removeLast(items.count - limit) }
  }
}

extension KindShare {
  fileprivate mutating func add(_ name: NameShare) {
    let sum = name.amount
    amount.count += sum.count
    amount.bytes = Saturating.add(amount.bytes, sum.bytes).value
    amount.heldBytes = Saturating.add(amount.heldBytes, sum.heldBytes).value
    nameCount += 1
    names.append(name)
    if names.count >= 4 * NameShares.nameLimit { trim(to: NameShares.nameLimit) }
  }

  fileprivate mutating func trim(to limit: Int) {
    names.sort { $0.amount.bytes > $1.amount.bytes }
    if names.count > limit { names.removeLast(names.count - limit) }
  }
}

extension NameShares {
  /// One pass over the table in the order of kinds and names.
  package static func read(_ db: Database) throws -> [KindShare] {
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return [] }
    let sums = try LeaseSums.read(db, shape)
    let cells = [
      "kind", "stem", "version", "archive_bytes", "installed_bytes", "pinned",
    ].map { shape.columnSQL($0, of: "entries") }
    let rows = try LenientRow.fetchCursor(
      db,
      sql: """
        SELECT entries.rowid, \(cells.joined(separator: ", ")) FROM entries NOT INDEXED
        ORDER BY \(cells[0]), \(cells[1])
        """)
    var shares = NameShares()
    while let row = try rows.next() {
      let id = row.count(0)
      let bytes = Saturating.add(max(0, row.count(4)), max(0, row.count(5))).value
      let isHeld = sums.count(of: id) > 0 || row.isPinned(6)
      shares.add(
        kind: row.shortText(1), name: row.shortText(2),
        NameShare.Item(id: id, version: row.shortText(3), bytes: bytes, isHeld: isHeld))
    }
    return shares.finish()
  }
}

extension LenientRow {
  /// What is shown of a text; `nil` where it is none.
  fileprivate func shortText(_ column: CInt) -> RawText? {
    guard case .value(let text) = text(column, limit: 128) else { return nil }
    return text
  }
}
