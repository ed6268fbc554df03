package import CacheKit

/// What the header and the overview say about the cache.
package struct CacheFacts: Sendable, Hashable {
  /// The root as a person writes it, with `~` for the home folder; escaped by whoever shows it.
  package var root: String
  package var reason: String
  package var source: IndexSource?
  /// Why no change can be made, whatever the options: "index not writable by uid 1001".
  package var readOnlyReason: String?
  package var fileSystem: String
  package var indexBytes: Int64?
  package var walBytes: Int64?
  /// fbuild's daemon; `nil` where nobody can tell.
  package var daemon: DaemonState?
  /// Whose rights a change would need, as `sudo -u` takes it; `nil` where that is this user.
  package var owner: String?
  /// Whether the cache's file system can be written, and by whom else.
  package var fileSystemKind: FileSystemKind?
  /// Who owns a root that everybody may write in, where that is not us.
  package var openForeignOwner: String?
  /// The newest run of GC whose files can still be put back.
  package var kept: RestoreTrash.Kept?
  /// Frames of the WAL that count for nothing.
  package var ignoredFrames = 0
  /// The host whose processes the verdicts on leases speak of.
  package var standpoint: Standpoint?
  /// "snapshot of build7 taken …", where no cache is at hand but what was told of it.
  package var snapshot: String?
  /// Seconds since the epoch, when these facts were read.
  package var now: Int64

  package init(
    root: String, reason: String, source: IndexSource? = nil, readOnlyReason: String? = nil,
    fileSystem: String = "", indexBytes: Int64? = nil, walBytes: Int64? = nil, now: Int64 = 0
  ) {
    self.root = root
    self.reason = reason
    self.source = source
    self.readOnlyReason = readOnlyReason
    self.fileSystem = fileSystem
    self.indexBytes = indexBytes
    self.walBytes = walBytes
    self.now = now
  }
}

/// Totals and limits.
package struct Figures: Sendable {
  package var statistics: Statistics
  package var budget: Budget
  package var disk: DiskSpace
  /// The largest entries, the largest first.
  package var biggest: [Entry] = []
  /// Seconds since the epoch, when the rows were counted.
  package var countedAt: Int64 = 0
  /// What the paths of rows mean on the disk.
  package var rows: RowFacts?
  /// What is wrong with the index as a whole: the totals are of the rows that can be read.
  package var damage: CacheError?

  package init(statistics: Statistics, budget: Budget, disk: DiskSpace) {
    self.statistics = statistics
    self.budget = budget
    self.disk = disk
  }
}

/// An entry and whether its two paths exist; `nil` where the row names none, or nobody looked.
package struct EntryRow: Sendable, Hashable, Identifiable {
  package var entry: Entry
  package var hasInstalled: Bool?
  package var hasArchive: Bool?
  package var id: Int64 { entry.id }

  package init(entry: Entry, hasInstalled: Bool? = nil, hasArchive: Bool? = nil) {
    self.entry = entry
    self.hasInstalled = hasInstalled
    self.hasArchive = hasArchive
  }
}

/// A lease with its verdict at the time of the snapshot.
package struct LeaseRow: Sendable, Hashable, Identifiable {
  /// A lease is the same one as long as its name and its place in the table are the same.
  package struct ID: Hashable, Sendable {
    package var name: LeaseID
    package var rowID: Int64
  }

  package var lease: Lease
  package var judgement: Judgement
  package var id: ID { ID(name: lease.id, rowID: lease.rowID) }

  package init(lease: Lease, judgement: Judgement) {
    self.lease = lease
    self.judgement = judgement
  }
}

package struct LeaseSnapshot: Sendable, Hashable {
  package var rows: LeaseRows
  /// Seconds since the epoch: ages are counted to here.
  package var takenAt: Int64
  package let tally: LeaseTally

  package init(_ leases: JudgedLeases, takenAt: Int64) {
    rows = LeaseRows(leases)
    self.takenAt = takenAt
    tally = LeaseTally(leases)
  }

  package init(rows: [LeaseRow], takenAt: Int64) {
    let judged = rows.map { JudgedLease(lease: $0.lease, judgement: $0.judgement) }
    self.init(JudgedLeases(judged), takenAt: takenAt)
  }

  /// True where both say the same but for the time.
  package func says(sameAs other: LeaseSnapshot) -> Bool {
    rows.leases.saysSame(as: other.rows.leases)
  }
}
