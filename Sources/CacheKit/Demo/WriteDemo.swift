import Glibc
public import SystemPackage

/// Writes a cache with everything in it that there is to see, and a project with pointers.
///
/// Its packages are as large as real ones, and take a few blocks of the disk each: their files have holes.
///
/// Below the folder: `cache`, a cache as today's fbuild keeps it; `legacy-cache`, one with the
/// schema of an early fbuild; `project`, sources with `.lnk` and `.fetch` files. The same folder
/// content each time, apart from the folder's own path, process ids, and times, which count back
/// from now.
public struct WriteDemo: CacheAction {
  /// Made where it is missing; must be empty where it is there.
  public var folder: FilePath

  public init(folder: FilePath) {
    self.folder = CacheLocation(root: folder).root
  }

  /// What was made.
  public struct Report: Sendable, Hashable {
    /// The root of the cache.
    public var cache: FilePath
    /// The root of a cache with the schema of an old fbuild.
    public var legacyCache: FilePath
    /// A project with pointers.
    public var project: FilePath
    /// Rows of the cache.
    public var entries: Int64
    /// With verdicts: one of each kind, as far as this host allows.
    public var leases: JudgedLeases
    /// Pointers of the project.
    public var pointers: Int
    /// Bytes of all files of the cache as the index records them, without the index itself.
    public var bytes: Int64
    /// Budgets that this cache exceeds, as fbuild's environment variables: they show its GC at work.
    public var budgets: [String: String]

    /// How many leases have each verdict on this host.
    public var verdicts: [LeaseVerdict: Int] {
      Dictionary(grouping: leases, by: \.judgement.verdict).mapValues(\.count)
    }
  }

  public var command: [String] { ["demo", folder.string] }

  /// Throws `refused` where the folder has something in it, or is no folder.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    if geteuid() == 0 {
      try OutputPlace.refuseForeignFolders(above: folder)
      try CacheLocation.refuseForeignLink(folder)
    }
    try prepare()
    let now = context.options.clock.now()
    var own = context
    own.location = CacheLocation(root: folder.appending("cache"))
    let keepsHoles = try DemoStage.keepsHoles(below: folder)
    func stage(_ location: CacheLocation, _ entries: [DemoEntry]) throws(CacheError) -> DemoStage {
      DemoStage(
        location: location, now: now, hashes: try DemoHashes(entries), keepsHoles: keepsHoles)
    }
    let main = try stage(own.location, DemoEntry.all)
    let entries = try DemoCache(stage: main, context: own).write()
    let pointers = try DemoProject(
      folder: folder.appending("project"), blobs: main.blobs(DemoEntry.blobs)
    ).write(now: now)
    let legacy = CacheLocation(root: folder.appending("legacy-cache"))
    try LegacyDemo(stage: stage(legacy, LegacyDemo.items), context: own).write()
    return Report(
      cache: own.location.root, legacyCache: legacy.root, project: folder.appending("project"),
      entries: entries, leases: try ListLeases().perform(in: own).leases, pointers: pointers,
      bytes: DemoEntry.all.reduce(0) { sum, entry in
        entry.phases.reduce(sum) { $0 + Int64(entry.size($1)) }
      },
      budgets: [
        "FBUILD_CACHE_INSTALLED_BUDGET": "12G", "FBUILD_CACHE_ARCHIVE_BUDGET": "512M",
        "FBUILD_CACHE_HIGH_WATERMARK": "16G",
      ])
  }

  private func prepare() throws(CacheError) {
    guard RawText(path: folder).string != nil else {
      throw CacheError(
        .invalidInput, "\(folder) is not valid UTF-8, and an index stores its paths as text",
        hint: "Name a folder whose path is valid UTF-8")
    }
    try Folder.make(folder)
    switch FolderContent.isEmpty(folder) {
    case true?: return
    case false?:
      throw CacheError(
        .refused, "\(folder) is not empty", hint: "Name a folder that does not exist yet")
    case nil:
      throw CacheError(
        .refused, "\(folder) is not a folder that can be read",
        hint: "Name a folder that does not exist yet")
    }
  }
}

/// Whether there is anything in a folder; `nil` where it cannot be read.
enum FolderContent {
  static func isEmpty(_ folder: FilePath) -> Bool? {
    let tree = ProcTree(folder)
    return try? tree.withFolder("") { $0.names(limit: 1).names.isEmpty }.get()
  }
}
