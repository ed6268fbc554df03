internal import TUI

/// How often everything is read again while the index changes: the first change after a while is read at
/// once, then what reading took, times `rest`, goes by. An index that never rests is read far more rarely,
/// and once it rests.
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
  private var pause: Pause?
  /// When a change was seen last; the first reads count as one.
  private var changedAt: Moment?
  /// Since when no change waited a `quiet` time for the next one; `nil` for longer than we look.
  private var restlessSince: Moment?
  /// When what has to wait is read.
  private(set) var dueAt: Moment?

  /// Until when nothing is read again.
  private struct Pause {
    /// When the reads came to an end.
    let start: Moment
    var cost: Int64
    let isForOthers: Bool

    /// Of an index that rests at times: what the person asked for makes no rest.
    var end: Moment {
      isForOthers
        ? start.advanced(milliseconds: times(ReloadPace.rest, ReloadPace.longestRest)) : start
    }

    /// Of one that never does.
    var restlessEnd: Moment {
      start.advanced(
        milliseconds: times(ReloadPace.restlessRest, ReloadPace.longestRestlessRest))
    }

    private func times(_ factor: Int64, _ limit: Int64) -> Int64 {
      min(min(cost, limit) * factor, limit)
    }
  }

  /// What is read in less is read at once, each time: the index is asked four times a second.
  private static let freeMilliseconds: Int64 = 12
  private static let rest: Int64 = 15
  private static let longestRest: Int64 = 10_000
  private static let restlessRest: Int64 = 200
  private static let longestRestlessRest: Int64 = 60_000
  /// An index without a change for so long rests.
  private static let quiet: Int64 = 1000
  /// One that did not rest for so long never does.
  private static let patience: Int64 = 10_000

  mutating func start(forOthers: Bool = false) {
    areForOthers = isReading ? areForOthers && forOthers : forOthers
    isReading = true
    isOld = false
    dueAt = nil
    cost = 0
  }

  /// A read took so long; one that follows from the others counts, too, and one that a key began later does
  /// not: who moves about would see nothing of what others do.
  mutating func spend(since began: Moment, at now: Moment) {
    let spent = max(0, now.milliseconds(since: began))
    if isReading {
      cost += spent
    } else if let pause, began <= pause.start {
      self.pause?.cost += spent
      if dueAt != nil { dueAt = due(now) }
    }
  }

  /// The reads came to an end.
  mutating func ended(at now: Moment) {
    guard isReading else { return }
    isReading = false
    if changedAt == nil { changedAt = now }
    if cost >= Self.freeMilliseconds {
      pause = Pause(start: now, cost: cost, isForOthers: areForOthers)
    }
    if isOld { dueAt = due(now) }
  }

  /// True once, when what had to wait may be read.
  mutating func isDue(at now: Moment) -> Bool {
    guard let time = dueAt, time <= now, !isReading else { return false }
    dueAt = nil
    return true
  }

  /// The index changed. True where nothing may be read now; what was asked for is read later.
  mutating func mustWait(at now: Moment) -> Bool {
    noteChange(at: now)
    if isReading {
      isOld = true
      return true
    }
    let time = due(now)
    guard now < time else { return false }
    dueAt = time
    return true
  }

  private mutating func noteChange(at now: Moment) {
    if let changedAt, now.milliseconds(since: changedAt) >= Self.quiet { restlessSince = now }
    changedAt = now
  }

  /// When a change that waits is read: of an index that never rests late, or as soon as it does.
  private func due(_ now: Moment) -> Moment {
    guard let pause else { return now }
    let isRestless = restlessSince.map { now.milliseconds(since: $0) >= Self.patience } ?? true
    guard isRestless else { return max(now, pause.end) }
    let rested = (changedAt ?? now).advanced(milliseconds: Self.quiet)
    return max(now, min(pause.restlessEnd, max(pause.end, rested)))
  }
}
