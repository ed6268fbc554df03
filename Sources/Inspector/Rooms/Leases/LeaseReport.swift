internal import CacheKit
internal import TUI

extension LeasesRoom {
  /// All that is known of a lease as text, for a bug report.
  func report(_ row: LeaseRow, in house: House) -> String {
    let lease = row.lease
    let utc = house.settings.usesUTC
    let now = house.ageNow
    func time(_ seconds: Int64?) -> String {
      seconds == nil
        ? "-" : "\(Format.time(seconds, utc: utc)) (\(Format.age(of: seconds, now: now)) ago)"
    }
    var lines = [
      "lease     \(lease.id.description)  (row \(lease.rowID))",
      "verdict   \(row.judgement.verdict.rawValue)",
      "evidence  \(Format.text(row.judgement.evidence))",
      "refcount  \(lease.refcount.map(String.init) ?? "-")",
      "acquired  \(time(lease.acquiredAt))",
      "entry     \(LeaseColumns.entry(lease)), \(Format.size(lease.entry?.bytes))",
    ]
    lines += lease.problems.map { "problem   \(Format.text($0.description))" }
    if let holder = row.judgement.holder {
      let started = holder.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
      let user = holder.userName ?? holder.uid.map(String.init) ?? "unknown"
      lines += [
        "process   \(holder.pid) \(Format.command(holder.command))",
        "          state \(Format.text(String(holder.state))), user \(Format.text(user)), "
          + "parent \(holder.parent), started \(time(started))",
      ]
    } else {
      lines.append("process   none seen")
    }
    lines += [
      "host      "
        + (house.facts?.standpoint?.words(utc: utc, now: now, isShort: false) ?? "unknown"),
      "cache     \(Format.text(house.facts?.root ?? "")), \(house.facts?.fileSystem ?? "")",
      "looked    \(Format.time(now, utc: utc))\(utc ? " UTC" : "")",
      "command   \(releaseCommand(row, in: house) ?? "-")",
    ]
    return lines.joined(separator: "\n")
  }
}
