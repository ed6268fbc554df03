import Foundation
import Synchronization

/// Threads that work through a list together.
///
/// Not Dispatch's: those are as few as there are processors, and ours mostly wait for a network.
public enum Workers {
  /// At least 1.
  public static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Calls `body` once for every item, at most `jobs` at a time; blocks until all are done, or until
  /// those in work are done after a cancellation.
  static func run<Item: Sendable>(
    _ items: [Item], jobs: Int, isCancelled: @escaping @Sendable () -> Bool,
    _ body: @escaping @Sendable (Item) -> Void
  ) {
    let next = Mutex(0)
    let group = DispatchGroup()
    for _ in 0..<max(1, min(jobs, items.count)) {
      group.enter()
      Thread.detachNewThread {
        defer { group.leave() }
        while !isCancelled() {
          let index = next.withLock { number in
            defer { number += 1 }
            return number
          }
          guard index < items.count else { return }
          body(items[index])
        }
      }
    }
    group.wait()
  }
}
