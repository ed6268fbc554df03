internal import CacheKit

/// Lines of the journal that stand as one: the steps of a collection, or of what put them back.
struct JournalRun: Sendable {
  /// The newest of them.
  var line: JournalLine
  var count = 1
}

extension JournalContents {
  /// The newest first, at most so many.
  func runs(limit: Int = .max) -> [JournalRun] {
    var runs: [JournalRun] = []
    for line in lines.reversed() {
      if let last = runs.last, last.line.isOfSameRun(as: line) {
        runs[runs.count - 1].count += 1
      } else if runs.count < limit {
        runs.append(JournalRun(line: line))
      } else {
        break
      }
    }
    return runs
  }
}

extension JournalLine {
  /// One process, and many steps of one kind.
  fileprivate func isOfSameRun(as earlier: JournalLine) -> Bool {
    guard user == earlier.user, process == earlier.process else { return false }
    if isEvictedStep { return earlier.isEvictedStep && hasEnd == earlier.hasEnd }
    // What puts files back names the run each time.
    return action == "undo" && command == earlier.command
  }

  private var hasEnd: Bool { keptUntil != nil }
  private var process: Substring? { id.split(separator: "-").last }
}
