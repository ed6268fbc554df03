/// All leases with a verdict on each holder.
public struct ListLeases: CacheAction {
  /// Only the leases of this entry.
  public var entry: Int64?

  public init(entry: Int64? = nil) {
    self.entry = entry
  }

  public struct Report: Sendable {
    public var leases: [JudgedLease]
    public var source: IndexSource?
    /// What is wrong with the index as a whole.
    public var damage: CacheError?
  }

  public var command: [String] { entry.map { ["entry", String($0)] } ?? ["leases"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    let (leases, damage) = try inspected.readableLeases(ofEntry: entry)
    return Report(
      leases: JudgedLease.judge(leases, context), source: inspected.source, damage: damage)
  }
}

/// A lease with what the evidence says about its holder.
public struct JudgedLease: Sendable, Hashable, Identifiable {
  public var lease: Lease
  public var judgement: Judgement

  public var id: Int64 { lease.rowID }

  public init(lease: Lease, judgement: Judgement) {
    self.lease = lease
    self.judgement = judgement
  }

  /// Judges all of them on one picture of the processes.
  public static func judge(_ leases: [Lease], _ context: ActionContext) -> [JudgedLease] {
    if let recorded = context.recorded { return recorded.judge(leases) }
    var processes = context.processTable()
    return leases.map { lease in
      var judgement = processes.judge(lease)
      if let reason = lease.pinReason { judgement.evidence += "; reason: \(reason)" }
      return JudgedLease(lease: lease, judgement: judgement)
    }
  }
}
