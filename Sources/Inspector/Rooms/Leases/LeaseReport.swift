internal import CacheKit
internal import TUI

extension LeasesRoom {
  /// All that is known of a lease as text, for a bug report: without secrets, and nobody's name in it.
  func report(_ row: LeaseRow, in house: House) -> String {
    let names = row.judgement.holder?.userName.map { Set([$0]) } ?? []
    let redactor = Redactor(names: names, host: house.facts?.standpoint?.host)
    // A stem and a path repeat what the URL holds.
    if let url = row.lease.entry?.url { redactor.learn(url.bytes) }
    let document = ReportDocument(
      title: "Lease \(row.lease.id)",
      sections: [
        .init("Lease", [.pairs(leasePairs(row, in: house))]),
        .init("Holder", [.pairs(holderPairs(row, in: house))]),
        .init("Host", [.pairs(hostPairs(row, in: house))]),
      ])
    return String(document.redacted(by: redactor).written(.text).dropLast())
  }

  private typealias Pair = ReportDocument.Pair

  private func leasePairs(_ row: LeaseRow, in house: House) -> [Pair] {
    let lease = row.lease
    return [
      Pair("row", "\(lease.rowID)"),
      Pair("verdict", row.judgement.verdict.rawValue),
      Pair("evidence", Format.text(row.judgement.evidence)),
      Pair("refcount", lease.refcount.map(String.init) ?? "-"),
      Pair("acquired", time(lease.acquiredAt, in: house)),
      Pair("entry", "\(LeaseColumns.entry(lease)), \(Format.size(lease.entry?.bytes))"),
    ] + lease.problems.map { Pair("problem", Format.text($0.description)) }
  }

  private func holderPairs(_ row: LeaseRow, in house: House) -> [Pair] {
    guard let holder = row.judgement.holder else { return [Pair("process", "none seen")] }
    let started = holder.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
    let user = holder.userName ?? holder.uid.map(String.init) ?? "unknown"
    return [
      Pair("process", "\(holder.pid) \(Format.text(holder.maskedCommand))"),
      Pair("state", Format.text(String(holder.state))),
      Pair("user", Format.text(user)),
      Pair("parent", "\(holder.parent)"),
      Pair("started", time(started, in: house)),
    ]
  }

  private func hostPairs(_ row: LeaseRow, in house: House) -> [Pair] {
    let (utc, now) = (house.settings.usesUTC, house.ageNow)
    let host = house.facts?.standpoint?.words(utc: utc, now: now, isShort: false) ?? "unknown"
    return [
      Pair("host", host),
      Pair(
        "cache", "\(Format.text(house.facts?.root ?? "")), \(house.facts?.fileSystem ?? "unknown")"),
      Pair("looked", "\(Format.time(now, utc: utc))\(utc ? " UTC" : "")"),
      Pair("command", releaseCommand(row, in: house) ?? "-"),
    ]
  }

  private func time(_ seconds: Int64?, in house: House) -> String {
    guard seconds != nil else { return "-" }
    let age = Format.age(of: seconds, now: house.ageNow)
    return "\(Format.time(seconds, utc: house.settings.usesUTC)) (\(age) ago)"
  }
}
