package import CacheKit
internal import Synchronization
internal import SystemPackage

/// The service over a real cache.
///
/// Long reads (all ids, totals) have connections of their own, so that they never hold up the rows
/// of the window.
package final class CacheService: InspectorService {
  let context: ActionContext
  private let rows: InspectedCache
  private let ids: InspectedCache
  private let totals: InspectedCache
  let home: String?
  /// The holders of the leases that were read last.
  private let holders = Mutex<[Int64]>([])
  /// The journal, followed from where it was read last.
  private let changes: JournalFollower?
  private let restoredPins = RestoredPins()
  private let daemonPID = Mutex<Int64?>(nil)
  private let limits = DaemonLimitsMemo()

  package init(_ context: ActionContext) throws(CacheError) {
    // A person waits for the screen, so a locked index is reported soon and asked for again.
    var quick = context
    quick.options.busyTimeout = min(context.options.busyTimeout, 1)
    self.context = restoredPins.noting(context)
    let name = RawText(path: context.location.root)
    changes = context.journal.map { JournalFollower($0, of: name) }
    rows = try quick.inspect()
    ids = try quick.inspect()
    totals = try quick.inspect()
    home = CacheLocation.environmentValue("HOME")?.string
  }

  package func now() -> Int64 { context.options.clock.now() }

  package func interrupt() { ids.interrupt() }

  package func changeToken() throws(CacheError) -> ChangeToken { try rows.changeToken() }

  package func facts() throws(CacheError) -> CacheFacts {
    if let recorded = context.recorded { return recordedFacts(recorded) }
    let location = context.location
    // Nothing tells how the rows are reached before some were read.
    if rows.source == nil { _ = try rows.migrations() }
    var facts = CacheFacts(
      root: shortened(location.root.readable), reason: location.reason.description,
      source: rows.source, readOnlyReason: Writability.obstacle(location),
      fileSystem: FileSystemKind.of(location.root).name,
      indexBytes: FileSize.of(location.index),
      walBytes: FileSize.of(location.root.appending("index.sqlite-wal")), now: now())
    facts.ignoredFrames = rows.ignoredFrames
    facts.daemon = context.daemonState()
    facts.owner = facts.readOnlyReason == nil ? nil : Writability.owner(location)
    facts.openForeignOwner = location.openForeignOwner
    facts.fileSystemKind = .of(location.root)
    daemonPID.withLock { $0 = facts.daemon?.pid }
    return facts
  }

  func shortened(_ path: String) -> String {
    guard let home, !home.isEmpty, path.hasPrefix(home + "/") else { return path }
    return "~" + path.dropFirst(home.count)
  }

  package func figures() throws(CacheError) -> Figures {
    let (statistics, damage) = try totals.readableStatistics()
    let around = context.surroundings(daemon: limits.current(context))
    var figures = Figures(statistics: statistics, budget: around.budget, disk: around.disk)
    figures.rows = try? RowFacts.read(context, totals, odd: statistics.oddPaths)
    figures.damage = context.recorded == nil ? damage : context.recorded?.damage
    return figures
  }

  package func leasedRanks() throws(CacheError) -> [Int64: EvictionRank] {
    try totals.leasedRanks()
  }

  package func entryIDs(_ query: EntryQuery, limit: Int?) throws(CacheError) -> [Int64] {
    limit == nil ? try ids.entryIDs(query) : try rows.entryIDs(query, limit: limit)
  }

  package func evictionRank(of id: Int64) throws(CacheError) -> EvictionRank? {
    try totals.evictionRank(of: id)
  }

  package func entryGroups(_ filter: EntryFilter) throws(CacheError) -> GroupedIDs {
    var grouped = GroupedIDs()
    let query = EntryQuery(sort: .kind, filter: filter)
    _ = try ids.forEachEntry(query, textLimit: 64) { grouped.append($0) }
    return grouped
  }

  package func entries(_ ids: [Int64]) throws(CacheError) -> [EntryRow] {
    if let recorded = context.recorded {
      return try rows.entries(ids: ids).map { entry throws(CacheError) in
        let files = try recorded.files(of: entry.id)
        return EntryRow(
          entry: entry, hasInstalled: files.installed.isThere, hasArchive: files.archive.isThere)
      }
    }
    return try rows.entries(ids: ids).map { entry in
      EntryRow(
        entry: entry, hasInstalled: exists(entry.installedPath),
        hasArchive: exists(entry.archivePath))
    }
  }

  /// `nil` where the row names no path, or one outside the root, where nothing is looked up.
  private func exists(_ stored: RawText?) -> Bool? {
    stored.flatMap { pathInside($0) }.flatMap { FileSize.exists($0) }
  }

  /// A stored path in full; `nil` where it is none, or lies outside the root.
  func pathInside(_ stored: RawText) -> FilePath? {
    guard let text = stored.string, !text.isEmpty, !text.utf8.contains(0) else { return nil }
    let root = context.location.root
    let path = context.location.resolve(FilePath(text)).lexicallyNormalized()
    return path != root && path.starts(with: root) ? path : nil
  }

  package func holderPulse() -> Int {
    if context.recorded != nil { return 0 }
    return HolderPulse.of(holders.withLock { $0 }, procRoot: context.procRoot)
  }

  package func daemonPulse() -> Int {
    if context.recorded != nil { return 0 }
    let pid = daemonPID.withLock { $0 }.map { [$0] } ?? []
    return context.daemonPulse() ^ HolderPulse.of(pid, procRoot: context.procRoot)
  }

  package func leases() throws(CacheError) -> LeaseSnapshot {
    let found = try rows.judgedLeases(context).leases
    holders.withLock { $0 = found.holderPIDs }
    return LeaseSnapshot(found, takenAt: now())
  }

  package func migrations() throws(CacheError) -> MigrationFacts {
    MigrationFacts(
      status: try rows.migrations(),
      fileName: context.location.index.lastComponent?.string ?? "index.sqlite")
  }

  package func lockHolders() -> [String] {
    if context.recorded != nil { return [] }
    var processes = context.processTable()
    let locks =
      processes.indexLocks(root: context.location.root)
      + processes.fileLocks(context.location.lockFile)
    // A change of ours that works for long holds the lock itself.
    return locks.filter { $0.pid != processes.host.selfPID }.phrases
  }

  package func openers() -> [String] {
    if context.recorded != nil { return [] }
    var processes = context.processTable()
    let found = processes.indexOpeners()
    let others = found.others(than: processes.host.selfPID).map { "\($0.name) \($0.pid)" }
    return found.isComplete ? others : others + ["processes that cannot be seen from here"]
  }

  package func holderCard(_ pid: Int64) -> HolderCard? {
    if let recorded = context.recorded {
      return recorded.holder(pid).map { HolderCard(recorded: $0) }
    }
    var processes = context.processTable()
    return processes.holderCard(pid)
  }

  package func rehearse() throws(CacheError) -> Rehearsal {
    try refuseRecorded("migrations are rehearsed on a copy of the index")
    let report = try RehearseMigrations().perform(in: context)
    let steps = report.migration.steps.map { step in
      Rehearsal.Step(
        id: step.id, outcome: step.outcome.rawValue, rowsTouched: step.effect.rowsTouched,
        notes: step.effect.notes)
    }
    return Rehearsal(
      steps: steps, milliseconds: report.duration * 1000, schemaDiff: report.schemaDifference,
      checks: [report.problem.map { "PROBLEM: \($0)" } ?? "quick_check and foreign keys ok"],
      isSound: report.problem == nil)
  }

  package func verify(
    entries ids: [Int64], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (VerifyEntries.Item) -> Void
  ) throws(CacheError) -> [VerifyEntries.Item] {
    try refuseRecorded("archives are verified by reading them")
    var action = VerifyEntries(ids: ids)
    action.isCancelled = isCancelled
    action.progress = progress
    return try action.perform(in: context).items
  }

  package func integrity(
    onCancel: (@escaping @Sendable () -> Void) -> Void
  ) throws(CacheError) -> IntegrityReport {
    try refuseRecorded("the checks read the index itself")
    let own = try context.inspect()
    onCancel { own.interrupt() }
    return try own.integrity()
  }

  package func fileForPager(_ text: String) throws(CacheError) -> String {
    try PagerFile.write(text)
  }

  package func removeFileForPager(_ path: String) { PagerFile.remove(path) }

  package func journal() -> JournalContents {
    if let recorded = context.recorded { return recorded.journalContents }
    guard let changes else { return JournalContents() }
    let birth = try? totals.birth()
    let contents = changes.read()
    guard !contents.unfinished.isEmpty else { return contents.ofIndex(birth) }
    context.settleJournal()
    return changes.read().ofIndex(birth)
  }

  package var journalName: RawText { RawText(path: context.location.root) }

  package func perform(_ change: Change) throws(CacheError) -> ChangeReport {
    let report = try carryOut(change)
    return ChangeReport.joined(
      report, restoredPins.take().map { ChangeReport(summary: $0.sentence) })
  }

  private func carryOut(_ change: Change) throws(CacheError) -> ChangeReport {
    switch change {
    case .release(let leases, let force): return try release(leases, force: force)
    case .pin(let targets, let terms):
      var action = PinEntries(ids: targets.ids, reason: terms.reason, until: terms.until)
      action.shown = targets.shown
      return .of(try action.perform(in: context), verb: "pinned")
    case .unpin(let targets):
      var action = UnpinEntries(ids: targets.ids)
      action.shown = targets.shown
      return .of(try action.perform(in: context), verb: "unpinned")
    case .repair(let targets):
      var action = RepairPins(ids: targets.ids)
      action.shown = targets.shown
      return .of(try action.perform(in: context), verb: "repaired")
    case .migrate(let backup):
      return .of(try RunMigrations(makesBackup: backup).perform(in: context))
    case .backup: return .of(try BackupIndex().perform(in: context))
    case .undo(let line):
      _ = try UndoChange(line).perform(in: context)
      return ChangeReport(summary: "took back \(line.command.prefix(4).joined(separator: " "))")
    case .fetch(let links):
      return try fetch(links, into: nil, isCancelled: { false }, progress: { _ in })
    case .materialize(let links, let folder):
      return try fetch(links, into: folder, isCancelled: { false }, progress: { _ in })
    case .fixSafe(let leases, let ghosts):
      let released = leases.isEmpty ? nil : try release(leases, force: false)
      let repaired = ghosts.isEmpty ? nil : try RepairPins(ids: ghosts).perform(in: context)
      return ChangeReport.joined(
        released, repaired.map { ChangeReport.of($0, verb: "repaired") })
    }
  }

  private func release(_ leases: [Lease], force: Bool) throws(CacheError) -> ChangeReport {
    .of(try ReleaseLeases(.shown(leases), force: force).perform(in: context))
  }
}
