internal import CacheKit
internal import TUI

/// How far a task is, as far as it can be told.
struct TaskProgress: Sendable, Hashable {
  var words: String
  var done: Int64
  var wanted: Int64
  /// Bytes a second.
  var rate: Int64?
  /// Seconds until the end.
  var secondsLeft: Int64?

  /// `fetching 18/31  ███████▌···  412 MiB/s  eta 3s`.
  func line(_ counts: String, bar width: Int, glyphs: Glyphs) -> String {
    var parts = ["\(words) \(counts)", Gauge.bar(done, of: wanted, width: width, glyphs: glyphs)]
    if let rate { parts.append("\(Format.size(rate))/s") }
    if let secondsLeft { parts.append("eta \(Format.age(secondsLeft))") }
    return parts.joined(separator: "  ")
  }
}

extension LinkProgress {
  /// The bytes that are still to come; `nil` where one of them is not known.
  var bytesLeft: Int64? {
    guard done + transfers.count == wanted else { return nil }
    var left: Int64 = 0
    for transfer in transfers.values {
      guard let total = transfer.total, total >= transfer.bytes else { return nil }
      let sum = left.addingReportingOverflow(total - transfer.bytes)
      if sum.overflow { return nil }
      left = sum.partialValue
    }
    return left
  }

  /// By bytes where all that is left is known, else by blobs.
  func task(_ words: String, rate: Int64?) -> TaskProgress {
    var task = TaskProgress(words: words, done: Int64(done), wanted: Int64(wanted), rate: rate)
    guard let left = bytesLeft, left > 0, !transfers.isEmpty else { return task }
    let all = arrived.addingReportingOverflow(left)
    guard !all.overflow else { return task }
    (task.done, task.wanted) = (arrived, all.partialValue)
    task.secondsLeft = rate.map { left / $0 + 1 }
    return task
  }
}

extension Inspector {
  /// What the strip says of a running task.
  func taskProgress(of id: JobID, _ since: Moment) -> String {
    let span = clock.milliseconds(since: since)
    switch id {
    case LinkWork.fetchJob:
      let words = links.fetching.target.map { "put into \($0)" } ?? "fetch pointers"
      return linkLine(links.fetching, words, rate: links.fetching.rate)
    case LinkWork.verifyJob:
      let rate = Rate.perSecond(links.verifying.bytes, milliseconds: span)
      return linkLine(links.verifying, "verify pointers", rate: rate)
    case ArchiveChecks.job:
      let checks = entries.checks
      let task = TaskProgress(
        words: "verify archives", done: Int64(checks.done), wanted: Int64(checks.wanted),
        rate: Rate.perSecond(checks.bytes, milliseconds: span))
      return task.line("\(checks.done)/\(checks.wanted)", bar: 19, glyphs: glyphs)
    default: return "\(SafeText.escape(id.name))  \(Format.age(span / 1000))"
    }
  }

  private func linkLine(_ progress: LinkProgress, _ words: String, rate: Int64?) -> String {
    progress.task(words, rate: rate)
      .line("\(progress.done)/\(progress.wanted)", bar: 19, glyphs: glyphs)
  }
}
