import Synchronization
public import SystemPackage

/// Brings the blobs of pointers into the cache: those that are there are verified, the others are
/// downloaded, several at a time.
public struct PullLinks: CacheAction {
  /// Pointers, or folders to search for them.
  public var roots: [FilePath]
  /// How many pointers are worked on at a time.
  public var jobs: Int
  /// Where the blobs are put too, unpacked where the pointer says so; `nil` leaves them in the cache.
  public var target: FilePath?
  /// Puts hard links instead of copies: a build that writes into one then changes the cache.
  public var usesHardLinks = false
  /// Mirrors, proxies and patience.
  public var download: DownloadOptions
  /// Asked while bytes arrive or are read.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Called from any thread.
  public var progress: @Sendable (Event) -> Void = { _ in }

  public init(
    roots: [FilePath], jobs: Int = 8, target: FilePath? = nil,
    download: DownloadOptions = .fromEnvironment()
  ) {
    self.roots = roots
    self.jobs = jobs
    self.target = target
    self.download = download
  }

  /// What a pull tells while it runs.
  public enum Event: Sendable {
    /// So many pointers are worked on.
    case found(Int)
    case step(FilePath, DownloadProgress)
    case done(Outcome)
  }

  /// What became of a pointer, in one word.
  public enum Result: String, Sendable {
    case hit
    case fetched
    case failed
  }

  /// What became of one pointer.
  public struct Outcome: Sendable {
    /// The pointer.
    public var path: FilePath
    /// What became of it.
    public var result: Result
    /// The blob was fetched and is in the cache, though it could not be put elsewhere.
    public var isKept = false
    /// The blob came from the network in this pull, whatever became of it then.
    public var isFetched: Bool { result == .fetched || isKept }
    /// The blob in the cache; `nil` where it failed.
    public var blob: FilePath?
    /// The size of the blob.
    public var bytes: Int64?
    /// The SHA-256 of the blob, in hex.
    public var sha256: String?
    /// Where the blob was put outside the cache.
    public var placed: FilePath?
    /// Why it failed, or what went wrong on the way.
    public var problem: String?
    /// The failure with its code; `nil` where there was none.
    public var error: CacheError?
  }

  static let keptWords = "the blob itself was fetched, and is in the cache"

  /// What became of the pointers.
  public struct Report: Sendable {
    /// In the order of their paths.
    public var links: [Outcome] = []
    /// Files of other programs, which were skipped.
    public var foreign: [LinkItem] = []
    /// What the search could not read.
    public var problems: [LinkScan.Problem] = []
    /// Leases that killed pulls had left on these blobs.
    public var releasedLeases = 0

    /// How many failed.
    public var failed: Int { links.count { $0.result == .failed } }
  }

  public var command: [String] {
    ["lnk", "pull"] + roots.map(\.string) + ["--jobs", "\(jobs)"]
      + (target.map { ["--into", $0.string] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    let scan = try LinkScanner.scan(roots, isCancelled: isCancelled)
    var report = Report(problems: scan.problems)
    var items = scan.files.map { LinkItem.read($0) }
    report.foreign = items.filter { $0.state == .foreign }
    items.removeAll { $0.state == .foreign }
    try refuseConflicts(items)
    try refuseFolded(items)
    try refuseCache(items, context.location)
    progress(.found(items.count))
    guard !items.isEmpty else { return report }
    let isReadOnly =
      FileSystemKind.of(context.location.root).isReadOnly || Self.isClosed(context.location)
    if context.isDryRun, !isReadOnly { try context.refuseOpening() }
    do throws(CacheError) {
      report.links = try context.asOwner { () throws(CacheError) in
        isReadOnly || context.isDryRun
          ? try serve(items, context) : try pull(items, context, &report.releasedLeases)
      }
    } catch {
      // What failed because it was cancelled is no failure.
      throw isCancelled() ? CacheError(.cancelled, "cancelled") : error
    }
    return report
  }

  /// Readable, and not to be written by this user: what is there can be put into the caller's project all the
  /// same.
  static func isClosed(_ location: CacheLocation) -> Bool {
    guard let index = FileStatus(followed: location.index), index.isRegular else { return false }
    return !Writability.isWritable(location.index) || !Writability.isWritable(location.root)
  }

  /// Two pointers that materialise under one name are told before anything is written.
  func refuseConflicts(_ items: [LinkItem]) throws(CacheError) {
    guard target != nil else { return }
    let conflicts = LinkGroup.all(items).filter { $0.kind == .sameTarget }
    guard let first = conflicts.first else { return }
    let names = conflicts.map { group in
      "\(group.subject) (\(group.paths.map(\.string).joined(separator: ", ")))"
    }
    throw CacheError(
      .refused, "several pointers would become one file: \(names.joined(separator: "; "))",
      hint: "Pull the folder of `\(first.subject)` alone, or rename one pointer")
  }

  /// The same where the target's file system makes one name of several.
  func refuseFolded(_ items: [LinkItem]) throws(CacheError) {
    guard let target else { return }
    let pointers = items.filter { $0.link != nil }
    let groups = Dictionary(grouping: pointers) {
      NameFolding.key(LinkFile.targetName(of: $0.path))
    }
    guard
      let first = groups.values.filter({ $0.count > 1 }).map({ $0.map(\.path) })
        .min(by: { $0[0].string < $1[0].string }), NameFolding.folds(target)
    else { return }
    throw CacheError(
      .refused,
      "several pointers would become one file, since \(target) does not tell upper "
        + "from lower case: \(first.map(\.readable).joined(separator: ", "))",
      hint: "Pull into another folder, or rename one pointer")
  }

  /// The cache itself is no target, nor is a folder in which a blob would replace it.
  private func refuseCache(
    _ items: [LinkItem], _ location: CacheLocation
  ) throws(CacheError) {
    guard let target else { return }
    let place = Self.resolved(target)
    let root = Self.resolved(location.root)
    let names = items.map { place.appending(LinkFile.targetName(of: $0.path)) }
    let isInside = PathIdentity.isInside(place, location.root)
    guard isInside || names.contains(where: { PathIdentity.isInside(root, $0) }) else { return }
    throw CacheError(
      .refused, "\(target) would put blobs into the cache at \(location.root)",
      hint: "Name a folder outside of the cache")
  }

  /// The real path as far as it exists.
  private static func resolved(_ path: FilePath) -> FilePath {
    if let real = path.real { return real }
    guard let parent = path.parent, let name = path.lastComponent else { return path }
    return resolved(parent).appending(name).lexicallyNormalized()
  }

  private func pull(
    _ items: [LinkItem], _ context: ActionContext, _ releasedLeases: inout Int
  ) throws(CacheError) -> [Outcome] {
    var options = context.options
    options.isCancelled = isCancelled
    let cache = try context.openForLinks(options)
    // A cancelled pull ends at once: the next change moves the WAL into the main file.
    defer { cache.close(checkpoints: !isCancelled()) }
    try context.completePins(cache)
    releasedLeases = cleanUp(items.compactMap(\.link), context)
    let run = PullRun(self, cache)
    defer {
      run.resolver.finish()
      run.placed.save()
    }
    try run.look(items)
    // One job for each blob: pointers that name the same one share its download and its lease.
    let groups = Dictionary(grouping: items.indices) { index in
      items[index].link.map { "\($0.url)\n\($0.sha256)" } ?? "\0\(index)"
    }
    let work = groups.values.sorted { $0[0] < $1[0] }
    let outcomes = Mutex<[Int: Outcome]>([:])
    Workers.run(work, jobs: run.threads, isCancelled: isCancelled) { indices in
      for (index, outcome) in run.pull(indices.map { ($0, items[$0]) }) {
        outcomes.withLock { $0[index] = outcome }
        progress(.done(outcome))
      }
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    run.releaseRest()
    try cache.writer.syncLog()
    return outcomes.withLock { found in items.indices.compactMap { found[$0] } }
  }
}

extension PullLinks {
  /// Puts a verified blob into the target, where there is one.
  func place(
    _ outcome: inout Outcome, _ link: LinkFile, _ blob: FilePath, _ stamp: FileStamp?,
    _ known: PlacedTargets? = nil
  ) {
    guard let target else { return }
    var materializer = Materializer(folder: target)
    materializer.usesHardLinks = usesHardLinks
    materializer.isCancelled = isCancelled
    materializer.placed = known
    do throws(CacheError) {
      guard let stamp else { throw Materializer.replaced(blob) }
      let placed = try materializer.put(blob, for: outcome.path, link, stamp: stamp)
      outcome.placed = placed.path
      let rest = placed.leftover.map {
        "what was there before could not be removed: it is kept as \($0)"
      }
      let words = [outcome.problem, placed.note, rest].compactMap { $0 }
      if !words.isEmpty { outcome.problem = words.joined(separator: "; ") }
    } catch {
      outcome.isKept = outcome.result == .fetched
      outcome.result = .failed
      outcome.problem = error.message + (outcome.isKept ? "; \(Self.keptWords)" : "")
      outcome.error = error
    }
  }
}
