public import SystemPackage

/// A project of this host, and how much of what its pointers name the cache has.
public struct CacheProject: Sendable, Hashable {
  public var folder: FilePath
  /// How many pointers it has.
  public var pointers = 0
  /// How many of them have their blob in the cache.
  public var there = 0
  /// How many have none.
  public var missing = 0
  /// How many cannot be used, or have a blob that is wrong.
  public var broken = 0
  /// How many of its pointers name each entry whose blob is there.
  public var entries: [Int64: Int] = [:]
  /// What real fbuild says that its environments need; `nil` where it was not asked.
  public var packages: FbuildPackages?
  /// Why fbuild, which was asked, did not say it.
  public var silence: String?

  public init(folder: FilePath) { self.folder = folder }

  /// The projects of pointers in the order of their folders, each with the folder of its project; a
  /// project in `folders` is one without a pointer, too.
  public static func all(
    _ links: some Sequence<(folder: FilePath, link: LinkItem)>, and folders: [FilePath]
  ) -> [CacheProject] {
    var projects: [FilePath: CacheProject] = [:]
    for folder in folders { projects[folder] = CacheProject(folder: folder) }
    for (folder, link) in links {
      projects[folder, default: CacheProject(folder: folder)].note(link)
    }
    return projects.values.sorted { $0.folder.string < $1.folder.string }
  }

  private mutating func note(_ link: LinkItem) {
    pointers += 1
    switch link.state {
    case .cached:
      there += 1
      if let entry = link.entry { entries[entry.id, default: 0] += 1 }
    case .missing, .gone: missing += 1
    case .corrupt, .unreadable, .malformed: broken += 1
    case .foreign: break
    }
  }

  /// True where it needs the entry: by a pointer, or by a package that fbuild names.
  public func needs(_ entry: Int64) -> Bool {
    entries[entry] != nil || packages?.entries.contains(entry) == true
  }

  /// What a collection would take from it, by what that takes of each entry, in bytes.
  public func losses(_ takings: [Int64: Int64]) -> [(entry: Int64, bytes: Int64)] {
    Set(entries.keys).union(packages?.entries ?? []).sorted().compactMap { entry in
      takings[entry].map { (entry, $0) }
    }
  }
}

extension CollectionPlan {
  /// What goes of each entry, in bytes of the index: by real GC, and by `ours` instead where that is said.
  public func takings(ours: Bool = false) -> [Int64: Int64] {
    var taken: [Int64: Int64] = [:]
    for step in steps where ours ? step.isTaken : !step.isOursAlone {
      taken[step.entryID] = Saturating.add(taken[step.entryID] ?? 0, step.bytes ?? 0).value
    }
    return taken
  }
}
