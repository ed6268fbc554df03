import Glibc
public import SystemPackage

/// Makes a pointer for a URL: downloads once, keeps the blob in the cache, and writes the file that
/// fbuild reads.
public struct AddLink: CacheAction {
  /// Where the blob is fetched from.
  public var url: String
  /// Where the pointer goes; by default `NAME.fetch` in the working folder, NAME from the URL.
  public var output: FilePath?
  /// Replaces an existing pointer.
  public var force: Bool
  /// Mirrors, proxies and patience.
  public var download: DownloadOptions
  /// Asked while bytes arrive.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Told what arrives, from any thread.
  public var progress: @Sendable (DownloadProgress) -> Void = { _ in }

  public init(
    url: String, output: FilePath? = nil, force: Bool = false,
    download: DownloadOptions = .fromEnvironment()
  ) {
    self.url = url
    self.output = output
    self.force = force
    self.download = download
  }

  /// The pointer that was made.
  public struct Report: Sendable {
    /// The pointer's file.
    public var path: FilePath
    /// What stands in it.
    public var link: LinkFile
    /// The blob in the cache.
    public var blob: FilePath
    /// The size of the blob.
    public var bytes: Int64
    /// Why the bytes may not be those that were meant.
    public var warnings: [String]
  }

  public var command: [String] {
    ["lnk", "add", url] + (output.map { ["-o", $0.string] } ?? []) + (force ? ["--force"] : [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let path = try preview(in: context)
    return try context.asOwner { () throws(CacheError) in try add(path, context) }
  }

  /// The pointer that it would write, after everything that would refuse it; asks no server.
  package func preview(in context: ActionContext) throws(CacheError) -> FilePath {
    try context.refuseReadOnly()
    if let why = LinkFile.whyNotURL(url) { throw CacheError(.invalidInput, why) }
    let path = try pointerPath()
    try refuseExisting(path)
    // Before anything is downloaded or made: a URL whose blob would leave its folder.
    _ = try BlobPlace(context.location, url: url, sha256: LinkFile.emptyBlob)
    if context.isDryRun { try context.refuseOpening() }
    return path
  }

  private func add(_ path: FilePath, _ context: ActionContext) throws(CacheError) -> Report {
    var options = context.options
    options.isCancelled = isCancelled
    let cache = try context.openForLinks(options)
    defer { cache.close() }
    try context.completePins(cache)
    let resolver = LinkResolver(cache, options: download, isCancelled: isCancelled)
    defer { resolver.finish() }
    let added = try resolver.add(url, progress: progress)
    defer { try? added.lease.release() }
    try ActingUser.with(path) { () throws(CacheError) in
      try refuseExisting(path)
      if let folder = path.parent { try Folder.make(folder) }
      try SmallFile.write(path, added.link.json)
      try SmallFile.syncFolder(path.parent ?? ".")
    }
    try added.lease.release()
    try cache.writer.syncLog()
    // What an earlier run for the same URL left when it was killed.
    _ = PullLinks.releaseDeadHolders(of: [added.link], context)
    return Report(
      path: path, link: added.link, blob: added.path, bytes: added.bytes,
      warnings: added.warnings)
  }

  private func pointerPath() throws(CacheError) -> FilePath {
    if let output {
      guard let name = output.lastComponent, LinkScanner.isPointerName(name) else {
        throw CacheError(
          .invalidInput, "\(output) would never be found: a pointer ends in .fetch or .lnk")
      }
      return output
    }
    var name = CachePaths.fileName(ofURL: url)
    // Nobody wants a query's secrets in a file name.
    if let end = name.firstIndex(where: { $0 == "?" || $0 == "#" }) { name = String(name[..<end]) }
    guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 200,
      let component = FilePath.Component(name + ".fetch")
    else {
      throw CacheError(
        .invalidInput, "\(URLText.masked(url)) ends in no usable file name",
        hint: "Name the pointer with -o FILE")
    }
    return FilePath(root: nil, [component])
  }

  private func refuseExisting(_ path: FilePath) throws(CacheError) {
    guard let found = FileStatus(unfollowed: path) else { return }
    guard found.isRegular else {
      throw CacheError(.notAFile, "\(path) is no plain file", hint: "Name another one")
    }
    if !force { throw CacheError(.refused, "\(path) exists", hint: "Use --force to replace it") }
  }
}

extension LinkResolver {
  struct Added {
    var link: LinkFile
    var path: FilePath
    var lease: HeldLease
    var bytes: Int64
    var warnings: [String]
  }

  /// Downloads whatever the URL serves now, and keeps it under the hash that it has.
  func add(
    _ url: String, progress: @escaping @Sendable (DownloadProgress) -> Void
  ) throws(CacheError) -> Added {
    let area = try StagingArea(cache.location)
    let key = StagingArea.key(url: url, sha256: nil)
    let lock = try DownloadLock.take(area, key, isCancelled: isCancelled) {
      progress(.waitingForOther)
    }
    defer { lock.release() }
    var single = options
    // A mirror may hold other bytes, and here nothing would notice.
    single.mirrors = []
    let download = Download(
      request: DownloadRequest(url: url), options: single, settings: settings, area: area,
      transfer: try HTTPTransfer(), isCancelled: isCancelled, progress: progress)
    let result = try download.run()
    let link = LinkFile(
      url: url, sha256: result.hash.sha256, size: UInt64(max(0, result.hash.bytes)))
    let warnings = doubts(result, url)
    let place = try BlobPlace(cache.location, url: url, sha256: link.sha256)
    let (lease, _) = try keep(result, link, place)
    return Added(
      link: link, path: place.file, lease: lease, bytes: result.hash.bytes,
      warnings: warnings)
  }

  /// What a server may have sent instead of the file, where the URL's ending does not ask for it.
  private func doubts(_ result: Download.Result, _ url: String) -> [String] {
    let name = CachePaths.fileName(ofURL: url).asciiLowercased.prefix { $0 != "?" && $0 != "#" }
    func ends(in endings: [String]) -> Bool { endings.contains { name.hasSuffix($0) } }
    var doubts: [String] = []
    if let encoding = result.head.contentEncoding, encoding != "identity",
      !ends(in: [".gz", ".tgz", ".br", ".zst"])
    {
      doubts.append("the server sent the bytes encoded (Content-Encoding: \(encoding))")
    }
    if let page = BlobForensics.page(of: result.partial.path),
      !ends(in: [".html", ".htm", ".xhtml", ".xml", ".svg"])
    {
      doubts.append("the bytes are an \(page) page, so probably an error message or a login")
    }
    if BlobForensics.isLFSPointer(result.partial.path) {
      doubts.append("the bytes are \(GitLFS.blobWords)")
    }
    return doubts
  }
}
