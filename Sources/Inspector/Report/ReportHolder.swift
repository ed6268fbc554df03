internal import CacheKit

// Of a holder: the lock that it owns, and the process itself.
extension ReportWords {
  var lock: Section? {
    guard let item = report.lock else { return nil }
    return Section(
      "Install lock",
      [
        .pairs(
          [
            Pair("package", Format.text(item.lock.packageName)),
            Pair("lock", Format.text(item.lock.path)),
            Pair("taken", time(Int64(exactly: item.lock.takenAt.rounded(.down)))),
            Pair("owner", item.lock.owner?.pid.map(String.init) ?? "not named"),
            Pair("verdict", item.judgement.verdict.word),
            Pair("evidence", Format.text(item.judgement.evidence)),
            Pair("fbuild", item.judgement.outlook.words),
          ] + (item.container.map { [Pair("container", Format.text($0))] } ?? []))
      ])
  }

  var holder: Section? {
    guard let card = report.card else { return nil }
    let process = card.process
    var pairs = [
      Pair("process", "\(process.pid) \(Format.text(process.maskedCommand))"),
      Pair("state", Format.text(String(process.state))),
      Pair("started", time(process.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) })),
      Pair("user", Format.text(process.userName ?? process.uid.map { "uid \($0)" } ?? "unknown")),
      Pair("folder", Format.text(card.workingFolder)),
    ]
    if let container = card.container { pairs.append(Pair("container", Format.text(container))) }
    if process.isInInnerNamespace {
      let ids = process.namespacePIDs.map(String.init).joined(separator: " ")
      pairs.append(Pair("ids by namespace", ids))
    }
    pairs += card.parents.prefix(8).map {
      Pair("parent", "\($0.pid) \(Format.text($0.maskedCommand))")
    }
    pairs += card.openFiles.prefix(Self.rowLimit).map { Pair("open", Format.text($0)) }
    return Section("Holder", [.pairs(pairs)])
  }
}
