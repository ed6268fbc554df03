internal import CacheKit
internal import TUI

/// How far a run is: of a plan, or of an eviction by id.
struct RunProgress: Sendable {
  private(set) var done = 0
  private(set) var left = 0
  private(set) var freed: UInt64 = 0
  /// How many steps there are at most.
  let wanted: Int

  init(wanted: Int = 0) { self.wanted = wanted }

  mutating func take(_ outcome: StepOutcome) {
    done += 1
    left += outcome.result == .skipped ? 1 : 0
    if outcome.result == .removed { freed = freed.saturatingSum(outcome.files.reclaimable) }
  }

  /// `3/12, 702 MiB freed, 1 left`.
  var counts: String {
    let stays = left == 0 ? "" : ", \(left) left"
    return "\(done)/\(wanted), \(Format.size(Int64(clamping: freed))) freed\(stays)"
  }
}

extension GCRoom {
  func progress(of job: JobID, in house: House) -> String? {
    guard job == GCWork.runJob else { return nil }
    return "evicting: \(run.counts)  (\(Tab.gc.number), then x ends it after this step)"
  }

  func task(of job: JobID, since: Moment, in house: House) -> String? {
    guard job == GCWork.runJob else { return nil }
    let task = TaskProgress(words: "evict", done: Int64(run.done), wanted: Int64(run.wanted))
    return task.line(run.counts, bar: 19, glyphs: house.glyphs)
  }

  func cancelWords(of job: JobID) -> String? {
    job == GCWork.runJob ? "ended: \(run.counts)" : nil
  }
}
