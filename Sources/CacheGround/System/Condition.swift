import Glibc

/// A lock with a condition that its holder can wait for.
package final class Condition: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let signals: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    mutex = .allocate(capacity: 1)
    signals = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    // Waits go by a clock that nobody sets.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(signals, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(signals)
    pthread_mutex_destroy(mutex)
    signals.deallocate()
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }

  /// Gives the lock away until somebody signals; may return without that, too.
  package func wait() { pthread_cond_wait(signals, mutex) }

  /// The same, for so long at most.
  package func wait(seconds: Double) {
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = Int64(end.tv_nsec) + Int64(seconds * 1e9)
    end.tv_sec += time_t(nanoseconds / 1_000_000_000)
    end.tv_nsec = Int(nanoseconds % 1_000_000_000)
    pthread_cond_timedwait(signals, mutex, &end)
  }

  package func signal() { pthread_cond_signal(signals) }
  package func broadcast() { pthread_cond_broadcast(signals) }
}
