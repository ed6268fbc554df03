import Glibc
import Synchronization

/// How long one change may wait for locks, over all of its waits together.
///
/// SQLite's own timeout begins anew with every statement: opening, switching to WAL and writing would
/// each wait that long.
final class BusyBudget: Sendable {
  private let limit: Duration
  private let spent: Mutex<Duration>
  private let isCancelled: @Sendable () -> Bool
  /// What was waited since the cancellation.
  private let late = Mutex(Duration.zero)

  /// Whoever cancels still wants leases given back, but not to wait for it.
  private static let grace = Duration.milliseconds(50)

  /// - Parameter spent: seconds that were waited already.
  init(
    seconds: Double, spent: Double = 0,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isCancelled = isCancelled
    limit = .seconds(max(0, seconds))
    self.spent = Mutex(.seconds(max(0, spent)))
  }

  /// SQLite's busy handler: sleeps a little, longer each time; false where nothing is left.
  func waits(attempt: Int) -> Bool {
    let isLate = isCancelled()
    let left = min(
      limit - spent.withLock { $0 }, isLate ? Self.grace - late.withLock { $0 } : limit)
    guard left > .zero else { return false }
    let start = ContinuousClock.now
    let pause = min(.milliseconds(1 << min(max(0, attempt), 5)), left)
    usleep(UInt32(max(1, pause / .microseconds(1))))
    let waited = ContinuousClock.now - start
    spent.withLock { $0 += waited }
    if isLate { late.withLock { $0 += waited } }
    return true
  }

  /// The next change waits its own time.
  func renew() { spent.withLock { $0 = .zero } }
}

/// The seconds since it was made.
package struct Stopwatch {
  private let start = ContinuousClock.now

  package init() {
  }

  package var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
}
