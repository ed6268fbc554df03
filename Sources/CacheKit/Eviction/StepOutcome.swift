/// What became of one step.
public struct StepOutcome: Sendable, Hashable {
  public enum Result: String, Sendable {
    /// Its files are gone.
    case removed
    /// They lie in the trash until its end.
    case kept
    /// Its row was cleared; its files were gone before.
    case missing
    /// Its row was cleared, and some of its files could not be removed: they wait in the trash.
    case pending
    /// Somebody else took it first.
    case gone
    /// Nothing was changed.
    case skipped
  }

  public var entryID: Int64
  public var phase: CachePhase
  public var result: Result
  /// As the index said.
  public var bytes: Int64?
  /// What became free, as far as it was counted before.
  public var files = ReclaimedBytes()
  /// Why it was skipped, or what stays; empty otherwise.
  public var reason = ""

  init(_ step: CollectionPlan.Step, _ result: Result, reason: String = "") {
    entryID = step.entryID
    phase = step.phase
    bytes = step.bytes
    self.result = result
    self.reason = reason
  }
}
