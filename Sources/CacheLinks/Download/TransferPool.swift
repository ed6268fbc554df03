import Synchronization

/// Connections that no thread uses at the moment; each is used by one thread at a time.
package final class TransferPool: Sendable {
  private struct Idle: @unchecked Sendable {
    let transfer: HTTPTransfer
  }

  private let idle = Mutex<[Idle]>([])

  package init() {}

  /// A new one only where none is idle: hits alone never load libcurl.
  package func take() throws(CacheError) -> HTTPTransfer {
    if let kept = idle.withLock({ $0.popLast() }) { return kept.transfer }
    return try HTTPTransfer()
  }

  package func give(_ transfer: HTTPTransfer) {
    let kept = Idle(transfer: transfer)
    idle.withLock { $0.append(kept) }
  }
}
