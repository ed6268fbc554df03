import Glibc
import SystemPackage

/// Puts together what somebody else needs to know of a cache, an entry or a holder. Changes nothing below the
/// root; what disappeared since the last look is noted in the state folder, as by `doctor`.
public struct MakeReport: CacheAction {
  public var subject: ReportSubject
  /// Seconds before now from which on what grew and what went is told.
  public var span: Int64

  public init(_ subject: ReportSubject = .cache, span: Int64 = 7 * 86_400) {
    self.subject = subject
    self.span = span
  }

  public var command: [String] {
    switch subject {
    case .cache, .lock, .process: ["report"]
    case .entry(let id): ["report", String(id)]
    case .lease(let id): ["report", id.description]
    }
  }

  public func perform(in context: ActionContext) throws(CacheError) -> CacheReport {
    let inspected = try context.inspect()
    context.noteLook(inspected)
    let now = context.options.clock.now()
    var report = CacheReport(
      subject: subject, takenAt: now, since: now - span,
      status: try ShowStatus().report(context, inspected),
      host: context.recorded == nil ? try ShowHost().perform(in: context) : nil,
      machine: .read())
    addHostFindings(&report, context)
    try fill(&report, context)
    report.taken = Self.taken(context, since: report.since)
    try Self.read(inspected, &report)
    return report
  }

  /// Broken packages break the next build, and no row tells of them.
  private func addHostFindings(_ report: inout CacheReport, _ context: ActionContext) {
    guard case .cache = subject, context.recorded == nil else { return }
    report.status.facts.host = HostTallySearch(context: context).read()
    report.status.findings = report.status.facts.findings
  }

  private func fill(_ report: inout CacheReport, _ context: ActionContext) throws(CacheError) {
    let leases = report.status.leases
    switch subject {
    case .cache: report.leases = leases.rows { $0.isProvablyStuck }
    case .entry(let id):
      report.entry = try ShowEntry(id: id).perform(in: context)
      report.leases = report.entry?.leases ?? []
    case .lease(let id):
      guard let place = leases.indices.first(where: { leases[$0].lease.isNamed(id) }) else {
        throw CacheError(
          .notFound, "there is no lease \(id)",
          hint: "It was released, or the name is wrong: `cachescope leases` lists them")
      }
      report.leases = [leases[place]]
      report.entry = id.entryID.flatMap { try? ShowEntry(id: $0).perform(in: context) }
      // A pin names no process: number 1 is everybody's.
      if !id.isOfPin { report.card = id.holderPID.flatMap { Self.card($0, context) } }
    case .lock(let path):
      report.lock = report.host?.locks.first { $0.lock.path == path }
      guard let lock = report.lock else {
        throw CacheError(.notFound, "the install lock is gone")
      }
      report.card = lock.judgement.process.flatMap { Self.card($0.pid, context) }
    case .process(let pid):
      report.card = Self.card(pid, context)
      report.leases = leases.filter { $0.lease.id.holderPID == pid && !$0.lease.id.isOfPin }
      guard report.card != nil else { throw CacheError(.notFound, "process \(pid) is gone") }
    }
  }

  private static func card(_ pid: Int64, _ context: ActionContext) -> HolderCard? {
    guard context.recorded == nil else { return nil }
    var processes = context.processTable()
    return processes.holderCard(pid)
  }

  // MARK: What came and went

  /// Looks at every row: what came since, where it is asked for, and what is a secret.
  private static func read(
    _ inspected: InspectedCache, _ report: inout CacheReport
  ) throws(CacheError) {
    var growth = CacheReport.Growth()
    var secrets = SecretSet()
    let since = report.subject == .cache ? report.since : .max
    _ = try inspected.forEachEntry(EntryQuery()) { entry in
      let texts = [entry.url, entry.stem, entry.version, entry.archivePath, entry.installedPath]
      for text in texts { if let text { secrets.learn(text.bytes) } }
      let phases: [(CachePhase, Int64?, Int64?)] = [
        (.archive, entry.archivedAt, entry.archiveBytes),
        (.installed, entry.installedAt, entry.installedBytes),
      ]
      for (phase, time, bytes) in phases {
        guard let time, time >= since else { continue }
        growth.add(
          .init(
            entryID: entry.id, name: [entry.kind, entry.stem, entry.version], phase: phase,
            bytes: bytes ?? 0, time: time))
      }
    }
    growth.cut()
    (report.growth, report.secrets) = (growth, secrets)
  }

  private static func taken(_ context: ActionContext, since: Int64) -> [CacheReport.Taken] {
    let journal =
      context.recorded == nil ? context.journal?.read(of: context.location.journalName) : nil
    let undone = Set(journal?.lines.compactMap(\.undoes) ?? [])
    // What was put back is not gone.
    let own = (journal?.lines ?? []).filter { $0.time >= since && !undone.contains($0.id) }
      .compactMap(taken)
    let others = (EventLog(context)?.events() ?? []).filter { $0.time >= since }.map { event in
      CacheReport.Taken(
        time: event.time, entryID: event.entryID,
        name: [event.names[0], event.names[1], event.names[3]], phase: event.phase, user: nil)
    }
    return (own + others).sorted { ($1.time, $0.entryID) < ($0.time, $1.entryID) }
  }

  private static func taken(_ line: JournalLine) -> CacheReport.Taken? {
    guard let step = EvictedStep(line.command) else { return nil }
    var name: [String] = []
    for case .entry(let row) in line.before where row.id == step.entryID {
      name = [row.kind.readable, row.stem?.readable ?? "", row.version.readable]
    }
    return CacheReport.Taken(
      time: line.time, entryID: step.entryID, name: name, phase: step.phase, user: line.user)
  }
}

extension MachineFacts {
  static func read() -> MachineFacts {
    var facts = MachineFacts()
    var name = utsname()
    if uname(&name) == 0 {
      let parts = [text(&name.sysname), text(&name.release), text(&name.machine)]
      facts.kernel = parts.joined(separator: " ")
      facts.hostName = text(&name.nodename)
    }
    let release = (try? SmallFile.read("/etc/os-release", limit: 64 << 10)) ?? []
    let line = release.split(separator: UInt8(ascii: "\n")).first {
      $0.starts(with: Array("PRETTY_NAME=".utf8))
    }
    facts.system = line.map { line in
      String(decoding: line.dropFirst(12).filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
    return facts
  }

  /// An array of characters that C has in a struct, up to its zero.
  private static func text<Field>(_ field: inout Field) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
