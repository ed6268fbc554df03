/// A lease with what the evidence says about its holder.
public struct JudgedLease: Sendable, Hashable, Identifiable {
  /// The row.
  public var lease: Lease
  /// What the evidence says of its holder.
  public var judgement: Judgement

  public var id: Int64 { lease.rowID }

  public init(lease: Lease, judgement: Judgement) {
    self.lease = lease
    self.judgement = judgement
  }
}
