internal import TUI

// How far a fetch or a verification is, in words.
extension LinksRoom {
  func progress(of job: JobID, in house: House) -> String? {
    switch job {
    case LinkWork.fetchJob:
      let rate = fetching.rate.map { ", \(Format.size($0))/s" } ?? ""
      let words = fetching.target.map { "putting into \($0)" } ?? "fetching"
      return "\(words): \(fetching.done) of \(fetching.wanted) done, "
        + "\(Format.size(fetching.arrived))\(rate)  (x on tab \(Self.tab.number) cancels)"
    case LinkWork.verifyJob:
      let span = house.running[job].map { house.clock.milliseconds(since: $0) } ?? 0
      let rate = Rate.perSecond(verifying.bytes, milliseconds: span)
      let words = rate.map { ", \(Format.size($0))/s" } ?? ""
      return "verifying: \(verifying.done) of \(verifying.wanted) done\(words)"
        + "  (x on tab \(Self.tab.number) cancels)"
    default: return nil
    }
  }

  func task(of job: JobID, since: Moment, in house: House) -> String? {
    switch job {
    case LinkWork.fetchJob: return fetchLine(in: house)
    case LinkWork.verifyJob:
      let span = house.clock.milliseconds(since: since)
      let rate = Rate.perSecond(verifying.bytes, milliseconds: span)
      return line(verifying, "verify pointers", rate: rate, in: house)
    default: return nil
    }
  }

  func fetchLine(in house: House) -> String {
    let words = fetching.target.map { "put into \($0)" } ?? "fetch pointers"
    return line(fetching, words, rate: fetching.rate, in: house)
  }

  private func line(
    _ progress: LinkProgress, _ words: String, rate: Int64?, in house: House
  ) -> String {
    progress.task(words, rate: rate)
      .line("\(progress.done)/\(progress.wanted)", bar: 19, glyphs: house.glyphs)
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
