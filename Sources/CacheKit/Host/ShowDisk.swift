import SystemPackage

/// Where the bytes are: every folder of the cache, and of what lies beside it. Changes nothing.
public struct ShowDisk: CacheAction {
  /// How many levels below each root are told of by themselves.
  public var depth: Int
  /// Asked between folders; true ends the walk.
  public var isCancelled: @Sendable () -> Bool

  public init(depth: Int = 2, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.depth = depth
    self.isCancelled = isCancelled
  }

  public var command: [String] { ["host", "--disk"] }

  public func perform(in context: ActionContext) throws(CacheError) -> DiskReport {
    guard context.recorded == nil else {
      throw CacheError(
        .invalidInput, "a snapshot does not tell what lies on its host's disk",
        hint: "Leave out --from")
    }
    try context.location.requireRoot()
    let roots = roots(context)
    let nodes = DiskWalk(depth: depth).run(roots.map(\.path), isCancelled: isCancelled)
    if isCancelled() { throw CacheError(.cancelled, "the walk was ended") }
    return DiskTree(nodes, roots, rows(context), context.location).report
  }

  /// The cache, and what of its mode's folders lies elsewhere.
  private func roots(_ context: ActionContext) -> [DiskTree.Root] {
    var processes = context.processTable()
    let search = DaemonSearch(context.procRoot)
    let daemons = search.daemons(serving: context.location.root, &processes)
    let folders = ModeFolders(
      context.location, home: nil, daemons: daemons.compactMap { search.modeFolder($0) })
    var roots = [DiskTree.Root(path: context.location.root, kind: .cache)]
    let named = daemons.compactMap { search.variable("FBUILD_ZCCACHE_ROOT", $0) }
    let others =
      folders.all.flatMap { folder -> [DiskTree.Root] in
        [
          .init(path: folder.appending("zccache"), kind: .compileCache),
          .init(path: folder.appending("tmp"), kind: .temporary),
        ]
      } + named.map { .init(path: $0, kind: .compileCache) }
    for root in others where !roots.contains(where: { $0.holds(root) || root.holds($0) }) {
      roots.append(root)
    }
    return roots
  }

  /// The entries by the folders of their files, below the root.
  private func rows(_ context: ActionContext) -> [[UInt8]: Int64] {
    var found: [[UInt8]: Int64] = [:]
    let root = bytes(of: context.location.root) + [UInt8(ascii: "/")]
    func note(_ path: RawText?, _ id: Int64, isFile: Bool) {
      guard let path, !path.isEmpty else { return }
      let inside =
        path.bytes.starts(with: root) ? Array(path.bytes.dropFirst(root.count)) : path.bytes
      let parts = inside.split(separator: UInt8(ascii: "/"))
      let folder = isFile ? parts.dropLast() : parts[...]
      guard !folder.isEmpty else { return }
      found[Array(folder.joined(separator: [UInt8(ascii: "/")]))] = id
    }
    _ = try? context.inspect().forEachEntry(EntryQuery()) { entry in
      note(entry.archivePath, entry.id, isFile: true)
      note(entry.installedPath, entry.id, isFile: false)
    }
    return found
  }
}
