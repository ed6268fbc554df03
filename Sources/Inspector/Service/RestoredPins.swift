internal import CacheKit
import Synchronization

/// What the last change put back of durable pins, until its report is written.
final class RestoredPins: Sendable {
  private let gaps = Mutex<PinGaps?>(nil)

  func noting(_ context: ActionContext) -> ActionContext {
    var noting = context
    noting.onPinsRestored = { found in self.gaps.withLock { $0 = found } }
    return noting
  }

  func take() -> PinGaps? {
    gaps.withLock { found in
      defer { found = nil }
      return found
    }
  }
}
