public import SystemPackage

/// A cache as a snapshot tells it, on whatever host: served in place of the index, /proc and the disk.
///
/// Its entries stand in a private index of its own, so that sorting, filters and totals are those of a
/// real one; what was judged on the other host is given as it was judged there.
public final class RecordedCache: Sendable {
  /// Where a snapshot comes from.
  public struct Origin: Sendable, Hashable {
    /// `nil` where names were left out.
    public var host: String?
    /// Seconds since the epoch.
    public var takenAt: Int64
    /// True where secrets and names were taken out.
    public var isRedacted: Bool
    /// The version of the program that wrote it.
    public var program: String?
  }

  /// What the host said beside the rows.
  public struct Surroundings: Sendable, Hashable {
    /// How the index was read.
    public var source: IndexSource?
    /// What the root lay on.
    public var fileSystem = FileSystemKind(name: "unknown", isShared: false)
    /// The version of the SQLite library in use.
    public var sqliteVersion = ""
    /// The room there.
    public var disk = DiskSpace(total: 0, free: 0)
    /// The limits that fbuild's GC kept to.
    public var budget: Budget
    /// Who owned a root that everybody might write in, where that was not the user.
    public var openForeignOwner: String?
    /// Why no change can be made on this host, and whose rights it would need.
    public var writeObstacle: String?
    /// Whose rights a change would have needed.
    public var owner: String?
    /// Frames of the WAL that counted for nothing.
    public var ignoredFrames = 0
    /// The size of the main file.
    public var indexBytes: Int64?
    /// The size of the WAL; `nil` where there was none.
    public var walBytes: Int64?
  }

  /// Where it comes from.
  public let origin: Origin
  /// The root on that host.
  public let location: CacheLocation
  /// What the host said beside the rows.
  public let surroundings: Surroundings
  /// What the schema had, and lacked.
  public let migrations: MigrationStatus
  /// With the verdicts of then.
  public let leases: [JudgedLease]
  /// Its changes, without their rows.
  public let journal: [JournalSummary]
  /// The pointers of the project that was named when the snapshot was taken.
  public let links: RecordedLinks?
  package let damage: CacheError?
  /// What the paths of its rows meant on its host.
  let rows: RowFacts
  let index: RecordedIndex

  init(_ parts: SnapshotParts, index: RecordedIndex) {
    origin = parts.origin
    location = parts.location
    surroundings = parts.surroundings
    migrations = parts.migrations
    leases = parts.leases
    journal = parts.journal
    links = parts.links
    damage = parts.damage
    rows = parts.rows
    self.index = index
  }

  /// The verdicts of then; a lease that the snapshot lacks has none.
  func judge(_ wanted: [Lease]) -> [JudgedLease] {
    let known = Dictionary(leases.map { ($0.lease.rowID, $0) }) { first, _ in first }
    return wanted.map { lease in
      known[lease.rowID]
        ?? JudgedLease(lease: lease, judgement: Judgement(.unknown, "not in the snapshot"))
    }
  }

  /// The process behind a lease, as far as the snapshot tells.
  public func holder(_ pid: Int64) -> ProcessFacts? {
    leases.lazy.compactMap(\.judgement.holder).first { $0.pid == pid }
  }

  /// What was found at the paths of an entry.
  public func files(of id: Int64) throws(CacheError) -> RecordedFiles {
    try index.files(of: id)
  }
}

/// What was found at the two paths of an entry when the snapshot was taken.
public struct RecordedFiles: Sendable, Hashable {
  /// At the path of the download; `nil` where the row named none.
  public var archive: PhaseOnDisk.State?
  /// At the path of the unpacked package; `nil` where the row named none.
  public var installed: PhaseOnDisk.State?

  public init(
    archive: PhaseOnDisk.State? = nil, installed: PhaseOnDisk.State? = nil
  ) {
    self.archive = archive
    self.installed = installed
  }
}

/// A change as the journal of the other host tells it, without its rows.
public struct JournalSummary: Sendable, Hashable {
  /// Seconds since the epoch.
  public var time: Int64
  /// Who made the change.
  public var user: String
  /// The arguments after `cachescope`.
  public var command: [String]

  public init(time: Int64, user: String, command: [String]) {
    self.time = time
    self.user = user
    self.command = command
  }
}

/// The pointers of a project when the snapshot was taken.
public struct RecordedLinks: Sendable, Hashable {
  /// The folder that was searched.
  public var root: FilePath
  /// In the order of their paths.
  public var items: [LinkItem]
}

extension InspectedCache {
  /// A snapshot, looked at like a cache.
  convenience init(_ recorded: RecordedCache, _ options: OpenOptions) {
    let recording = Recording(
      session: recorded.index.session(), source: recorded.surroundings.source,
      ignoredFrames: recorded.surroundings.ignoredFrames, migrations: recorded.migrations,
      leases: recorded.leases, damage: recorded.damage)
    self.init(recording, at: recorded.location, options)
  }
}

extension RecordedCache.Origin {
  /// "snapshot of build7 taken 2026-11-25 14:01:07 UTC".
  public var title: String {
    let place =
      host.map { name in
        let shown = oneLine(name)
        return " of " + (shown.count > 24 ? shown.prefix(21) + "..." : shown)
      } ?? ""
    return "snapshot\(place) taken \(ClockText(zone: .utc).time(Double(takenAt))) UTC"
  }
}

extension HolderCard {
  /// The card of a process that a snapshot tells of: what only its host could see is left out.
  public init(recorded process: ProcessFacts) {
    self.init(process: process, parents: [], openFiles: [], isComplete: false)
  }
}
