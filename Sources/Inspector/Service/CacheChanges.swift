package import CacheKit
internal import SystemPackage

// What is asked for by the dialogs, as actions of the core.
extension CacheService {
  package func perform(_ change: Change) throws(CacheError) -> ChangeReport {
    notes.join(try carryOut(change))
  }

  private func carryOut(_ change: Change) throws(CacheError) -> ChangeReport {
    switch change {
    case .release(let leases, let force): return try release(leases, force: force)
    case .pin(let targets, let terms): return try pin(targets, terms)
    case .unpin(let targets): return try unpin(targets)
    case .repair(let targets): return try repair(targets)
    case .migrate(let backup):
      return .of(try RunMigrations(makesBackup: backup).perform(in: context))
    case .backup: return .of(try BackupIndex().perform(in: context))
    case .restoreBackup(let name):
      return .of(try RestoreBackup(name).perform(in: context))
    case .deleteBackup(let name):
      _ = try DeleteBackups([name]).perform(in: context)
      return ChangeReport(summary: "deleted the backup \(name)")
    case .clearLocks(let paths):
      return .of(try ClearInstallLocks(paths: Set(paths)).perform(in: context))
    case .undo(let line):
      _ = try UndoChange(line).perform(in: context)
      return ChangeReport(summary: "undid \(line.command.prefix(4).joined(separator: " "))")
    case .fetch(let links):
      return try fetch(links, into: nil, isCancelled: { false }, progress: { _ in })
    case .materialize(let links, let folder):
      return try fetch(links, into: folder, isCancelled: { false }, progress: { _ in })
    case .collect(let plan, let keep):
      return try collect(plan, keep: keep, isCancelled: { false }, progress: { _ in })
    case .askDaemon: return .of(try AskDaemonToCollect().perform(in: context))
    case .evict(let targets, let terms):
      return try evict(targets.ids, terms, isCancelled: { false }, progress: { _ in })
    case .restore(let plan): return .of(try RestoreTrash(plan: plan).perform(in: context))
    case .fixSafe(let leases, let ghosts): return try fixSafe(leases, ghosts)
    case .askFbuild(let folder): return .of(try AskFbuild(folder).perform(in: context))
    }
  }

  private func pin(_ targets: EntryTargets, _ terms: PinTerms) throws(CacheError) -> ChangeReport {
    var action = PinEntries(ids: targets.ids, reason: terms.reason, until: terms.until)
    action.shown = targets.shown
    return .of(try action.perform(in: context), verb: "pinned")
  }

  private func unpin(_ targets: EntryTargets) throws(CacheError) -> ChangeReport {
    var action = UnpinEntries(ids: targets.ids)
    action.shown = targets.shown
    return .of(try action.perform(in: context), verb: "unpinned")
  }

  private func repair(_ targets: EntryTargets) throws(CacheError) -> ChangeReport {
    var action = RepairPins(ids: targets.ids)
    action.shown = targets.shown
    return .of(try action.perform(in: context), verb: "repaired")
  }

  private func fixSafe(_ leases: [Lease], _ ghosts: [Int64]) throws(CacheError) -> ChangeReport {
    let released = leases.isEmpty ? nil : try release(leases, force: false)
    let repaired = ghosts.isEmpty ? nil : try RepairPins(ids: ghosts).perform(in: context)
    return ChangeReport.joined(released, repaired.map { ChangeReport.of($0, verb: "repaired") })
  }

  private func release(_ leases: [Lease], force: Bool) throws(CacheError) -> ChangeReport {
    .of(try ReleaseLeases(.shown(leases), force: force).perform(in: context))
  }
}
