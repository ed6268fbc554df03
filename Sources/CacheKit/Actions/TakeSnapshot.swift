public import SystemPackage

/// All that a cache says, for another person on another host: rows, verdicts with their evidence, and
/// what is around it.
///
/// Only looks. The entries are handed over one by one, so that their number costs no memory.
public struct TakeSnapshot: CacheAction {
  /// The folder whose pointers are added.
  public var project: FilePath?

  /// The newest changes of the journal that are added.
  static let journalLimit = 200
  /// Bytes of a text that are kept.
  static let textLimit = 1 << 20

  public init(project: FilePath? = nil) {
    self.project = project
  }

  /// What a snapshot holds beside the entries, which are handed over one by one.
  public struct Report: Sendable {
    /// The overview, findings included.
    public var status: ShowStatus.Report
    /// `nil` where the host has no name.
    public var host: String?
    /// Seconds since the epoch.
    public var takenAt: Int64
    /// The columns of `entries` that the index has.
    public var entryColumns: [String]
    /// Those of `leases`.
    public var leaseColumns: [String]
    /// The size of the main file; `nil` where it cannot be told.
    public var indexBytes: Int64?
    /// The size of the WAL; `nil` where there is none.
    public var walBytes: Int64?
    /// The oldest first.
    public var journal: [JournalSummary]
    /// The folder of the pointers, in full.
    public var linksRoot: FilePath?
    /// The pointers of the project, where one was named.
    public var links: ListLinks.Report?
    fileprivate var inspected: InspectedCache
  }

  public var command: [String] {
    ["snapshot"] + (project.map { ["--project", $0.string] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    var status = try ShowStatus().report(context, inspected)
    let links = try project.map { folder throws(CacheError) in
      try ListLinks(roots: [folder]).perform(in: context)
    }
    let linksRoot = project.map { CacheLocation(root: $0).root }
    if let links, let linksRoot { status.take(LinkTally(links.links, root: linksRoot.string)) }
    let lines =
      context.journal?.read(of: context.location.journalName)
      .ofIndex(try? inspected.birth()).lines ?? []
    return Report(
      status: status, host: HostName.current, takenAt: context.options.clock.now(),
      entryColumns: try inspected.columns(of: "entries", InitialSchema.entryColumns),
      leaseColumns: try inspected.columns(of: "leases", RecordedIndex.leaseColumns),
      indexBytes: FileStatus(followed: context.location.index)?.size,
      walBytes: FileStatus(followed: context.location.companion("-wal"))?.size,
      journal: lines.suffix(Self.journalLimit).map {
        JournalSummary(time: $0.time, user: $0.user, command: $0.command)
      }, linksRoot: linksRoot, links: links, inspected: inspected)
  }
}

extension TakeSnapshot.Report {
  /// Hands over every entry in the order of the ids, with what lies at its paths; gives what is wrong
  /// with the index where not all can be read.
  public func forEachEntry(
    _ body: (Entry, RecordedFiles) -> Void
  ) throws(CacheError) -> CacheError? {
    let location = status.location
    let cells = InspectedCache.Cells(textLimit: TakeSnapshot.textLimit, keepsOdd: true)
    return try inspected.forEachEntry(EntryQuery(sort: .id), cells: cells) { entry in
      body(
        entry,
        RecordedFiles(
          archive: location.look(at: entry.archivePath)?.state,
          installed: location.look(at: entry.installedPath)?.state))
    }
  }

  /// The names of people that stand in it.
  public var userNames: Set<String> {
    let leases = Set(
      status.leases.lazy.flatMap { [$0.judgement.holder?.userName, $0.judgement.pinnedBy] })
    let others = journal.map(\.user) + [status.openForeignOwner].compactMap { $0 }
    return Set(leases.compactMap { $0 } + others)
  }
}

extension InspectedCache {
  /// Those of `known` that the table has; all of them where the damage hides the table.
  func columns(of table: String, _ known: [String]) throws(CacheError) -> [String] {
    do throws(CacheError) {
      let present = try reader.read { try SchemaShape.read($0).columns(of: table) }.value
      return known.filter { present.contains($0) }
    } catch  where error.code == .damaged {
      return known
    }
  }
}
