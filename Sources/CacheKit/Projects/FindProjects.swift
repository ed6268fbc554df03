public import SystemPackage

/// The projects below folders, and what each needs of the cache, as far as its pointers say. Changes nothing.
///
/// fbuild's toolchains and frameworks are named by no pointer: only fbuild itself can tell them.
public struct FindProjects: CacheAction {
  /// Folders, or pointers.
  public var roots: [FilePath]
  /// Asked while folders are searched.
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(_ roots: [FilePath]) { self.roots = roots }

  public struct Report: Sendable {
    /// In the order of their folders.
    public var projects: [CacheProject] = []
    /// What the search could not read.
    public var problems: [LinkScan.Problem] = []

    public init() {}
  }

  public var command: [String] { ["host"] + roots.flatMap { ["--project", $0.string] } }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    var list = ListLinks(roots: roots)
    list.isCancelled = isCancelled
    let found = try list.perform(in: context)
    var folders = ProjectFolders(roots.map { CacheLocation(root: $0).root })
    var report = Report()
    report.problems = found.problems
    let links = found.links.map { link in
      (folder: folders.folder(of: CacheLocation(root: link.path).root), link: link)
    }
    report.projects = CacheProject.all(
      links, and: found.projects.map { CacheLocation(root: $0).root })
    return report
  }
}
