import Synchronization
public import SystemPackage

/// Verifies the cached blobs of pointers without the network.
///
/// A blob that was hashed before and has not changed since is not read again, unless `isDeep` is set.
/// Nothing is repaired: `PullLinks` puts wrong blobs away and fetches them anew.
public struct CheckLinks: CacheAction {
  public typealias Report = ListLinks.Report

  /// Pointers, or folders to search for them.
  public var roots: [FilePath]
  /// True to read every blob; false to trust what was verified and is unchanged.
  public var isDeep: Bool
  /// How many blobs are read at a time.
  public var jobs: Int
  /// Asked between blobs and while one is read.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Called with every pointer whose blob was verified, from any thread.
  public var progress: @Sendable (LinkItem) -> Void = { _ in }

  /// `jobs` is the number of blobs that are read at once; by default one for each processor.
  public init(roots: [FilePath], isDeep: Bool = false, jobs: Int = Workers.processorCount) {
    self.roots = roots
    self.isDeep = isDeep
    self.jobs = jobs
  }

  public var command: [String] {
    ["lnk", "check"] + roots.map(\.string) + (isDeep ? ["--deep"] : [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    var list = ListLinks(roots: roots)
    list.isCancelled = isCancelled
    var report = try list.perform(in: context)
    let verified = VerifiedFiles(context.location, clock: context.options.clock)
    let items = report.links
    let work = items.indices.filter { items[$0].state == .cached || items[$0].state == .corrupt }
    let results = Mutex<[Int: LinkItem]>([:])
    Workers.run(work, jobs: jobs, isCancelled: isCancelled) { index in
      let item = verify(items[index], verified, now: context.options.clock.now())
      results.withLock { $0[index] = item }
      progress(item)
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    for (index, item) in results.withLock({ $0 }) { report.links[index] = item }
    verified.save()
    return report
  }

  /// Where the project holds the same file, if it does.
  private func otherNames(
    _ stamp: FileStamp, _ path: FilePath, _ finding: BlobForensics.Diagnosis
  ) -> String {
    guard case .hardLinked = finding else { return "" }
    let names = roots.flatMap {
      InodeSearch.names(of: stamp.identity, below: $0, except: path, isCancelled: isCancelled)
    }
    return names.isEmpty ? "" : ": \(names.map(\.string).joined(separator: ", "))"
  }

  private func verify(_ item: LinkItem, _ verified: VerifiedFiles, now: Int64) -> LinkItem {
    guard let link = item.link, let path = item.blob else { return item }
    var result = item
    do throws(CacheError) {
      guard let file = try BlobFile.open(path) else {
        result.state = .gone
        result.problem = "the index names a file that is not there"
        return result
      }
      if let problem = file.oversize(recorded: item.entry?.archiveBytes) {
        result.state = .corrupt
        result.problem = problem
        return result
      }
      let found = try file.sha256(
        verified, expecting: isDeep ? nil : link.sha256, isCancelled: isCancelled)
      result.stamp = file.stamp
      if found == link.sha256 {
        result.take(LinkItem.Check(sha256: found, verifiedAt: now), link)
        return result
      }
      let expected = BlobForensics.Expectation(link, recorded: item.entry?.archiveBytes)
      let finding = try BlobForensics.examine(path, expecting: expected)
      result.take(LinkItem.Check(sha256: found, verifiedAt: now, finding: finding), link)
      result.problem = result.problem.map { $0 + otherNames(file.stamp, path, finding) }
    } catch {
      result.state = error.code == .notAFile ? .gone : .unreadable
      result.problem = error.message
    }
    return result
  }
}
