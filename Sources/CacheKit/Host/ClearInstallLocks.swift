/// Removes the install locks whose owners are provably gone.
public struct ClearInstallLocks: CacheAction {
  /// Paths below the root; empty for all.
  public var paths: Set<RawText>

  public init(paths: Set<RawText> = []) { self.paths = paths }

  public struct Report: Sendable {
    public var removed: [InstallLock] = []
    /// Those that were left, each with the reason.
    public var kept: [(lock: InstallLock, reason: String)] = []

    public init() {}
  }

  public var command: [String] { ["doctor", "--fix"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    return try context.asOwner { () throws(CacheError) in try clear(context) }
  }

  private func clear(_ context: ActionContext) throws(CacheError) -> Report {
    try context.location.refuseForeignOwner()
    var processes = context.processTable()
    let remover = LockRemover(context.location, isDryRun: context.isDryRun)
    var report = Report()
    for lock in PackageShelves.locks(context.location).locks
    where paths.isEmpty || paths.contains(lock.path) {
      guard lock.judge(&processes).verdict.isGone else { continue }
      // A new look at the processes, as close to the removal as can be.
      var fresh = context.processTable()
      switch remover.remove(lock, &fresh) {
      case .removed: report.removed.append(lock)
      case .changed(let reason), .refused(let reason): report.kept.append((lock, reason))
      }
    }
    return report
  }
}
