/// A row of the index as the journal keeps it: all that is needed to put it back.
public enum JournalRow: Sendable, Hashable {
  case lease(LeaseRow)
  case entry(EntryRow)
  case note(NoteRow)

  public struct LeaseRow: Sendable, Hashable, Codable {
    public var entryID: Int64
    public var holderPID: Int64
    public var nonce: UInt64
    public var refcount: Int64
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
  public struct EntryRow: Sendable, Hashable, Codable {
    public var id: Int64
    public var kind: RawText
    public var hash: RawText
    public var version: RawText
    public var pinned: Int64
    /// Only where the change rewrote it.
    public var archivePath: RawText?

    public init(
      id: Int64, kind: RawText, hash: RawText, version: RawText, pinned: Int64,
      archivePath: RawText? = nil
    ) {
      self.id = id
      self.kind = kind
      self.hash = hash
      self.version = version
      self.pinned = pinned
      self.archivePath = archivePath
    }

    private enum CodingKeys: String, CodingKey {
      case id
      case kind
      case hash
      case version
      case pinned
      case archivePath = "archive_path"
    }

    func isSameEntry(as other: EntryRow) -> Bool {
      id == other.id && kind == other.kind && hash == other.hash && version == other.version
    }
  }

  /// A row of `cache_meta`: the reason of a durable pin.
  public struct NoteRow: Sendable, Hashable, Codable {
    public var key: String
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

// MARK: - JSON

extension JournalRow: Codable {
  private enum Field: String, CodingKey {
    case table
  }

  private enum Table: String, Codable {
    case leases
    case entries
    case notes = "cache_meta"
  }

  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Field.self).decode(Table.self, forKey: .table) {
    case .leases: self = .lease(try LeaseRow(from: decoder))
    case .entries: self = .entry(try EntryRow(from: decoder))
    case .notes: self = .note(try NoteRow(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    switch self {
    case .lease(let row):
      try fields.encode(Table.leases, forKey: .table)
      try row.encode(to: encoder)
    case .entry(let row):
      try fields.encode(Table.entries, forKey: .table)
      try row.encode(to: encoder)
    case .note(let row):
      try fields.encode(Table.notes, forKey: .table)
      try row.encode(to: encoder)
    }
  }
}

extension JournalRow.LeaseRow {
  // The columns' own names; the nonce as text, because many readers of JSON round large numbers.
  private enum CodingKeys: String, CodingKey {
    case entryID = "entry_id"
    case holderPID = "holder_pid"
    case nonce = "holder_nonce"
    case refcount
    case acquiredAt = "acquired_at"
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    entryID = try fields.decode(Int64.self, forKey: .entryID)
    holderPID = try fields.decode(Int64.self, forKey: .holderPID)
    refcount = try fields.decode(Int64.self, forKey: .refcount)
    acquiredAt = try fields.decode(Int64.self, forKey: .acquiredAt)
    guard let value = UInt64(try fields.decode(String.self, forKey: .nonce)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .nonce, in: fields, debugDescription: "not an unsigned number")
    }
    nonce = value
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(entryID, forKey: .entryID)
    try fields.encode(holderPID, forKey: .holderPID)
    try fields.encode(String(nonce), forKey: .nonce)
    try fields.encode(refcount, forKey: .refcount)
    try fields.encode(acquiredAt, forKey: .acquiredAt)
  }
}

/// A string where the bytes are one, else an array of bytes.
extension RawText: Codable {
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self.init(text)
    } else {
      self.init(bytes: try value.decode([UInt8].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    if let string {
      try value.encode(string)
    } else {
      try value.encode(bytes)
    }
  }
}
