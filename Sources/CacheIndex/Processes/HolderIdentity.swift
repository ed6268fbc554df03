import Glibc
import Synchronization

/// Which process a lease names: its id, and the wall clock of its first lease as the nonce.
package struct HolderIdentity: Sendable, Hashable {
  package var pid: Int64
  package var nonce: UInt64

  private static let own = Mutex<HolderIdentity?>(nil)

  /// This process, once it has taken a lease.
  package static var known: HolderIdentity? {
    own.withLock { $0?.pid == Int64(getpid()) ? $0 : nil }
  }

  /// This process; the nonce is fixed at the first call and stays, except in a forked child.
  package static func current(_ clock: CacheClock) -> HolderIdentity {
    own.withLock { known in
      let pid = Int64(getpid())
      if let known, known.pid == pid { return known }
      let fresh = HolderIdentity(pid: pid, nonce: max(1, clock.nanoseconds()))
      known = fresh
      return fresh
    }
  }
}
