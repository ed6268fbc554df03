/// A column of the list of entries: its name for people and commands, and how SQLite sorts by it.
public enum EntryColumn: String, Sendable, CaseIterable {
  case id
  case kind
  case name
  case version
  case url
  case installed
  case archive
  case size
  case lastUsed = "last-used"
  case uses
  case pinned
  case leases
  case hash

  /// The column by its name here, or by its name in the index.
  public init?(name: String) {
    let stored: [String: EntryColumn] = [
      "stem": .name, "installed_bytes": .installed, "archive_bytes": .archive,
      "last_used_at": .lastUsed, "use_count": .uses, "refcount": .pinned,
    ]
    guard let column = EntryColumn(rawValue: name) ?? stored[name] else { return nil }
    self = column
  }

  /// True for columns where the most is what people look for: it comes first unless the order is reversed.
  public var descendsFirst: Bool {
    switch self {
    case .installed, .archive, .size, .lastUsed, .uses, .pinned, .leases: true
    case .id, .kind, .name, .version, .url, .hash: false
    }
  }

  /// The expression that orders the rows; what the tables lack counts as NULL.
  package func sql(_ shape: SchemaShape) -> String {
    let cell = { (column: String) in shape.columnSQL(column, of: "entries") }
    return switch self {
    case .id: cell("id")
    case .kind: cell("kind")
    case .name: cell("stem")
    case .version: cell("version")
    case .url: cell("url")
    case .installed: cell("installed_bytes")
    case .archive: cell("archive_bytes")
    case .size: "(\(Self.bytes(cell("installed_bytes"))) + \(Self.bytes(cell("archive_bytes"))))"
    case .lastUsed: cell("last_used_at")
    case .uses: cell("use_count")
    case .pinned: shape.pinnedOnceSQL
    case .hash: cell("hash")
    case .leases: shape.leaseCountSQL
    }
  }

  // Half of the largest integer each, so that the sum of two cannot overflow.
  private static func bytes(_ cell: String) -> String {
    """
    CASE WHEN typeof(\(cell)) = 'integer' \
    THEN MIN(MAX(\(cell), 0), 4611686018427387903) ELSE 0 END
    """
  }
}

/// Which entries, in which order.
public struct EntryQuery: Sendable, Hashable {
  /// The column to sort by.
  public var sort: EntryColumn
  /// True for the largest first.
  public var isDescending: Bool
  /// Which entries are listed.
  public var filter: EntryFilter

  public init(
    sort: EntryColumn = .id, isDescending: Bool = false, filter: EntryFilter = EntryFilter()
  ) {
    self.sort = sort
    self.isDescending = isDescending
    self.filter = filter
  }

  /// Ties go by id, so that two reads of the same rows never differ.
  package func orderSQL(_ shape: SchemaShape) -> String {
    let direction = isDescending ? "DESC" : "ASC"
    let id = EntryColumn.id.sql(shape)
    return sort == .id ? "\(id) \(direction)" : "\(sort.sql(shape)) \(direction), \(id) ASC"
  }
}

extension SchemaShape {
  fileprivate var leaseCountSQL: String {
    guard hasColumns(["entry_id"], in: "leases") else { return "NULL" }
    let all = "(SELECT COUNT(*) FROM leases WHERE leases.entry_id = entries.rowid)"
    guard let repeated = DurablePin.repeatedSQL(self, ofEntry: "entries.rowid") else { return all }
    return "(\(all) - (SELECT COUNT(*) \(repeated)))"
  }

  /// `pinned` without what the second rows of durable pins add to it.
  fileprivate var pinnedOnceSQL: String {
    let cell = columnSQL("pinned", of: "entries")
    guard hasColumns(["refcount"], in: "leases"),
      let repeated = DurablePin.repeatedSQL(self, ofEntry: "entries.rowid")
    else { return cell }
    let sum = "(SELECT TOTAL(MAX(MIN(leases.refcount, twin.refcount), 0)) \(repeated))"
    return "CASE WHEN \(cell) > 1 THEN \(cell) - \(sum) ELSE \(cell) END"
  }
}
