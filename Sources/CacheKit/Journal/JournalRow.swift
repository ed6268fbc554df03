/// A row of the index as the journal keeps it: all that is needed to put it back.
public enum JournalRow: Sendable, Hashable {
  case lease(LeaseRow)
  case entry(EntryRow)
  case note(NoteRow)

  /// A row of `leases`.
  public struct LeaseRow: Sendable, Hashable {
    /// The entry that is held.
    public var entryID: Int64
    /// The process that holds it.
    public var holderPID: Int64
    /// The bit pattern of the stored integer.
    public var nonce: UInt64
    /// How many holds the row stands for.
    public var refcount: Int64
    /// Seconds since the epoch.
    public var acquiredAt: Int64

    public init(
      entryID: Int64, holderPID: Int64, nonce: UInt64, refcount: Int64, acquiredAt: Int64
    ) {
      self.entryID = entryID
      self.holderPID = holderPID
      self.nonce = nonce
      self.refcount = refcount
      self.acquiredAt = acquiredAt
    }
  }

  /// An entry by what it is, since SQLite gives the id of a deleted row to the next one.
  public struct EntryRow: Sendable, Hashable {
    /// The key of the row.
    public var id: Int64
    /// The kind as stored.
    public var kind: RawText
    /// The hash of the URL as stored.
    public var hash: RawText
    /// The version as stored.
    public var version: RawText
    /// The pin count.
    public var pinned: Int64
    /// Only where the change rewrote it.
    public var archivePath: RawText?
    /// The stem as stored, only where the change took files.
    public var stem: RawText?

    public init(
      id: Int64, kind: RawText, hash: RawText, version: RawText, pinned: Int64,
      archivePath: RawText? = nil, stem: RawText? = nil
    ) {
      self.id = id
      self.kind = kind
      self.hash = hash
      self.version = version
      self.pinned = pinned
      self.archivePath = archivePath
      self.stem = stem
    }

    func isSameEntry(as other: EntryRow) -> Bool {
      id == other.id && kind == other.kind && hash == other.hash && version == other.version
    }
  }

  /// A row of `cache_meta`: the reason of a durable pin.
  public struct NoteRow: Sendable, Hashable {
    /// The key of the row.
    public var key: String
    /// The text under the key.
    public var value: String

    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// Which row it is, whatever it says.
  enum Key: Hashable {
    case lease(Int64, Int64, UInt64)
    case entry(Int64)
    case note(String)
  }

  var key: Key {
    switch self {
    case .lease(let row): .lease(row.entryID, row.holderPID, row.nonce)
    case .entry(let row): .entry(row.id)
    case .note(let row): .note(row.key)
    }
  }

  /// The entry that the row belongs to.
  var entryID: Int64? {
    switch self {
    case .lease(let row): row.entryID
    case .entry(let row): row.id
    case .note: nil
    }
  }
}
