package import CacheKit
internal import SystemPackage

extension CacheReport {
  /// In words, without secrets; `program` is what wrote it, with its version.
  package func document(program: String) -> ReportDocument {
    ReportWords(report: self, program: program).document.redacted(by: redactor)
  }
}

/// A report in words.
struct ReportWords {
  let report: CacheReport
  let program: String

  typealias Section = ReportDocument.Section
  typealias Pair = ReportDocument.Pair

  private var status: ShowStatus.Report { report.status }
  /// Rows of a table at most; the rest is counted.
  static let rowLimit = 20

  var document: ReportDocument {
    var sections: [Section]
    switch report.subject {
    case .cache: sections = [cache, stuck, problems, growth, taken]
    case .entry: sections = [entry, leases("Leases on it"), kept, history].compactMap(\.self)
    case .lease: sections = [leases("Lease"), holder, entry, kept].compactMap(\.self)
    case .lock: sections = [lock, holder].compactMap(\.self)
    case .process: sections = [holder, leases("Leases that it holds")].compactMap(\.self)
    }
    sections += [hostSection, facts].compactMap(\.self)
    return ReportDocument(title: title, sections: sections)
  }

  private var title: String {
    switch report.subject {
    case .cache: "fbuild cache"
    case .entry(let id): "fbuild cache: entry \(id)"
    case .lease(let id): "fbuild cache: lease \(id)"
    case .lock(let path): "fbuild cache: install lock \(Format.text(path))"
    case .process(let pid): "fbuild cache: process \(pid)"
    }
  }

  // MARK: The cache

  private var cache: Section {
    let (statistics, budget) = (status.statistics, status.budget)
    func used(_ name: String, _ bytes: Int64, _ limit: Budget.Limit) -> Pair {
      let isOver = UInt64(max(0, bytes)) > limit.bytes
      return Pair(
        name,
        Format.share(bytes, of: Int64(clamping: limit.bytes)) + (isOver ? ", over its limit" : ""))
    }
    let stuck = status.leases.stuck
    return Section(
      "Cache",
      [
        .pairs([
          Pair("cache", Format.text(RawText(path: status.location.root))),
          Pair("entries", Format.grouped(Int(clamping: statistics.entries))),
          used("installed", statistics.installed.bytes, budget.installed),
          used("archives", statistics.archives.bytes, budget.archive),
          used("total", statistics.totalBytes, budget.highWatermark),
          Pair(
            "disk",
            "\(Format.size(Int64(clamping: status.disk.free))) free, "
              + Format.text(status.fileSystem.name)),
          Pair("leases", "\(status.leases.count), \(stuck.count) provably stuck"),
        ])
      ])
  }

  private var stuck: Section {
    var blocks: [ReportDocument.Block] = []
    let gone = report.host?.locks.filter { $0.judgement.verdict.isGone } ?? []
    for lock in gone {
      blocks.append(
        .warning(
          "install lock of \(Format.text(lock.lock.packageName)): "
            + "\(Format.text(lock.judgement.evidence)); fbuild \(lock.judgement.outlook.words)"))
    }
    for waiter in report.host?.waiting ?? [] {
      let locks = waiter.locks.map { Format.text($0) }.joined(separator: ", ")
      blocks.append(
        .warning(
          "process \(waiter.process.pid) waits (\(Format.text(waiter.process.maskedCommand))): "
            + Format.text(waiter.evidence) + (locks.isEmpty ? "" : "; for \(locks)")))
    }
    for (_, reason) in report.host?.foreignCollectors ?? [] {
      blocks.append(.warning(Format.text(reason)))
    }
    blocks += leaseTable
    return Section("What is stuck", blocks.isEmpty ? [.lines(["nothing"])] : blocks)
  }

  private var problems: Section {
    let found = status.findings.filter(\.isProblem)
    guard !found.isEmpty else { return Section("What is wrong", [.lines(["nothing"])]) }
    return Section(
      "What is wrong",
      [
        .table(
          ["severity", "finding", "impact", "fix"],
          found.map { finding in
            [
              finding.severity.rawValue, finding.title, finding.impactWords,
              finding.command(status) ?? "",
            ]
          })
      ])
  }

  // MARK: What came and went

  private var period: String { "since \(time(report.since))" }

  private var growth: Section {
    let grown = report.growth
    guard grown.count > 0 else { return Section("What grew", [.lines(["nothing \(period)"])]) }
    let rows = grown.largest.map { item in
      [
        Format.size(item.bytes), item.phase.rawValue,
        Format.name(kind: item.name[0], stem: item.name[1], version: item.name[2]),
        time(item.time),
      ]
    }
    let sum =
      "\(Format.count(grown.count, "archive or installation", plural: "archives and installations"))"
      + ", \(Format.size(grown.bytes)), \(period)" + more(grown.count, rows.count)
    return Section("What grew", [.lines([sum]), .table(["bytes", "phase", "what", "when"], rows)])
  }

  private var taken: Section {
    let gone = report.taken
    guard !gone.isEmpty else {
      return Section("What was evicted", [.lines(["nothing that anybody noted \(period)"])])
    }
    let rows = gone.prefix(Self.rowLimit).map { item in
      [
        time(item.time), item.phase.rawValue, "#\(item.entryID) \(name(item.name))",
        item.user.map { "\(Format.text($0)) by cachescope" }
          ?? "a GC of fbuild, or another program",
      ]
    }
    let sum =
      "\(Format.count(gone.count, "archive or installation", plural: "archives and installations"))"
      + " \(period)" + more(gone.count, rows.count)
    return Section(
      "What was evicted", [.lines([sum]), .table(["when", "phase", "what", "by whom"], rows)])
  }

  private func name(_ parts: [String]) -> String {
    parts.filter { !$0.isEmpty }.map { Format.text($0) }.joined(separator: " ")
  }

  private func more(_ all: Int, _ shown: Int) -> String {
    all > shown ? "; \(shown) of them are shown" : ""
  }

  // MARK: An entry and its leases

  private var entry: Section? {
    guard let found = report.entry else { return nil }
    let entry = found.entry
    var pairs = [
      Pair(
        "entry",
        "#\(entry.id) " + Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)),
      Pair("url", Format.text(entry.url)), Pair("hash", Format.text(entry.hash)),
      Pair("installed", phase(entry.installedBytes, found.installed)),
      Pair("archive", phase(entry.archiveBytes, found.archive)),
      Pair("sha256", Format.text(entry.archiveSHA256)),
      Pair("last used", time(entry.lastUsedAt)),
      Pair("pinned", "\(entry.pinned.map(String.init) ?? "-"), leases hold \(entry.refcount)"),
    ]
    pairs += entry.problems.map { Pair("problem", Format.text($0.description)) }
    return Section("Entry", [.pairs(pairs)])
  }

  private func phase(_ bytes: Int64?, _ found: PhaseOnDisk?) -> String {
    guard let found else { return "-" }
    return
      "\(Format.size(bytes))  \(Format.text(RawText(path: found.path)))  (\(found.state.rawValue))"
  }

  private var kept: Section? {
    guard let found = report.entry else { return nil }
    return Section("Why it is kept", [.lines(found.reasons.map { Format.text($0) })])
  }

  private var history: Section? {
    guard let steps = report.entry?.history.steps, !steps.isEmpty else { return nil }
    return Section(
      "What happened to it",
      [.table(["when", "what"], steps.map { [time($0.time), Format.text($0.words)] })])
  }

  private func leases(_ title: String) -> Section? {
    leaseTable.isEmpty ? nil : Section(title, leaseTable)
  }

  private var leaseTable: [ReportDocument.Block] {
    guard !report.leases.isEmpty else { return [] }
    let rows = report.leases.prefix(Self.rowLimit).map { judged in
      let lease = judged.lease
      let name = lease.entry.map {
        Format.name(kind: $0.kind, stem: $0.stem, version: $0.version)
      }
      return [
        judged.judgement.verdict.rawValue.uppercased(), lease.id.description,
        Format.age(of: lease.acquiredAt, now: report.takenAt), Format.size(lease.entry?.bytes),
        name ?? "(gone)", Format.text(judged.judgement.evidence),
      ]
    }
    let rest = report.leases.count - rows.count
    return [
      .table(["verdict", "lease", "held", "blocks", "entry", "evidence"], rows)
    ] + (rest > 0 ? [.lines(["and \(Format.grouped(rest)) more"])] : [])
  }

  // MARK: Around it

  private var hostSection: Section? {
    guard let host = report.host else { return nil }
    var lines = host.locks.map { lock in
      "install lock \(Format.text(lock.lock.packageName)): \(lock.judgement.verdict.word), "
        + "\(Format.text(lock.judgement.evidence))"
    }
    lines += host.daemons.map { daemon in
      let container = daemon.container.map { ", container \(Format.text($0))" } ?? ""
      return "daemon \(daemon.process.pid) \(Format.text(daemon.version ?? "?")) \(daemon.mode), "
        + "\(daemon.stateWord)\(container)"
    }
    lines += host.holders.map { holder in
      let container = holder.container.map { ", container \(Format.text($0))" } ?? ""
      return "\(Format.text(holder.process.maskedCommand)) (\(holder.process.pid)) holds "
        + "\(Format.count(holder.leases, "lease"))\(container)"
    }
    if let limits = host.limits { lines.append(Format.text(limits)) }
    return Section(
      "Host", isFolded: true, [.lines(lines.isEmpty ? ["nothing runs on this cache"] : lines)])
  }

  private var facts: Section {
    let host = report.host?.host
    let boot = host?.bootTime.flatMap { Int64(exactly: $0.rounded(.down)) }
    let pending = status.migrations.items.filter(\.state.needsAttention)
      .map { Format.text($0.id) }
    let versions = Set(report.host?.daemons.compactMap(\.version) ?? []).sorted()
    let pairs: [(String, String?)] = [
      ("taken", time(report.takenAt)), ("by", program), ("SQLite", status.sqliteVersion),
      ("schema", pending.isEmpty ? "complete" : "open: \(pending.joined(separator: ", "))"),
      ("index", status.source?.rawValue), ("file system", Format.text(status.fileSystem.name)),
      ("fbuild", versions.isEmpty ? nil : versions.map { Format.text($0) }.joined(separator: ", ")),
      ("system", report.machine.system.map { Format.text($0) }),
      ("kernel", report.machine.kernel.map { Format.text($0) }),
      ("booted", boot.map { time($0) }),
      (
        "processes",
        host.map { facts in
          "/proc \(facts.procAccess.rawValue), "
            + (facts.isInitialPIDNamespace
              ? "the host's own PID namespace" : "an inner PID namespace")
        }
      ),
    ]
    return Section(
      "Facts", isFolded: true,
      [.pairs(pairs.compactMap { name, value in value.map { Pair(name, $0) } })])
  }

  /// In UTC, so that it means the same to whoever reads it.
  func time(_ seconds: Int64?) -> String {
    seconds == nil ? "-" : Format.time(seconds, utc: true) + " UTC"
  }
}
