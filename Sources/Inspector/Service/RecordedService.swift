package import CacheKit
package import SystemPackage

/// The service over a snapshot: what was recorded, and nothing of this host.
package struct RecordedService: IndexService {
  package let reads: IndexReads
  private let recorded: RecordedCache

  /// `recorded` is what the context looks at.
  package init(_ recorded: RecordedCache, _ context: ActionContext) throws(CacheError) {
    self.recorded = recorded
    reads = try IndexReads(context)
  }

  package func facts() throws(CacheError) -> CacheFacts {
    let around = recorded.surroundings
    var facts = CacheFacts(
      root: recorded.location.root.readable, reason: recorded.location.reason.description,
      readOnlyReason: "this is a \(recorded.origin.title)", fileSystem: around.fileSystem.name,
      indexBytes: around.indexBytes, walBytes: around.walBytes, now: now())
    facts.ignoredFrames = around.ignoredFrames
    facts.openForeignOwner = around.openForeignOwner
    facts.fileSystemKind = around.fileSystem
    facts.snapshot = recorded.origin.title
    return facts
  }

  package func figures() throws(CacheError) -> Figures {
    let (statistics, _) = try reads.totals.readableStatistics()
    let around = recorded.surroundings
    var figures = Figures(statistics: statistics, budget: around.budget, disk: around.disk)
    figures.rows = try? RowFacts.read(reads.context, reads.totals, odd: statistics.oddPaths)
    figures.damage = recorded.damage
    return figures
  }

  package func entries(_ ids: [Int64]) throws(CacheError) -> [EntryRow] {
    try reads.rows.entries(ids: ids).map { entry throws(CacheError) in
      let files = try recorded.files(of: entry.id)
      return EntryRow(
        entry: entry, hasInstalled: files.installed.isThere, hasArchive: files.archive.isThere)
    }
  }

  package func leases() throws(CacheError) -> LeaseSnapshot {
    LeaseSnapshot(try reads.rows.judgedLeases(reads.context).leases, takenAt: now())
  }

  /// `nil` where the snapshot holds no pointers and nobody asked for any.
  package func links(
    under root: LinkRoot, onlyProjects: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> LinkSnapshot? {
    guard let links = recorded.links else {
      if onlyProjects { return nil }
      throw CacheError(
        .notFound, "the snapshot holds no pointers",
        hint: "`cachescope snapshot --project DIR` adds them")
    }
    return LinkSnapshot(
      links.report, root: root, folder: links.root, title: links.root.readable, takenAt: now())
  }

  package func journal() -> JournalContents { recorded.journalContents }

  package func holderCard(_ pid: Int64) -> HolderCard? {
    recorded.holder(pid).map { HolderCard(recorded: $0) }
  }

  // MARK: Nothing runs on this host, and nothing changes.
  package func holderPulse() -> Int { 0 }
  package func daemonPulse() -> Int { 0 }
  package func lockHolders() -> [String] { [] }
  package func openers() -> [String] { [] }
  package func removeFileForPager(_ path: String) {}

  package func rehearse() throws(CacheError) -> Rehearsal {
    throw refusal("migrations are rehearsed on a copy of the index")
  }

  package func verify(
    entries ids: [Int64], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (VerifyEntries.Item) -> Void
  ) throws(CacheError) -> [VerifyEntries.Item] {
    throw refusal("archives are verified by reading them")
  }

  package func integrity(
    onCancel: (@escaping @Sendable () -> Void) -> Void
  ) throws(CacheError) -> IntegrityReport {
    throw refusal("the checks read the index itself")
  }

  package func fileForPager(_ text: String, suffix: String) throws(CacheError) -> String {
    throw refusal("no other program is started")
  }

  package func folder(of place: RowPlace) throws(CacheError) -> String {
    throw refusal("the folders are on another host, or as they are now")
  }

  package func perform(_ change: Change) throws(CacheError) -> ChangeReport {
    throw refusal("it cannot be changed")
  }

  package func verify(
    _ links: [LinkID], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (LinkItem) -> Void
  ) throws(CacheError) -> [LinkItem] {
    throw refusal("blobs are verified by reading them")
  }

  package func plan(_ links: [LinkID], into root: LinkRoot) throws(CacheError) -> TargetPlan {
    throw refusal("its blobs are on another host")
  }

  package func fetch(
    _ links: [LinkID], into folder: FilePath?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (PullLinks.Event) -> Void
  ) throws(CacheError) -> ChangeReport {
    throw refusal("its blobs are on another host")
  }

  package func save(_ plan: CollectionPlan) {}

  package func collect(
    _ plan: CollectionPlan, keep: Int64?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    throw refusal("its files are on another host, or as they are now")
  }

  package func evict(
    _ ids: [Int64], _ terms: EvictTerms, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (StepOutcome) -> Void
  ) throws(CacheError) -> ChangeReport {
    throw refusal("its files are on another host, or as they are now")
  }

  private func refusal(_ why: String) -> CacheError {
    CacheError(.refused, "not in a snapshot: \(why)")
  }
}

extension ShowEntry.PhaseOnDisk.State? {
  /// `nil` where nobody looked, or nothing could be seen.
  fileprivate var isThere: Bool? {
    switch self {
    case .present: true
    case .missing: false
    case .outside, .unreadable, nil: nil
    }
  }
}
