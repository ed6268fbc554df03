/// What follows from a plan: how old what goes is, and how long the room would last. Pure.
public struct CollectionOutlook: Sendable, Hashable {
  /// Seconds since its last use of the step that goes last; `nil` where nothing goes, or no time is known.
  public var lastAge: Int64?
  /// Bytes a day that were recorded, of those still there, over the last 30 days at most.
  public var growth: UInt64?
  /// Days until a limit is met again at that growth; `nil` where nothing grows.
  public var days: Double?

  private static let window: Int64 = 30 * 86_400
  private static let day: Int64 = 86_400

  public init() {}

  init(
    _ rows: [CollectionRow], _ plan: CollectionPlan, last: LastUsed?, now: Int64
  ) {
    if case .integer(let used)? = last, used <= now {
      let (age, isOver) = now.subtractingReportingOverflow(used)
      lastAge = isOver ? nil : age
    }
    let grown = CachePhase.allCases.map { Self.growth(rows, $0, now) }
    growth = grown.reduce(0) { $0.saturatingSum($1) }
    days = Self.days(plan, grown)
  }

  /// Bytes a day of one phase.
  private static func growth(_ rows: [CollectionRow], _ phase: CachePhase, _ now: Int64) -> UInt64 {
    var (sum, first) = (UInt64(0), now)
    for row in rows where row[phase].isPresent {
      let since = row[phase].since
      guard since <= now, since > 0, now - since <= window else { continue }
      sum = sum.saturatingSum(row[phase].usable)
      first = min(first, since)
    }
    // What came within an hour says nothing about a day.
    let span = max(now - first, day)
    return UInt64(
      Double(sum) / Double(span) * Double(day) < 0x1p63
        ? Double(sum) / Double(span) * Double(day) : 0x1p63)
  }

  private static func days(_ plan: CollectionPlan, _ grown: [UInt64]) -> Double? {
    let (archive, installed) = (grown[0], grown[1])
    let rooms: [(room: UInt64, growth: UInt64)] = [
      (plan.limits.archive.saturatingDifference(plan.after.archive), archive),
      (plan.limits.installed.saturatingDifference(plan.after.installed), installed),
      (
        plan.limits.high.saturatingDifference(plan.after.total),
        archive.saturatingSum(installed)
      ),
    ]
    return rooms.filter { $0.growth > 0 }.map { Double($0.room) / Double($0.growth) }.min()
  }
}
