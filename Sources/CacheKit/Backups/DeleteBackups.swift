import Glibc
import SystemPackage

/// Removes kept indexes, by their names: all of them, or none where one is not there.
public struct DeleteBackups: CacheAction {
  public var names: [String]

  public init(_ names: [String]) { self.names = names }

  public struct Report: Sendable {
    /// What is gone, in the order of the names.
    public var deleted: [KeptIndex] = []
  }

  public var command: [String] { ["backups", "--delete"] + names }

  /// Throws `notFound` where there is no backup of a name.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    if let obstacle = context.location.rootObstacle { throw obstacle }
    return try context.asOwner { () throws(CacheError) in try delete(context) }
  }

  private func delete(_ context: ActionContext) throws(CacheError) -> Report {
    let location = context.location
    try location.refuseForeignLinks()
    var report = Report(deleted: try KeptIndex.named(names, location))
    try IndexWriter.refuseUnwritable(location, create: true)
    guard !context.isDryRun else { return report }
    context.settleJournal()
    let lock = try CacheLock(location, deadline: context.options.busyTimeout)
    // Somebody may have taken one meanwhile.
    report.deleted = try KeptIndex.named(names, location)
    let line = try context.begin(
      command, IndexChange(undoObstacle: "what was deleted is gone"),
      removes: report.deleted.map(\.name))
    var gone = 0
    do throws(CacheError) {
      for item in report.deleted {
        try Self.remove(item)
        gone += 1
      }
      try SmallFile.syncFolder(location.root)
    } catch {
      guard gone > 0 else {
        context.strike(line)
        throw error
      }
      try context.finish(line)
      var told = error
      told.message = "\(gone) of \(report.deleted.count) backups were deleted, but \(error.message)"
      throw told
    }
    try context.finish(line)
    _ = consume lock
    return report
  }

  /// The main file last, so that what is left after a kill is still listed.
  private static func remove(_ item: KeptIndex) throws(CacheError) {
    for suffix in KeptIndex.companions + [""] {
      let path = FilePath(item.path.string + suffix)
      guard path.withPlatformString({ unlinkPath($0) }) != 0, errno != ENOENT else { continue }
      throw CacheError.system("cannot remove \(path)", errno, at: path)
    }
  }
}
