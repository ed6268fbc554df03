internal import CacheKit
import Synchronization

/// What the last change did besides what was asked for, until its report is written: the screen has no other
/// place for it.
final class ChangeNotes: Sendable {
  private let gaps = Mutex<PinGaps?>(nil)
  private let unnoted = Mutex<CacheError?>(nil)

  func noting(_ context: ActionContext) -> ActionContext {
    var noting = context
    noting.onPinsRestored = { found in self.gaps.withLock { $0 = found } }
    noting.onJournalFailure = { error in self.unnoted.withLock { $0 = error } }
    return noting
  }

  /// The report with the notes behind it, which are given once.
  func join(_ report: ChangeReport) -> ChangeReport {
    let words = [Self.take(gaps)?.sentence, Self.take(unnoted).map { Format.text($0.message) }]
    return words.compactMap(\.self).reduce(report) {
      ChangeReport.joined($0, ChangeReport(summary: $1))
    }
  }

  private static func take<Value>(_ place: borrowing Mutex<Value?>) -> Value? {
    place.withLock { found in
      defer { found = nil }
      return found
    }
  }
}
