/// All leases with a verdict on each holder.
public struct ListLeases: CacheAction {
  /// Only the leases of this entry.
  public var entry: Int64?

  public init(entry: Int64? = nil) {
    self.entry = entry
  }

  /// The leases, and how they were read.
  public struct Report: Sendable {
    /// In the order of their rows.
    public var leases: JudgedLeases
    /// How the index was read.
    public var source: IndexSource?
    /// What is wrong with the index as a whole.
    public var damage: CacheError?
  }

  public var command: [String] { entry.map { ["entry", String($0)] } ?? ["leases"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    guard let entry else {
      let (leases, damage) = try inspected.judgedLeases(context)
      return Report(leases: leases, source: inspected.source, damage: damage)
    }
    let (leases, damage) = try inspected.readableLeases(ofEntry: entry)
    return Report(
      leases: JudgedLeases(JudgedLease.judge(leases, context)), source: inspected.source,
      damage: damage)
  }
}
