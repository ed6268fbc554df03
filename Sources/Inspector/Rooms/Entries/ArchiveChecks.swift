internal import CacheKit
internal import TUI

/// What reading the archives of entries found in this session.
struct ArchiveChecks: Sendable {
  static let job = JobID("verify archives")

  private(set) var found: [Int64: VerifyEntries.Item] = [:]
  private(set) var wanted = 0
  private(set) var done = 0
  private(set) var bytes: Int64 = 0

  mutating func begin(_ count: Int) {
    wanted = count
    done = 0
    bytes = 0
  }

  mutating func take(_ item: VerifyEntries.Item) {
    found[item.id] = item
    done += 1
    let sum = bytes.addingReportingOverflow(max(0, item.bytes ?? 0))
    bytes = sum.overflow ? .max : sum.partialValue
  }
}

extension EntriesRoom {
  /// `v`: the archives of the marked entries, or of the one under the cursor.
  mutating func verifyArchives(in house: inout House) -> Effect<Work> {
    let ids = targets
    guard !ids.isEmpty else {
      house.say("no entry here")
      return .none
    }
    guard house.running[ArchiveChecks.job] == nil else {
      house.say("archives are already being verified; t cancels")
      return .none
    }
    checks.begin(ids.count)
    return house.start(.entries(.verify(ids)))
  }

  mutating func finishedVerifying(_ items: [VerifyEntries.Item], in house: inout House) {
    let bad = items.filter(\.state.isFailure)
    let read = items.count { $0.state == .ok } + bad.count
    if let first = bad.first {
      let rest = bad.count > 1 ? ", and \(bad.count - 1) more" : ""
      house.sayResult(
        "entry \(first.id): \(Format.text(first.problem ?? first.state.rawValue))\(rest)", .bad)
    } else if read == 0 {
      house.say("nothing to verify: \(Format.text(items.first?.problem ?? "no entry"))", .warn)
    } else {
      house.sayResult("\(Format.count(read, "archive")) verified, all right", .ok)
    }
  }

  func progress(of job: JobID, in house: House) -> String? {
    guard job == ArchiveChecks.job else { return nil }
    return "verifying: \(checks.done) of \(checks.wanted) done, \(Format.size(checks.bytes))"
      + "  (ctrl-c cancels)"
  }

  func task(of job: JobID, since: Moment, in house: House) -> String? {
    guard job == ArchiveChecks.job else { return nil }
    let span = house.clock.milliseconds(since: since)
    let task = TaskProgress(
      words: "verify archives", done: Int64(checks.done), wanted: Int64(checks.wanted),
      rate: Rate.perSecond(checks.bytes, milliseconds: span))
    return task.line("\(checks.done)/\(checks.wanted)", bar: 19, glyphs: house.glyphs)
  }

  func archiveLine(of entry: Entry, in house: House) -> [DetailLine] {
    guard let item = checks.found[entry.id], item.state != .unverifiable else { return [] }
    guard item.state == .ok else {
      let words = Format.text(item.problem ?? item.state.rawValue)
      return [.pair("verified", "\(house.glyphs.bad) \(words)", .bad)]
    }
    return [.pair("verified", "\(house.glyphs.ok) the archive has this sha256", .ok)]
  }
}
