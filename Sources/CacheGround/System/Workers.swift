import CPlatform
import Dispatch
import Synchronization

/// Threads that work through a list together.
///
/// Not Dispatch's: those are as few as there are processors, and ours mostly wait for a network.
public enum Workers {
  /// At least 1.
  public static var processorCount: Int { Int(cplatform_processor_count()) }

  /// Calls `body` once for every item, at most `jobs` at a time; blocks until all are done, or until
  /// those in work are done after a cancellation.
  ///
  /// Where the system has no threads left, fewer work, at the least the caller's own.
  package static func run<Item: Sendable>(
    _ items: [Item], jobs: Int, isCancelled: @escaping @Sendable () -> Bool,
    start: BackgroundThread.Start = BackgroundThread.start,
    _ body: @escaping @Sendable (Item) -> Void
  ) {
    let next = Mutex(0)
    let group = DispatchGroup()
    let work: @Sendable () -> Void = {
      while !isCancelled() {
        let index = next.withLock { number in
          defer { number += 1 }
          return number
        }
        guard index < items.count else { return }
        body(items[index])
      }
    }
    var started = 0
    while started < max(1, min(jobs, items.count)) {
      group.enter()
      let isStarted = start {
        work()
        group.leave()
      }
      guard isStarted else {
        group.leave()
        break
      }
      started += 1
    }
    if started == 0 { work() }
    group.wait()
  }

  /// What `body` makes of each item, in the order of the items, on all processors; few items stay on the
  /// caller's thread.
  package static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result] {
    let size = 256
    guard items.count > size, processorCount > 1 else { return items.map(body) }
    let starts = Array(stride(from: 0, to: items.count, by: size))
    let parts = Mutex<[Int: [Result]]>([:])
    let never: @Sendable () -> Bool = { false }
    run(starts, jobs: processorCount, isCancelled: never) { start in
      let part = items[start..<min(start + size, items.count)].map(body)
      parts.withLock { $0[start] = part }
    }
    return parts.withLock { parts in
      var all: [Result] = []
      all.reserveCapacity(items.count)
      // Each part goes as it is taken: together they are as large as what comes of them.
      for start in starts { all += parts.removeValue(forKey: start) ?? [] }
      return all
    }
  }
}
