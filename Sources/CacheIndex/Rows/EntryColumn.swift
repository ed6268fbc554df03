/// A column of entries: one value that lists, tables, sort menus, `--sort` and JSON are made of.
///
/// Its parts stand together in `EntryColumnParts.swift`, a line for each column.
public enum EntryColumn: String, Sendable, CaseIterable {
  case id
  case kind
  case url
  case name
  case hash
  case version
  case archivePath = "archive-path"
  case archive
  case sha256
  case installedPath = "installed-path"
  case installed
  case installedAt = "installed-at"
  case archivedAt = "archived-at"
  case lastUsed = "last-used"
  case uses
  case pinned
  case leases
  case refcount
  case size
  case keptBy = "kept-by"
  case rank = "gc-rank"

  /// The column by its name here, or by its name in the index.
  public init?(name: String) {
    let stored: [String: EntryColumn] = [
      "stem": .name, "installed_bytes": .installed, "archive_bytes": .archive,
      "last_used_at": .lastUsed, "use_count": .uses,
    ]
    guard let column = EntryColumn(rawValue: name) ?? stored[name] else { return nil }
    self = column
  }

  /// The heading of a list.
  public var title: String { parts.title }

  /// The name in JSON; `nil` for what JSON has in parts, or does not have.
  public var field: String? { parts.field }

  /// What JSON has, in its order; made once, since a list asks for it with every row.
  public static let fields: [(name: String, value: @Sendable (Entry) -> EntryValue)] =
    allCases.compactMap { column in
      let parts = column.parts
      return parts.field.map { ($0, { parts.value($0, nil) }) }
    }

  /// True for columns where the most is what people look for: it comes first unless the order is reversed.
  public var descendsFirst: Bool { parts.descendsFirst }

  /// What the column says of an entry; `rank` is its place in GC's order, where that is known.
  public func value(of entry: Entry, rank: EvictionRank? = nil) -> EntryValue {
    parts.value(entry, rank)
  }

  /// The expression that orders the rows by what the column shows; what the tables lack counts as NULL.
  package func sql(_ shape: SchemaShape) -> String { parts.sql(shape) }
}

/// What a column says of an entry, before anybody writes it down.
public enum EntryValue: Sendable, Hashable {
  case text(RawText?)
  case number(Int64?)
  case bytes(Int64?)
  /// Seconds since the epoch.
  case time(Int64?)
  /// A place among others: the third of 29.
  case rank(EvictionRank?)
  /// What keeps the entry from GC, as far as its row tells.
  case hold(EntryHold)
}

/// What keeps an entry from GC, as its row tells it.
public enum EntryHold: Sendable, Hashable {
  case none
  /// A pin that no lease accounts for.
  case ghost
  /// So many leases; a durable pin is one of them.
  case leases(Int)

  public init(_ entry: Entry) {
    if entry.leaseCount > 0 {
      self = .leases(entry.leaseCount)
    } else {
      self = (entry.pinned ?? 0) != 0 ? .ghost : .none
    }
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

  /// Names that are alike go by version, all other ties by id: two reads of the same rows never differ.
  package func orderSQL(_ shape: SchemaShape) -> String {
    let direction = isDescending ? "DESC" : "ASC"
    let id = EntryColumn.id.sql(shape)
    if sort == .id { return "\(id) \(direction)" }
    let second = sort == .name ? "\(EntryColumn.version.sql(shape)) \(direction), " : ""
    return "\(sort.sql(shape)) \(direction), \(second)\(id) ASC"
  }
}
