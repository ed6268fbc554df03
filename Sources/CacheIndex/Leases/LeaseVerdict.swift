/// What the evidence says about the holder of a lease.
///
/// The raw values are part of the JSON contract. Only the verdicts that `isProvablyStuck` names rest
/// on proof that the holder is gone; every other lease is released by force alone.
public enum LeaseVerdict: String, Sendable, Hashable, CaseIterable {
  /// The holder runs, started before the lease, and is a program of the cache.
  case live
  /// This process holds the lease.
  case `self`
  /// A durable pin, which no process holds.
  case pin
  /// As `live`, for longer than the caller's limit; age alone never makes a lease stuck.
  case old
  /// The holder is stopped by a signal or a debugger and may go on.
  case stopped
  /// A process of that id predates the lease, but its program is not fbuild or cachescope.
  case alien
  /// A process that has this id in another PID namespace started before the lease.
  case namespace
  /// Nothing can be proved; the evidence says why.
  case unknown
  /// No process has the id, or the lease is older than the boot of the host.
  case dead
  /// The id belongs to a process that cannot be the holder.
  case reused
  /// The holder has exited and waits for its parent to collect it.
  case zombie
  /// The entry of the lease is gone, so the lease protects nothing.
  case orphan

  /// True where proof exists that releasing the lease takes nothing away from anybody.
  public var isProvablyStuck: Bool {
    switch self {
    case .dead, .reused, .zombie, .orphan: true
    case .live, .self, .pin, .old, .stopped, .alien, .namespace, .unknown: false
    }
  }
}

/// A verdict with the line that proves it.
public struct Judgement: Sendable, Hashable {
  /// The answer in one word.
  public var verdict: LeaseVerdict
  /// One line without control characters: the facts, with the times that were compared.
  public var evidence: String
  /// The process that the verdict speaks of; for `reused` the one that has the id now.
  public var holder: ProcessFacts?
  /// The name of the user who pinned, for `pin`; `nil` where the host knows none.
  public var pinnedBy: String?

  public init(_ verdict: LeaseVerdict, _ evidence: String, holder: ProcessFacts? = nil) {
    self.verdict = verdict
    self.evidence = evidence
    self.holder = holder
  }
}
