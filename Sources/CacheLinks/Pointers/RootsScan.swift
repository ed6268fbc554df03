public import SystemPackage

extension LinkScanner {
  /// All pointers under several roots, each once: roots may hold each other, or lead to one folder by
  /// several names.
  ///
  /// The first name that leads to a file counts. Throws as the scan of one root does.
  public static func scan(
    _ roots: [FilePath], isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) -> LinkScan {
    guard roots.count != 1 else { return try scan(roots[0], isCancelled: isCancelled) }
    var all = LinkScan()
    var seen = SeenPaths()
    for root in roots {
      let scan = try scan(root, isCancelled: isCancelled)
      all.files += scan.files.filter { seen.insert($0, isRoot: $0 == root) }
      all.problems += scan.problems.filter { seen.insert($0.path, isRoot: $0.path == root) }
    }
    return all
  }
}

/// Paths by where they really are. A second hard link of a pointer is a pointer of its own, and becomes
/// a file of its own.
private struct SeenPaths {
  private var folders: [FilePath: FilePath] = [:]
  private var paths: Set<FilePath> = []

  /// False for a path that was seen by another name. Only a root may itself be a link that is followed.
  mutating func insert(_ path: FilePath, isRoot: Bool) -> Bool {
    if isRoot { return paths.insert(path.real ?? path).inserted }
    guard let name = path.lastComponent else { return paths.insert(path).inserted }
    return paths.insert(realFolder(path.removingLastComponent()).appending(name)).inserted
  }

  private mutating func realFolder(_ folder: FilePath) -> FilePath {
    if let known = folders[folder] { return known }
    let real = (folder.isEmpty ? "." : folder).real ?? folder
    folders[folder] = real
    return real
  }
}
