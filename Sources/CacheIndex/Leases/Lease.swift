/// A row of `leases`: `refcount` holds of one process on one entry.
public struct Lease: Identifiable, Sendable, Hashable {
  /// The full name: entry, process and nonce.
  public var id: LeaseID
  /// The row's place in the table: its identity even where a key column holds the wrong type.
  public var rowID: Int64
  /// `nil` where the schema has no `refcount` yet, or the value is not an integer.
  public var refcount: Int64?
  /// Seconds since the epoch.
  public var acquiredAt: Int64?
  /// The entry, or `nil` where the row that the lease names is gone.
  public var entry: EntryName?
  /// Why the entry is pinned, where the lease is a durable pin and a reason was given.
  public var pinReason: String?
  /// When the pin ends, in seconds since the epoch, where an end was given.
  public var pinUntil: Int64?
  /// The second row of a durable pin; `nil` for every other lease, and for a pin that lacks it.
  public var twin: PinTwin?
  /// Cells of the wrong type, each with its column.
  public var problems: [RowProblem]
  /// True where damage hides whether there is an entry: `nil` proves nothing then.
  public var isEntryUnreadable = false

  public init(
    id: LeaseID, rowID: Int64, refcount: Int64?, acquiredAt: Int64?, entry: EntryName?,
    problems: [RowProblem] = []
  ) {
    self.id = id
    self.rowID = rowID
    self.refcount = refcount
    self.acquiredAt = acquiredAt
    self.entry = entry
    self.problems = problems
  }

  /// True where the row that the lease names is known to be gone.
  var isEntryGone: Bool { entry == nil && !isEntryUnreadable }

  /// Kind, stem and version of an entry, and the bytes that its leases keep from eviction.
  public struct EntryName: Sendable, Hashable {
    /// The kind as stored; `nil` where the cell is no text.
    public var kind: RawText?
    /// The readable name of the URL as stored.
    public var stem: RawText?
    /// The version as stored.
    public var version: RawText?
    /// Both phases, negative sizes counted as 0.
    public var bytes: Int64
    /// Where it was fetched from.
    public var url: RawText?
    /// The installed path, else that of the archive, as stored.
    public var path: RawText?
    /// That of the archive.
    public var sha256: RawText?

    public init(kind: RawText?, stem: RawText?, version: RawText?, bytes: Int64) {
      self.kind = kind
      self.stem = stem
      self.version = version
      self.bytes = bytes
    }
  }
}
