/// Durable pins that may not hold, and those that should hold no longer.
public struct PinTally: Sendable, Hashable {
  /// Entries that have lost both rows of a pin.
  public var lost: [Int64] = []
  /// Pins with one row of two.
  public var halves: [Int64] = []
  /// Pins whose end is over.
  public var over: [Int64] = []

  /// Counts what is wrong with durable pins.
  ///
  /// - Parameters:
  ///   - gaps: what the index lacks of them.
  ///   - leases: the leases of the same state.
  ///   - now: seconds since the epoch.
  public init(_ gaps: PinGaps, _ leases: JudgedLeases, now: Int64) {
    lost = gaps.lostEntries
    halves = gaps.halves.compactMap(\.id.entryID)
    over = leases.rows { $0 == .pin }.filter { $0.lease.isPinOver(at: now) }
      .compactMap(\.lease.id.entryID)
  }
}

extension FindingFacts {
  var durablePinFindings: [Finding] {
    let classes: [(String, [Int64]?, String, String)] = [
      ("pin_lost", pins?.lost, "both rows are gone: a GC took them", "GC may evict"),
      ("pin_half", pins?.halves, "one row of two is missing", "some fbuild's GC may evict"),
      ("pin_over", pins?.over, "its end is over", "still kept from eviction"),
    ]
    return classes.compactMap { id, entries, message, impact in
      guard let entries, !entries.isEmpty else { return nil }
      return Finding(
        id, .warning, Finding.count(entries.count, "durable pin"), message, impact: impact,
        at: .entries(entries), fix: .init(["doctor", "--fix"], .safe))
    }
  }
}
