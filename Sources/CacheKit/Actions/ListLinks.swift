public import SystemPackage

/// Lists the pointers under folders with their state in the cache; asks no network, and reads only blobs
/// that were found wrong before.
///
/// Such a blob is corrupt where it still is; a big one is marked, for a check to read.
public struct ListLinks: CacheAction {
  public var roots: [FilePath]
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(roots: [FilePath]) { self.roots = roots }

  public struct Report: Sendable, Hashable {
    /// In the order of their paths.
    public var links: [LinkItem] = []
    /// What the search could not read.
    public var problems: [LinkScan.Problem] = []
    /// Pointers that have a hash, a URL or a target name in common.
    public var groups: [LinkGroup] = []
    /// Blobs of the cache that none of these pointers names.
    public var unreferenced = Unreferenced()
    /// How the index was read; `nil` where there is none.
    public var source: IndexSource?
  }

  /// Blobs by the ids of their entries, since there may be any number of them.
  public struct Unreferenced: Sendable, Hashable {
    /// In ascending order.
    public var ids: [Int64] = []
    /// Of their archives together; negative sizes count nothing, and a sum past the largest integer stays
    /// there.
    public var bytes: Int64 = 0
  }

  public var command: [String] { ["lnk", "list"] + roots.map(\.string) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let scan = try LinkScanner.scan(roots, isCancelled: isCancelled)
    var report = Report(links: scan.files.map { LinkItem.read($0) }, problems: scan.problems)
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
      for (index, entry) in zip(report.links.indices, entries) {
        report.links[index].judge(entry, context.location)
        report.links[index].recall(verified)
      }
      report.unreferenced = try cache.unreferencedBlobs(links.compactMap { $0 })
      report.source = cache.source
    } catch {
      guard error.code == .noCache || error.code == .noIndex else { throw error }
      for index in report.links.indices { report.links[index].judge(nil, context.location) }
    }
  }
}
