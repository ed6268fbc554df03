/// One thing that happened to the leases of a cache, to what they hold, or to its install locks.
///
/// Texts come from the index and from files: escape them before a terminal.
public struct LeaseEvent: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// A lease that was there at the first look.
    case held
    /// A lease was taken.
    case came
    /// A lease is gone.
    case went
    /// Its count changed.
    case changed
    /// The lease is there, and its holder is provably gone since.
    case holderGone = "holder_gone"
    /// An archive or an installation is gone.
    case taken
    case lockHeld = "lock_held"
    case lockCame = "lock_came"
    case lockWent = "lock_went"
    /// The owner of the lock is provably gone since.
    case lockOwnerGone = "lock_owner_gone"
    /// Another file has taken the index's place.
    case indexReplaced = "index_replaced"
    /// The index cannot be read; the last look stays what is known.
    case unreadable
    case readable
  }

  /// What ended something, as far as it can be told.
  public enum Cause: String, Sendable {
    /// By its holder, which ran at the last look.
    case released
    /// Its holder was gone: a GC removed what it had left.
    case reaped
    /// Its entry is gone.
    case evicted
    /// By cachescope, as its journal says.
    case cachescope
    /// Not by cachescope: a GC of fbuild, or another program.
    case others
    /// By nobody: its row is gone from the index, and its files are still there.
    case rowGone = "row_gone"
  }

  /// Seconds since the epoch, when it was seen.
  public var time: Int64
  public var kind: Kind
  public var lease: JudgedLease?
  /// Of something that ended: how long it was held, in seconds.
  public var held: Int64?
  public var cause: Cause?
  /// The entry of the lease, or that of which something was taken.
  public var entryID: Int64?
  /// Kind, stem and version of that entry.
  public var name: [RawText] = []
  /// Of something that was taken.
  public var phase: CachePhase?
  public var bytes: Int64?
  public var lock: InstallLock?
  public var lockVerdict: InstallLock.Verdict?
  /// What is wrong with the index.
  public var message: String?

  public init(_ kind: Kind, at time: Int64) {
    self.kind = kind
    self.time = time
  }
}
