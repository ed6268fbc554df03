import Dispatch

/// How many threads may work at once, of those that exist: one that only waits for a disk gives its slot
/// to another one.
package final class Slots: Sendable {
  private let free: DispatchSemaphore

  package init(_ count: Int) { free = DispatchSemaphore(value: max(1, count)) }

  package func enter() { free.wait() }
  package func leave() { free.signal() }

  /// Runs `body` while another thread has the slot.
  package func without<Value>(
    _ body: () throws(CacheError) -> Value
  ) throws(CacheError) -> Value {
    leave()
    defer { enter() }
    return try body()
  }
}
