public import SystemPackage

/// Where the bytes are: every folder of the cache, and of what lies beside it. Changes nothing.
public struct ShowDisk: CacheAction {
  /// How many levels below each root are told of by themselves.
  public var depth: Int
  /// Projects whose build folders are added up, too.
  public var projects: [FilePath] = []
  /// Asked between folders; true ends the walk.
  public var isCancelled: @Sendable () -> Bool

  public init(depth: Int = 2, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.depth = depth
    self.isCancelled = isCancelled
  }

  public var command: [String] { ["host", "--disk"] }

  public func perform(in context: ActionContext) throws(CacheError) -> DiskReport {
    let roots = try DiskRoots.read(context, projects)
    let walk = DiskWalk(depth: depth)
    let nodes = walk.run(roots.map(\.path), isCancelled: isCancelled)
    if isCancelled() { throw CacheError(.cancelled, "the walk was ended") }
    let map = DiskMap(
      walk, nodes, roots, DiskRows.read(context), context.location,
      takenAt: context.options.clock.now())
    return map.report(depth: depth)
  }
}

/// The same as a map of all levels, with large files by name. Changes nothing.
public struct MapDisk: CacheAction {
  /// Projects whose build folders are added up, too.
  public var projects: [FilePath]
  /// Asked between folders; true ends the walk.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Told how far it is, from any thread.
  public var progress: @Sendable (_ folders: UInt64, _ files: UInt64, _ bytes: UInt64) -> Void = {
    _, _, _ in
  }

  /// Files from here up have rows of their own: there are 40,000 of them at most in the 40 GiB of a full
  /// compile cache.
  public static let fileLimit: UInt64 = 1 << 20

  public init(projects: [FilePath] = []) { self.projects = projects }

  public var command: [String] { ["host", "--disk"] }

  public func perform(in context: ActionContext) throws(CacheError) -> DiskMap {
    let roots = try DiskRoots.read(context, projects)
    let walk = DiskWalk(depth: .max, files: Self.fileLimit)
    let progress = progress
    let nodes = walk.run(roots.map(\.path), isCancelled: isCancelled) { seen in
      progress(seen.folders, seen.files, seen.bytes)
    }
    if isCancelled() { throw CacheError(.cancelled, "the walk was ended") }
    return DiskMap(
      walk, nodes, roots, DiskRows.read(context), context.location,
      takenAt: context.options.clock.now())
  }
}

/// What is walked, and what the index says of it.
enum DiskRoots {
  /// The cache, and what of its mode's folders and of the projects lies elsewhere.
  static func read(
    _ context: ActionContext, _ projects: [FilePath]
  ) throws(CacheError) -> [DiskMap.Root] {
    guard context.recorded == nil else {
      throw CacheError(
        .invalidInput, "a snapshot does not tell what lies on its host's disk",
        hint: "Leave out --from")
    }
    try context.location.requireRoot()
    var processes = context.processTable()
    let search = DaemonSearch(context.procRoot)
    let daemons = search.daemons(serving: context.location.root, &processes)
    var others = beside(context, search, daemons)
    let named =
      [CacheLocation.environmentValue("FBUILD_BUILD_DIR")]
      + daemons.map { search.folder("FBUILD_BUILD_DIR", $0) }
    let builds = projects.map { $0.appending(".fbuild") } + named.compactMap(\.self)
    others += builds.map { .init(path: $0, kind: .project) }
    var roots = [DiskMap.Root(path: context.location.root, kind: .cache)]
    for root in others
    where root.path.isAbsolute
      && !roots.contains(where: { $0.holds(root) || root.holds($0) })
    {
      roots.append(root)
    }
    return roots
  }

  private static func beside(
    _ context: ActionContext, _ search: DaemonSearch, _ daemons: [Int64]
  ) -> [DiskMap.Root] {
    let folders = ModeFolders(
      context.location, home: ModeFolders.home(of: context.location),
      daemons: daemons.compactMap { search.modeFolder($0) })
    let caches = daemons.compactMap { search.folder("FBUILD_ZCCACHE_ROOT", $0) }
    return folders.all.flatMap { folder -> [DiskMap.Root] in
      [
        .init(path: folder.appending("zccache"), kind: .compileCache),
        .init(path: folder.appending("tmp"), kind: .temporary),
        .init(path: folder.appending("daemon"), kind: .daemon),
      ]
    } + caches.map { .init(path: $0, kind: .compileCache) }
  }
}

/// The entries by the folders of their files, below the root.
struct DiskRows {
  var ids: [[UInt8]: Int64] = [:]
  /// Why the index does not tell them; `nil` where it does, or where there is none.
  var problem: String?

  /// What lies on the disk is of interest without an index, too.
  static func read(_ context: ActionContext) -> DiskRows {
    var rows = DiskRows()
    do throws(CacheError) {
      try rows.readIDs(context)
    } catch {
      if error.code != .noIndex { rows.problem = error.message }
    }
    return rows
  }

  private mutating func readIDs(_ context: ActionContext) throws(CacheError) {
    let root = bytes(of: context.location.root) + [UInt8(ascii: "/")]
    var found: [[UInt8]: Int64] = [:]
    func note(_ path: RawText?, _ id: Int64, isFile: Bool) {
      guard let path, !path.isEmpty else { return }
      let inside =
        path.bytes.starts(with: root) ? Array(path.bytes.dropFirst(root.count)) : path.bytes
      let parts = inside.split(separator: UInt8(ascii: "/"))
      let folder = isFile ? parts.dropLast() : parts[...]
      guard !folder.isEmpty else { return }
      found[Array(folder.joined(separator: [UInt8(ascii: "/")]))] = id
    }
    let damage = try context.inspect().forEachEntry(EntryQuery()) { entry in
      note(entry.archivePath, entry.id, isFile: true)
      note(entry.installedPath, entry.id, isFile: false)
    }
    ids = found
    problem = damage?.message
  }
}
