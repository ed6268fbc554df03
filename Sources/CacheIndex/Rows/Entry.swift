/// A row of `entries`: one download, one installed package, or both phases of one.
///
/// A column of the wrong type is `nil` and named in `problems`. Times are seconds since the epoch,
/// sizes are bytes, both as stored.
public struct Entry: Identifiable, Sendable, Hashable {
  /// The key of the row; SQLite gives that of a deleted row to the next one.
  public var id: Int64
  /// One of `EntryKind`, or a word that this version does not know.
  public var kind: RawText?
  /// Where it is fetched from, not normalised.
  public var url: RawText?
  /// The readable folder name that stands for the URL.
  public var stem: RawText?
  /// 16 hex digits over the URL.
  public var hash: RawText?
  /// The version; for lnk-blobs the SHA-256 of the blob.
  public var version: RawText?
  /// Where the download lies: absolute for lnk-blobs, else relative to the root.
  public var archivePath: RawText?
  /// The size of the download.
  public var archiveBytes: Int64?
  /// The SHA-256 of the download, in hex.
  public var archiveSHA256: RawText?
  /// Where the unpacked package lies, relative to the root.
  public var installedPath: RawText?
  /// The size of the unpacked package.
  public var installedBytes: Int64?
  /// When it was unpacked.
  public var installedAt: Int64?
  /// When it was downloaded.
  public var archivedAt: Int64?
  /// When it was used last: GC takes the least recently used first.
  public var lastUsedAt: Int64?
  /// How often it was used.
  public var useCount: Int64?
  /// What fbuild's GC goes by: above 0 the entry stays.
  public var pinned: Int64?
  /// How many lease rows name this entry.
  public var leaseCount: Int
  /// The sum of their refcounts, saturated; what `pinned` should say.
  public var refcount: Int64
  /// What is wrong with cells or paths, each with its column.
  public var problems: [RowProblem]
  /// What cells of the wrong type hold; only a snapshot asks for it.
  public var oddCells: [OddCell] = []
  /// The columns that secrets or names were taken out of, in a snapshot: they are judged by nothing.
  public var redacted: [String] = []

  package init(
    id: Int64, kind: RawText? = nil, url: RawText? = nil, stem: RawText? = nil,
    hash: RawText? = nil, version: RawText? = nil, archivePath: RawText? = nil,
    archiveBytes: Int64? = nil, archiveSHA256: RawText? = nil, installedPath: RawText? = nil,
    installedBytes: Int64? = nil, installedAt: Int64? = nil, archivedAt: Int64? = nil,
    lastUsedAt: Int64? = nil, useCount: Int64? = nil, pinned: Int64? = nil, leaseCount: Int,
    refcount: Int64, problems: [RowProblem], oddCells: [OddCell] = [], redacted: [String] = []
  ) {
    self.id = id
    self.kind = kind
    self.url = url
    self.stem = stem
    self.hash = hash
    self.version = version
    self.archivePath = archivePath
    self.archiveBytes = archiveBytes
    self.archiveSHA256 = archiveSHA256
    self.installedPath = installedPath
    self.installedBytes = installedBytes
    self.installedAt = installedAt
    self.archivedAt = archivedAt
    self.lastUsedAt = lastUsedAt
    self.useCount = useCount
    self.pinned = pinned
    self.leaseCount = leaseCount
    self.refcount = refcount
    self.problems = problems
    self.oddCells = oddCells
    self.redacted = redacted
  }

  /// The known kind, or `nil` for a kind that this version does not know.
  public var knownKind: EntryKind? {
    kind?.string.flatMap(EntryKind.init(rawValue:))
  }

  /// True where `pinned` differs from the sum of the lease refcounts.
  public var isGhost: Bool { pinned != nil && pinned != refcount }

  /// True where neither a pin nor a lease keeps it from GC.
  public var isEvictable: Bool { (pinned ?? 0) == 0 && leaseCount == 0 }

  /// Both phases' bytes, negative ones counted as 0, saturated.
  public var totalBytes: Int64 {
    Saturating.add(max(0, archiveBytes ?? 0), max(0, installedBytes ?? 0)).value
  }
}
