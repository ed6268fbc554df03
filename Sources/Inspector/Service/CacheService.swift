package import CacheKit
internal import Synchronization
internal import SystemPackage

/// The service over a real cache.
package final class CacheService: IndexService {
  package let reads: IndexReads
  let home: String?
  /// The holders of the leases that were read last.
  private let holders = Mutex<[Int64]>([])
  /// The journal, followed from where it was read last.
  private let changes: JournalFollower?
  let notes = ChangeNotes()
  private let hasNotedLook = Mutex(false)
  private let daemonPID = Mutex<Int64?>(nil)
  private let limits = DaemonLimitsMemo()

  /// With its version, for reports.
  let program: String

  package init(_ context: ActionContext, program: String = "cachescope") throws(CacheError) {
    self.program = program
    reads = try IndexReads(notes.noting(context))
    let name = context.location.journalName
    changes = context.journal.map { JournalFollower($0, of: name) }
    home = CacheLocation.environmentValue("HOME")?.string
  }

  var context: ActionContext { reads.context }
  private var rows: InspectedCache { reads.rows }

  package func facts() throws(CacheError) -> CacheFacts {
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
    facts.kept = RestoreTrash.newest(in: context)
    facts.owner = facts.readOnlyReason == nil ? nil : Writability.owner(location)
    facts.openForeignOwner = location.openForeignOwner
    facts.fileSystemKind = .of(location.root)
    facts.standpoint = Standpoint(context.processTable().host, host: HostName.current)
    daemonPID.withLock { $0 = facts.daemon?.pid }
    return facts
  }

  func shortened(_ path: String) -> String {
    guard let home, !home.isEmpty, path.hasPrefix(home + "/") else { return path }
    return "~" + path.dropFirst(home.count)
  }

  package func figures() throws(CacheError) -> Figures {
    let (statistics, damage) = try reads.totals.readableStatistics()
    // Nothing can be read of it: what was shown before is worth more than zeros.
    if let damage, statistics.entries == 0, (try? reads.totals.migrations()) == nil { throw damage }
    let around = context.surroundings(daemon: limits.current(context))
    var figures = figures(statistics, around)
    figures.rows = try? RowFacts.read(context, reads.totals, odd: statistics.oddPaths)
    figures.damage = damage
    return figures
  }

  package func entries(_ ids: [Int64]) throws(CacheError) -> [EntryRow] {
    try rows.entries(ids: ids).map { entry in
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

  package func writeTimes(utc: Bool) { ClockZone.chosen = utc ? .utc : .local }

  package func holderPulse() -> Int {
    HolderPulse.of(holders.withLock { $0 }, procRoot: context.procRoot)
  }

  package func daemonPulse() -> Int {
    let pid = daemonPID.withLock { $0 }.map { [$0] } ?? []
    return context.daemonPulse() ^ HolderPulse.of(pid, procRoot: context.procRoot)
  }

  package func leases() throws(CacheError) -> LeaseSnapshot {
    let found = try rows.judgedLeases(context).leases
    holders.withLock { $0 = found.holderPIDs }
    return LeaseSnapshot(found, takenAt: now())
  }

  package func lockHolders() -> [String] {
    var processes = context.processTable()
    let locks =
      processes.indexLocks(root: context.location.root)
      + processes.fileLocks(context.location.lockFile)
    // A change of ours that works for long holds the lock itself.
    return locks.filter { $0.pid != processes.host.selfPID }.phrases
  }

  package func openers() -> [String] {
    var processes = context.processTable()
    let found = processes.indexOpeners()
    let others = found.others(than: processes.host.selfPID).map { "\($0.name) \($0.pid)" }
    return found.isComplete ? others : others + ["processes that cannot be seen from here"]
  }

  package func holderCard(_ pid: Int64) -> HolderCard? {
    var processes = context.processTable()
    return processes.holderCard(pid)
  }

  package func rehearse() throws(CacheError) -> Rehearsal {
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
    var action = VerifyEntries(ids: ids)
    action.isCancelled = isCancelled
    action.progress = progress
    return try action.perform(in: context).items
  }

  package func integrity(
    onCancel: (@escaping @Sendable () -> Void) -> Void
  ) throws(CacheError) -> IntegrityReport {
    let own = try context.inspect()
    onCancel { own.interrupt() }
    return try own.integrity()
  }

  package func fileForPager(_ text: String, suffix: String) throws(CacheError) -> String {
    try PagerFile.write(text, suffix: suffix)
  }

  package func removeFileForPager(_ path: String) { PagerFile.remove(path) }

  /// For what disappears later; once a run, since a screen would write with every commit.
  package func noteLook() {
    let hasNoted = hasNotedLook.withLock { noted in
      defer { noted = true }
      return noted
    }
    if !hasNoted { context.noteSmallLook() }
  }

  package func journal() -> JournalContents {
    guard let changes else { return JournalContents() }
    let birth = try? reads.totals.birth()
    let contents = changes.read()
    guard !contents.unfinished.isEmpty else { return contents.ofIndex(birth) }
    context.settleJournal()
    return changes.read().ofIndex(birth)
  }
}
