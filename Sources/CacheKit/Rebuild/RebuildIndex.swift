import Glibc
public import SystemPackage

/// A lost, damaged or restored index again: the rows that can still be read, and what the disk proves.
///
/// A blob is proved by its hash, a package by its path and its sentinel. The old files are kept beside the
/// new one; no file of the cache is removed. Throws `busy` while another process has the index open.
public struct RebuildIndex: CacheAction {
  /// Folders whose pointers tell the URLs of blobs.
  public var projects: [FilePath]
  /// Only says what would be done.
  public var isDryRun: Bool
  /// Asked while projects are searched, and blobs read.
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(projects: [FilePath] = [], isDryRun: Bool = false) {
    self.projects = projects
    self.isDryRun = isDryRun
  }

  public struct Report: Sendable {
    /// What is wrong with the index; `nil` for a sound one, and where there is none.
    public var damage: CacheError?
    /// Whether there was an index.
    public var hadIndex: Bool
    /// Rows of entries and of leases that were read.
    public var salvagedEntries: Int
    public var salvagedLeases: Int
    /// False where rows were lost: what the disk proves is there all the same.
    public var isSalvageWhole: Bool
    /// Salvaged rows that cannot be put back.
    public var dropped: Int
    /// Entries that had no row.
    public var added: [FoundEntry]
    /// Entries whose row lacked what is on the disk.
    public var completed: [FoundEntry]
    /// Rows that got their URL.
    public var named: Int
    /// What looks like an entry and proves nothing; left as it is.
    public var unproved: [UnprovedPlace]
    /// Places of the cache and of the projects that could not be read: what lies there may lack its row, or
    /// its URL.
    public var problems: [LinkScan.Problem]
    /// Where the old index is; `nil` where there was none, or nothing was done.
    public var kept: FilePath?
    /// What would refuse it, told by a dry run.
    public var obstacle: CacheError?
    /// True where the index is a new one now.
    public var isDone = false

    /// False for a sound index that says all that the disk proves.
    public var isNeeded: Bool {
      damage != nil || !hadIndex || !added.isEmpty || !completed.isEmpty || named > 0
    }

    /// Entries without a URL: they are found by fbuild, and nobody can fetch them again.
    public var unnamed: Int { added.count { $0.url == nil } }
  }

  public var command: [String] {
    ["rebuild"] + projects.flatMap { ["--project", $0.readable] }
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    if !isDryRun { try context.refuseReadOnly() }
    let location = context.location
    if let obstacle = location.rootObstacle { throw obstacle }
    guard try FileStatus(location.root) != nil else { throw location.missingIndexError() }
    guard !isDryRun else {
      var report = try prepare(context).report
      report.obstacle = obstacle(context)
      return report
    }
    return try context.asOwner { () throws(CacheError) in try rebuild(context) }
  }

  private func rebuild(_ context: ActionContext) throws(CacheError) -> Report {
    let location = context.location
    try Self.refuse(location)
    context.settleJournal()
    let lock = try CacheLock(
      location, deadline: context.options.busyTimeout, isCancelled: isCancelled)
    RebuildFolder.sweep(location)
    try context.refuseOpenIndex()
    let seen = try IndexFingerprint.take(location)
    let draft = try prepare(context)
    var report = draft.report
    guard report.isNeeded else { return report }
    try write(draft, &report, seen, context)
    _ = consume lock
    return report
  }

  private static func refuse(_ location: CacheLocation) throws(CacheError) {
    try location.refuseForeignLinks()
    try IndexWriter.refuseUnwritable(location, create: true)
  }

  private func obstacle(_ context: ActionContext) -> CacheError? {
    do throws(CacheError) {
      try context.refuseReadOnly()
      try context.asOwner { () throws(CacheError) in
        try Self.refuse(context.location)
        try context.refuseOpenIndex()
      }
      return nil
    } catch {
      return error
    }
  }

  private struct Draft {
    var salvaged: SalvagedIndex
    var plan: RebuildPlan
    var report: Report
  }

  private func prepare(_ context: ActionContext) throws(CacheError) -> Draft {
    let salvaged = try SalvagedIndex.read(context)
    let rows = salvaged.entries.rows.map { SalvagedEntry(cells: $0) }
    let urls = try KnownURLs(projects, rows, isCancelled: isCancelled)
    let blobs = try BlobSearch(context, keepsNotes: !isDryRun, isCancelled: isCancelled).run()
    let trees = TreeSearch(location: context.location).run()
    let plan = RebuildPlan(rows, blobs.found + trees.found, urls, context.location)
    let report = Report(
      damage: salvaged.damage, hadIndex: salvaged.exists, salvagedEntries: plan.salvaged.count,
      salvagedLeases: plan.kept(of: salvaged.leases), isSalvageWhole: salvaged.isWhole,
      dropped: plan.dropped, added: plan.added, completed: plan.completed,
      named: plan.named.count, unproved: blobs.unproved + trees.unproved,
      problems: blobs.unread + trees.unread + urls.problems)
    return Draft(salvaged: salvaged, plan: plan, report: report)
  }

  private func write(
    _ draft: Draft, _ report: inout Report, _ seen: IndexFingerprint?, _ context: ActionContext
  ) throws(CacheError) {
    let location = context.location
    let now = context.options.clock.now()
    let folder = try RebuildFolder(location)
    let birth = try make(draft, in: folder.location, context)
    let swap = IndexSwap(location, now: now)
    let place = draft.salvaged.exists ? "\(swap.kept) is the index as it was" : "there was no index"
    report.kept = try swap.run(
      new: folder.location.index, as: command, undo: place, birth: birth,
      unlessChangedSince: seen, context)
    report.isDone = true
    // The new index must not go with the folder before it has its place.
    _ = consume folder
  }

  /// A whole index in one file, made as any new one is.
  private func make(
    _ draft: Draft, in place: CacheLocation, _ context: ActionContext
  ) throws(CacheError) -> IndexBirth? {
    let cache = try DiskCache.open(at: place, options: context.options)
    let birth: IndexBirth?
    do throws(CacheError) {
      let now = context.options.clock.now()
      birth = try cache.writer.write { db in
        try RebuildWriter(db: db, now: now).write(draft.plan, draft.salvaged)
        if let problem = try IntegrityCheck.damagedPages(db) {
          throw CacheError(.damaged, "the new index is not sound: \(problem)")
        }
        return try IndexBirth.read(db)
      }
    } catch {
      cache.close()
      throw error
    }
    cache.close()
    guard try FileStatus(place.companion("-wal"), follows: false) == nil else {
      throw CacheError(.inputOutput, "the new index at \(place.index) has not become one file")
    }
    place.index.lendOwner(of: context.location.index)
    return birth
  }
}

extension FilePath {
  /// Owner and rights of the old index, where there is one. SQLite holds no lock on the new one by now.
  func lendOwner(of old: FilePath) {
    guard let status = FileStatus(followed: old), status.isRegular else { return }
    let file = withPlatformString { openPath($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
    guard file >= 0 else { return }
    status.lend(to: file)
    close(file)
  }
}

extension ActionContext {
  /// A process that has the index open would go on writing into the old one.
  func refuseOpenIndex() throws(CacheError) {
    var processes = processTable()
    let others = processes.indexOpeners().others(than: Int64(getpid()))
    guard !others.isEmpty else { return }
    let names = others.prefix(3).map { "\(oneLine($0.name)) \($0.pid)" }.joined(separator: ", ")
    throw CacheError(
      .busy, "\(location.index) is open in \(names)",
      hint: "Wait for it, or stop fbuild's daemon with `fbuild daemon stop`")
  }
}
