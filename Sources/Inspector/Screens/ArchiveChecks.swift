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

extension Inspector {
  /// `v`: the archives of the marked entries, or of the one under the cursor.
  mutating func verifyArchives() -> Effect<Work> {
    let ids = entries.targets
    guard !ids.isEmpty else {
      say("no entry here")
      return .none
    }
    guard running[ArchiveChecks.job] == nil else {
      say("archives are being verified; t can cancel it")
      return .none
    }
    entries.checks.begin(ids.count)
    return start(.verifyEntries(ids))
  }

  mutating func finishedVerifying(_ items: [VerifyEntries.Item]) {
    let bad = items.filter(\.state.isFailure)
    let read = items.count { $0.state == .ok } + bad.count
    if let first = bad.first {
      let rest = bad.count > 1 ? ", and \(bad.count - 1) more" : ""
      sayResult(
        "entry \(first.id): \(Format.text(first.problem ?? first.state.rawValue))\(rest)", .bad)
    } else if read == 0 {
      say("nothing to verify: \(Format.text(items.first?.problem ?? "no entry"))", .warn)
    } else {
      sayResult("\(Format.count(read, "archive")) verified, all right", .ok)
    }
  }

  func archiveProgress() -> String {
    let checks = entries.checks
    return "verifying: \(checks.done) of \(checks.wanted) done, \(Format.size(checks.bytes))"
      + "  (ctrl-c cancels)"
  }

  func archiveLine(of entry: Entry) -> [DetailLine] {
    guard let item = entries.checks.found[entry.id], item.state != .unverifiable else { return [] }
    guard item.state == .ok else {
      let words = Format.text(item.problem ?? item.state.rawValue)
      return [.pair("verified", "\(glyphs.bad) \(words)", .bad)]
    }
    return [.pair("verified", "\(glyphs.ok) the archive has this sha256", .ok)]
  }
}
