import SystemPackage

/// URLs by the hash that folders of the cache are named after.
struct KnownURLs: Sendable {
  private var urls: [String: String] = [:]
  /// What the searched projects have that could not be read.
  private(set) var problems: [LinkScan.Problem] = []

  /// From the pointers below the projects, then from rows that were salvaged.
  init(
    _ projects: [FilePath], _ salvaged: [SalvagedEntry], isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) {
    if !projects.isEmpty {
      let scan = try LinkScanner.scan(projects, isCancelled: isCancelled)
      problems = scan.problems
      for file in scan.files {
        if let url = LinkItem.read(file).link?.url { urls[CachePaths.hash(ofURL: url)] = url }
      }
    }
    for entry in salvaged {
      guard let url = entry["url"].text, !url.isEmpty, let hash = entry["hash"].text,
        urls[hash] == nil, CachePaths.hash(ofURL: url) == hash
      else { continue }
      urls[hash] = url
    }
  }

  subscript(hash: String) -> String? { urls[hash] }
}
