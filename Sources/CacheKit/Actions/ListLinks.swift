public import SystemPackage

/// Lists the pointers under folders with their state in the cache; asks no network, and reads only blobs
/// that were found wrong before.
///
/// Such a blob is corrupt where it still is; a big one is marked, for a check to read.
public struct ListLinks: CacheAction {
  /// Pointers, or folders to search for them.
  public var roots: [FilePath]
  /// Asked while folders are searched.
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(roots: [FilePath]) { self.roots = roots }

  /// Blobs that none of the pointers names.
  public typealias Unreferenced = UnreferencedBlobs

  /// The pointers with what is known of their blobs.
  public struct Report: Sendable, Hashable {
    /// In the order of their paths.
    public var links: [LinkItem] = []
    /// What the search could not read.
    public var problems: [LinkScan.Problem] = []
    /// The folders there that look like projects, with pointers or without.
    public var projects: [FilePath] = []
    /// Pointers that have a hash, a URL or a target name in common.
    public var groups: [LinkGroup] = []
    /// Blobs of the cache that none of these pointers names.
    public var unreferenced = Unreferenced()
    /// How the index was read; `nil` where there is none.
    public var source: IndexSource?
  }

  public var command: [String] { ["lnk", "list"] + roots.map(\.string) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    // A cache that is not there yet has no blob; something else in its place is a mistake.
    if context.recorded == nil, let obstacle = context.location.rootObstacle { throw obstacle }
    let scan = try LinkScanner.scan(roots, isCancelled: isCancelled)
    let items = Workers.map(scan.files) { LinkItem.read($0) }
    var report = Report(links: items, problems: scan.problems)
    report.projects = scan.projects
    report.groups = LinkGroup.all(report.links)
    try join(&report, context)
    return report
  }

  /// Adds what the index knows; without an index every blob is missing.
  private func join(_ report: inout Report, _ context: ActionContext) throws(CacheError) {
    let links = report.links.map(\.link)
    do throws(CacheError) {
      let cache = try context.inspect()
      let entries = try cache.blobs(of: links)
      let verified = VerifiedFiles(context.location, clock: context.options.clock)
      let location = context.location
      let items = report.links
      report.links = Workers.map(Array(items.indices)) { place in
        var judged = items[place]
        judged.judge(entries[place], location)
        return judged
      }
      for index in report.links.indices { report.links[index].recall(verified) }
      report.unreferenced = try cache.unreferencedBlobs(links.compactMap { $0 })
      report.source = cache.source
    } catch {
      guard error.code == .noCache || error.code == .noIndex else { throw error }
      for index in report.links.indices { report.links[index].judge(nil, context.location) }
    }
  }
}

extension ListLinks {
  /// True for a folder that looks like a project: nothing else is searched unasked, a home folder least
  /// of all.
  package static func isProject(_ folder: FilePath) -> Bool {
    FileStatus(unfollowed: folder.appending(ProjectFile.name)) != nil
  }
}

extension RecordedLinks {
  /// As a search of the project would tell them.
  public var report: ListLinks.Report {
    ListLinks.Report(links: items, groups: LinkGroup.all(items))
  }
}
