internal import TUI

/// How often everything is read again while the index changes without end: for a tenth of the time.
struct ReloadPace: Sendable {
  private var began: Moment?
  private var allowedAt: Moment?
  /// When what has to wait is read.
  private(set) var dueAt: Moment?

  /// What is read in less is read at once, each time.
  private static let freeMilliseconds: Int64 = 25
  private static let rest: Int64 = 10
  private static let longestRest: Int64 = 10_000

  mutating func start(at now: Moment) {
    began = began ?? now
    dueAt = nil
  }

  /// The reads came to an end: the longer they took, the longer the next ones wait.
  mutating func ended(at now: Moment) {
    guard let start = began else { return }
    began = nil
    let cost = now.milliseconds(since: start)
    allowedAt =
      cost < Self.freeMilliseconds
      ? nil : start.advanced(milliseconds: min(cost * Self.rest, cost + Self.longestRest))
  }

  /// True once, when what had to wait may be read.
  mutating func isDue(at now: Moment) -> Bool {
    guard let time = dueAt, time <= now else { return false }
    dueAt = nil
    return true
  }

  /// True where nothing may be read now; what was asked for is read later.
  mutating func mustWait(at now: Moment) -> Bool {
    guard let allowedAt, now < allowedAt else { return false }
    dueAt = allowedAt
    return true
  }
}
