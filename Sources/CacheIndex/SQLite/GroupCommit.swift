import Dispatch
import Synchronization

/// Puts the changes that several threads make at the same time into one transaction.
///
/// While one thread commits, the others queue up; the first of them then commits for all that wait. So a
/// lone change costs what it always did, and a crowd shares its locks, its pages and its commit.
final class GroupCommit: Sendable {
  typealias Body = (Database) throws -> Void

  /// One thread's change.
  private final class Change: @unchecked Sendable {
    let body: Body
    let isDurable: Bool
    let wake = DispatchSemaphore(value: 0)
    /// Set by the thread that commits, before it wakes this one; `nil` makes this one commit next.
    var outcome: Result<Void, CacheError>?

    init(_ body: @escaping Body, _ isDurable: Bool) {
      self.body = body
      self.isDurable = isDurable
    }
  }

  private struct State {
    var waiting: [Change] = []
    var isCommitting = false
  }

  private let state = Mutex(State())

  /// How many threads wait for the one that commits.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Commits bodies in one transaction, all of them or none; waits for the disk where one of them asks for
  /// that.
  typealias Commit = ([Body], _ isDurable: Bool) -> Result<Void, CacheError>

  /// Makes the change with those of other threads.
  ///
  /// Where a transaction of several fails, each is made once more by itself, so that nobody gets another
  /// one's error: a body must bear to run again after it was rolled back.
  func write(
    _ body: @escaping Body, isDurable: Bool = true, commit: Commit
  ) throws(CacheError) {
    let change = Change(body, isDurable)
    let leads = state.withLock { state in
      state.waiting.append(change)
      defer { state.isCommitting = true }
      return !state.isCommitting
    }
    if !leads { change.wake.wait() }
    try (change.outcome ?? lead(change, commit)).get()
  }

  private func lead(
    _ own: Change, _ commit: Commit
  ) -> Result<Void, CacheError> {
    let batch = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    let together = commit(batch.map(\.body), batch.contains(where: \.isDurable))
    for change in batch {
      change.outcome =
        if case .failure = together, batch.count > 1 {
          commit([change.body], change.isDurable)
        } else {
          together
        }
    }
    let next = state.withLock { state in
      state.isCommitting = !state.waiting.isEmpty
      return state.waiting.first
    }
    for change in batch where change !== own { change.wake.signal() }
    next?.wake.signal()
    return own.outcome ?? together
  }
}
