import SystemPackage

/// What a collection would take and keep, and why: what fbuild 2.5.47 would do, and where ours differs.
///
/// A value: the same index, processes, limits and files give the same plan, and the same `id`.
public struct CollectionPlan: Sendable, Hashable {
  /// The first 12 hex digits of the SHA-256 over all that it promises.
  public internal(set) var id = ""
  public var limits: CollectionLimits
  /// What real GC takes, in its order; behind those, what ours alone goes on to take.
  public var steps: [Step] = []
  public var kept: [Kept] = []
  /// The leases that real GC reaps first.
  public var reaps: [LeaseID] = []
  /// The words with which real GC would end early.
  public var realError: String?
  /// True where that error is for who asks, who may not write the index, and not for its owner.
  public var isCallersError = false
  /// What real GC would report as freed, modulo 2^64 as it counts.
  public var frees: UInt64 = 0
  /// The bytes of the index, before and after the steps that real GC takes.
  public var before = Totals()
  public var after = Totals()
  public var outlook = CollectionOutlook()
  /// Whether the disk was looked at; false for a snapshot.
  public var isProbed = true

  public struct Totals: Sendable, Hashable {
    public var installed: UInt64 = 0
    public var archive: UInt64 = 0
    public var total: UInt64 { installed.saturatingSum(archive) }
  }

  /// One phase of one entry that goes.
  public struct Step: Sendable, Hashable {
    public var entryID: Int64
    public var phase: CachePhase
    /// As the index says; `nil` for NULL.
    public var bytes: Int64?
    /// Its place among the candidates of its phase.
    public var rank: Int
    public var reason: String
    /// Why ours does not take it; `nil` where it does.
    public var refused: String?
    /// True where real GC has ended before it.
    public var isOursAlone = false
    public var price: Price
    public var kind: RawText?
    public var stem: RawText?
    public var version: RawText?
    /// As stored.
    public var path: RawText
    /// What its files take, each inode counted where its first name goes.
    public var files = ReclaimedBytes()
    /// The row that was seen.
    public var fingerprint: String
    /// What stood at its path; `nil` where nothing did, or where that was not looked at.
    public var stamp: FilesStamp?
    /// The leases on the entry that were seen.
    public var leases: [LeaseID] = []

    /// False for an eviction by id, whose files were not looked at before.
    var isPlanned = true

    /// True where ours carries it out.
    public var isTaken: Bool { refused == nil }
  }

  /// A file or folder by what changes with it.
  public struct FilesStamp: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
    /// Of its last change, in nanoseconds since the epoch; wraps around.
    var modified: Int64

    /// Renaming it, or a look at it, leaves the text as it is.
    var text: String { "\(device).\(inode).\(modified)" }

    /// Whether the text is of the same files as far as a copy of a cache keeps what is the same: it has other
    /// inodes, and a device has another number after a restart.
    func isSameCopied(as text: String) -> Bool {
      text.split(separator: ".").last.map(String.init) == "\(modified)"
    }
  }

  /// What it costs to have it again.
  public enum Price: String, Sendable {
    /// Its archive stays.
    case extract = "re-extract"
    case download = "download again"
    /// Nothing is lost now; the next installation downloads again.
    case downloadLater = "download at the next install"
  }

  /// One phase of one entry that stays.
  public struct Kept: Sendable, Hashable {
    public var entryID: Int64
    /// `nil` for an entry that has no files.
    public var phase: CachePhase?
    public var reason: KeptReason
    /// What the index says of the phase; negative and damaged numbers are none.
    public var bytes: UInt64 = 0
  }

  /// What the index says is left once ours has carried it out.
  public var left: Totals {
    var left = before
    for place in steps.indices where steps[place].isTaken {
      let bytes = UInt64(max(0, steps[place].bytes ?? 0))
      if steps[place].phase == .installed {
        left.installed = left.installed.saturatingDifference(bytes)
      } else {
        left.archive = left.archive.saturatingDifference(bytes)
      }
    }
    return left
  }

  /// How many bytes stay above the limits then.
  public var excess: UInt64 {
    let left = left
    let over = left.installed.saturatingDifference(limits.installed)
      .saturatingSum(left.archive.saturatingDifference(limits.archive))
    return max(over, left.total.saturatingDifference(limits.high))
  }

  /// The steps that ours carries out: a copy of them all, where the next two do.
  public var taken: [Step] { steps.filter(\.isTaken) }

  /// How many of them there are; a screen asks with each key.
  public var takenCount: Int { steps.indices.count { steps[$0].isTaken } }

  /// What becomes free on the disk where ours carries them out.
  public var freed: UInt64 {
    var sum: UInt64 = 0
    for place in steps.indices where steps[place].isTaken {
      sum = sum.saturatingSum(steps[place].files.reclaimable)
    }
    return sum
  }
}

/// Why a collection leaves something where it is.
public enum KeptReason: Sendable, Hashable {
  /// A lease holds the entry; its verdict and evidence.
  case leased(String)
  /// `pinned` is not 0, and no lease says why.
  case ghost(String)
  /// `pinned` is not 0 because of leases whose holders are gone, and nothing is reaped.
  case unreaped(String)
  /// Its files cannot be removed.
  case stuck(String)
  /// Real GC fails when it reads the row.
  case damaged(String)
  /// Behind the first 1,000 of its phase.
  case beyond
  /// The limits are met before its turn.
  case notNeeded
  /// Its phase holds less than its limits.
  case withinLimits
  /// Real GC has ended before.
  case realEnds
  case noFiles

  /// In a word or two.
  public var title: String {
    switch self {
    case .leased: "lease"
    case .ghost: "ghost pin"
    case .unreaped: "stuck lease"
    case .stuck: "cannot go"
    case .damaged: "bad row"
    case .beyond: "beyond 1,000"
    case .notNeeded: "not needed"
    case .withinLimits: "within limits"
    case .realEnds: "real GC ends"
    case .noFiles: "no files"
    }
  }

  /// True where something stands in the way; false where its turn does not come.
  public var isBlocking: Bool {
    switch self {
    case .leased, .ghost, .unreaped, .stuck, .damaged, .beyond: true
    case .notNeeded, .withinLimits, .realEnds, .noFiles: false
    }
  }

  /// The whole reason, as a phrase.
  public var words: String {
    switch self {
    case .leased(let words), .ghost(let words), .unreaped(let words): words
    // Real GC has removed what comes first by the time it meets the obstacle.
    case .stuck(let words): "cannot be removed: \(words); real GC removes what it can of it"
    case .damaged(let words): "real GC fails on its row: \(words)"
    case .beyond: "not among the first 1,000 of its phase, and real GC looks at no more in a run"
    case .notNeeded: "not needed: the limits are met before its turn"
    case .withinLimits: "its phase is within its limits"
    case .realEnds: "real GC ends before it, and ours does not need it"
    case .noFiles: "has no files: GC never looks at it"
    }
  }
}
