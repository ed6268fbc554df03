/// What a report is about.
public enum ReportSubject: Sendable, Hashable {
  case cache
  case entry(Int64)
  case lease(LeaseID)
  /// An install lock, by its path below the root.
  case lock(RawText)
  /// A process that holds, waits or serves.
  case process(Int64)
}

/// The cache, an entry or a holder with evidence and what is around it: for a bug report, or the summary of a
/// CI job. Texts are as they were found: redact and escape them.
public struct CacheReport: Sendable {
  public var subject: ReportSubject
  /// Seconds since the epoch.
  public var takenAt: Int64
  /// From when on what grew and what went is told.
  public var since: Int64
  public var status: ShowStatus.Report
  /// `nil` for a snapshot, which tells nothing of its host.
  public var host: HostReport?
  public var machine: MachineFacts
  public var entry: ShowEntry.Report?
  /// The one lease, those of the process, or for the cache all that are provably stuck.
  public var leases: [JudgedLease] = []
  public var lock: HostReport.Lock?
  public var card: HolderCard?
  public var growth = Growth()
  /// What is gone since, the newest first.
  public var taken: [Taken] = []

  /// The secrets in all rows, whatever of them is told: a copy of one may stand anywhere.
  var secrets = SecretSet()

  /// What takes them out, with the names of people and of the host.
  package var redactor: Redactor {
    Redactor(names: userNames, host: machine.hostName, secrets: secrets)
  }

  /// What came since.
  public struct Growth: Sendable, Hashable {
    public var count = 0
    public var bytes: Int64 = 0
    /// The largest first, some of them.
    public var largest: [Item] = []

    public struct Item: Sendable, Hashable {
      public var entryID: Int64
      /// Kind, stem and version.
      public var name: [RawText?]
      public var phase: CachePhase
      public var bytes: Int64
      public var time: Int64
    }

    static let limit = 20

    mutating func add(_ item: Item) {
      count += 1
      bytes = Saturating.add(bytes, max(0, item.bytes)).value
      largest.append(item)
      if largest.count > 4 * Self.limit { cut() }
    }

    mutating func cut() {
      largest.sort { ($1.bytes, $0.entryID) < ($0.bytes, $1.entryID) }
      largest.removeLast(max(0, largest.count - Self.limit))
    }
  }

  /// An archive or an installation that went.
  public struct Taken: Sendable, Hashable {
    public var time: Int64
    public var entryID: Int64
    /// Kind, stem and version, as far as they were noted.
    public var name: [String]
    public var phase: CachePhase
    /// The user who let cachescope take it; `nil` where others took it: a GC of fbuild, or another program.
    public var user: String?
  }

  /// The names of people that stand in it.
  public var userNames: Set<String> {
    let leases = leases.flatMap { [$0.judgement.holder?.userName, $0.judgement.pinnedBy] }
    let processes = host.map { report in
      report.users.map(\.process.userName) + report.daemons.map(\.process.userName)
        + report.waiting.map(\.process.userName) + report.holders.map(\.process.userName)
    }
    let others = taken.map(\.user) + [status.openForeignOwner, card?.process.userName]
    return Set((leases + (processes ?? []) + others).compactMap(\.self))
  }
}

/// The machine that a report is from.
public struct MachineFacts: Sendable, Hashable {
  public var hostName: String?
  /// `Linux 6.1.0 x86_64`.
  public var kernel: String?
  /// As os-release names it.
  public var system: String?
}
