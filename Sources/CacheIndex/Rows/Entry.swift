/// A row of `entries`: one download, one installed package, or both phases of one.
///
/// A column of the wrong type is `nil` and named in `problems`. Times are seconds since the epoch,
/// sizes are bytes, both as stored.
public struct Entry: Identifiable, Sendable, Hashable {
  public var id: Int64
  public var kind: RawText?
  public var url: RawText?
  public var stem: RawText?
  public var hash: RawText?
  public var version: RawText?
  public var archivePath: RawText?
  public var archiveBytes: Int64?
  public var archiveSHA256: RawText?
  public var installedPath: RawText?
  public var installedBytes: Int64?
  public var installedAt: Int64?
  public var archivedAt: Int64?
  public var lastUsedAt: Int64?
  public var useCount: Int64?
  public var pinned: Int64?
  /// How many lease rows name this entry.
  public var leaseCount: Int
  /// The sum of their refcounts, saturated; what `pinned` should say.
  public var refcount: Int64
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

  /// Both phases' bytes, negative ones counted as 0, saturated.
  public var totalBytes: Int64 {
    let sum = max(0, archiveBytes ?? 0).addingReportingOverflow(max(0, installedBytes ?? 0))
    return sum.overflow ? .max : sum.partialValue
  }
}
