internal import TUI

/// How often everything is read again while the index changes without end: what reading took, times
/// `rest`, goes by before it is read again. The first change after a while is read at once.
///
/// A change that comes while the reads still run waits for all of them: else two long ones would
/// start each other anew for ever.
struct ReloadPace: Sendable {
  private(set) var isReading = false
  /// The reads are for a change that somebody else made, and not for the person here.
  private var areForOthers = false
  /// The index changed since the reads began.
  private var isOld = false
  /// What the reads took, in milliseconds, each of them counted.
  private var cost: Int64 = 0
  private var allowedAt: Moment?
  /// When what has to wait is read.
  private(set) var dueAt: Moment?

  /// What is read in less is read at once, each time: the index is asked four times a second.
  private static let freeMilliseconds: Int64 = 12
  private static let rest: Int64 = 15
  private static let longestRest: Int64 = 10_000

  mutating func start(forOthers: Bool = false) {
    areForOthers = isReading ? areForOthers && forOthers : forOthers
    isReading = true
    isOld = false
    dueAt = nil
    cost = 0
  }

  /// A read took so long; one that comes after the others counts, too.
  mutating func spend(_ milliseconds: Int64, at now: Moment) {
    let spent = max(0, milliseconds)
    if isReading {
      cost += spent
    } else if let allowedAt, now < allowedAt {
      allow(at: allowedAt.advanced(milliseconds: min(spent * Self.rest, Self.longestRest)))
    }
  }

  /// The reads came to an end.
  mutating func ended(at now: Moment) {
    guard isReading else { return }
    isReading = false
    if areForOthers, cost >= Self.freeMilliseconds {
      allow(at: now.advanced(milliseconds: min(cost * Self.rest, Self.longestRest)))
    }
    if isOld { dueAt = max(allowedAt ?? now, now) }
  }

  private mutating func allow(at moment: Moment) {
    allowedAt = moment
    if dueAt != nil { dueAt = moment }
  }

  /// True once, when what had to wait may be read.
  mutating func isDue(at now: Moment) -> Bool {
    guard let time = dueAt, time <= now, !isReading else { return false }
    dueAt = nil
    return true
  }

  /// True where nothing may be read now; what was asked for is read later.
  mutating func mustWait(at now: Moment) -> Bool {
    if isReading {
      isOld = true
      return true
    }
    guard let allowedAt, now < allowedAt else { return false }
    dueAt = allowedAt
    return true
  }
}
