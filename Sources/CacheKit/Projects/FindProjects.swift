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
    let folders = roots.map { CacheLocation(root: $0).root }
    var report = Report()
    report.problems = found.problems
    var byFolder: [FilePath: [LinkItem]] = [:]
    for folder in folders where ListLinks.isProject(folder) { byFolder[folder] = [] }
    for link in found.links {
      byFolder[Self.folder(of: CacheLocation(root: link.path).root, folders), default: []]
        .append(link)
    }
    report.projects = byFolder.map { CacheProject(folder: $0.key, links: $0.value) }
      .sorted { $0.folder.string < $1.folder.string }
    return report
  }

  /// The nearest folder above a pointer that looks like a project, else the root that it was found below.
  static func folder(of pointer: FilePath, _ roots: [FilePath]) -> FilePath {
    let root = roots.filter { pointer.starts(with: $0) }.max { $0.length < $1.length }
    var folder = pointer.removingLastComponent()
    while true {
      if ListLinks.isProject(folder) { return folder }
      if folder == root || folder.components.isEmpty { break }
      folder = folder.removingLastComponent()
    }
    guard let root, root != pointer else { return pointer.removingLastComponent() }
    return root
  }
}

/// A project of this host, and what its pointers name.
public struct CacheProject: Sendable, Hashable {
  public var folder: FilePath
  public var links: [LinkItem]
  /// What real fbuild says that its environments need; `nil` where it was not asked.
  public var packages: FbuildPackages?

  init(folder: FilePath, links: [LinkItem]) {
    self.folder = folder
    self.links = links
  }

  /// How many of its pointers name each entry whose blob is there.
  public var entries: [Int64: Int] {
    links.reduce(into: [:]) { counts, link in
      guard let entry = link.entry, link.state == .cached else { return }
      counts[entry.id, default: 0] += 1
    }
  }

  /// How many pointers have their blob in the cache.
  public var there: Int { links.count { $0.state == .cached } }
  /// How many have none.
  public var missing: Int { links.count { $0.state == .missing || $0.state == .gone } }
  /// How many cannot be used, or have a blob that is wrong.
  public var broken: Int {
    links.count { [.corrupt, .unreadable, .malformed].contains($0.state) }
  }

  /// What a plan of GC would take from it: each entry once, with the bytes that go.
  public func losses(_ plan: CollectionPlan) -> [(entry: Int64, bytes: Int64)] {
    let needed = neededEntries(plan)
    var taken: [Int64: Int64] = [:]
    for step in plan.steps where needed.contains(step.entryID) && !step.isOursAlone {
      let sum = Saturating.add(taken[step.entryID] ?? 0, step.bytes ?? 0)
      taken[step.entryID] = sum.value
    }
    return taken.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// By its pointers, and by the folders that fbuild names.
  private func neededEntries(_ plan: CollectionPlan) -> Set<Int64> {
    Set(entries.keys).union(packages?.entries ?? [])
  }
}
