import Synchronization
import SystemPackage

/// Pulls from a cache in which nothing can be written: what is there is verified and put into the target,
/// without a lease, since nobody can take it away. A dry run does the same without the target, and says what
/// would be fetched.
extension PullLinks {
  func serve(
    _ items: [LinkItem], _ context: ActionContext
  ) throws(CacheError) -> [Outcome] {
    let location = context.location
    let entries = try recorded(items, context)
    let verified = VerifiedFiles(location, clock: context.options.clock)
    defer { if !context.isDryRun { verified.save() } }
    if let target, !context.isDryRun { Materializer(folder: target).sweep() }
    let outcomes = Mutex<[Int: Outcome]>([:])
    Workers.run(Array(items.indices), jobs: jobs, isCancelled: isCancelled) { index in
      let outcome = serve(items[index], entries[index], context, verified)
      outcomes.withLock { $0[index] = outcome }
      progress(.done(outcome))
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    return outcomes.withLock { found in items.indices.compactMap { found[$0] } }
  }

  /// A cache that a pull would make has none.
  private func recorded(
    _ items: [LinkItem], _ context: ActionContext
  ) throws(CacheError) -> [Int: Entry] {
    if context.isDryRun, try FileStatus(context.location.index) == nil { return [:] }
    return try context.inspect().blobs(of: items.map(\.link))
  }

  private func serve(
    _ item: LinkItem, _ entry: Entry?, _ context: ActionContext, _ verified: VerifiedFiles
  ) -> Outcome {
    var outcome = Outcome(path: item.path, result: .failed, sha256: item.link?.sha256)
    do throws(CacheError) {
      guard let link = item.link else {
        throw CacheError(.invalidInput, item.problem ?? "the pointer cannot be used")
      }
      let place = try BlobPlace(context.location, url: link.url, sha256: link.sha256).file
      switch try sound(link, place, entry, context.location, verified) {
      case .sound(let path, let stamp):
        outcome.result = .hit
        outcome.blob = path
        outcome.bytes = stamp.size
        if !context.isDryRun { self.place(&outcome, link, path, stamp) }
      case .none(let why):
        guard context.isDryRun, !FileSystemKind.of(context.location.root).isReadOnly else {
          throw Self.notFetched(why, context.location)
        }
        try download.requireSize(link.size, of: link.url)
        outcome.result = .fetched
        outcome.blob = place
        outcome.bytes = link.size.map { Int64(clamping: $0) }
      }
      if context.isDryRun, let target {
        outcome.placed = try Materializer(folder: target).target(for: item.path)
      }
    } catch {
      outcome.problem = error.message
      outcome.error = error
    }
    return outcome
  }

  private enum Found {
    case sound(FilePath, FileStamp)
    /// And why not.
    case none(String)
  }

  /// The file whose bytes are right: where the row says, or where the blob belongs.
  private func sound(
    _ link: LinkFile, _ place: FilePath, _ entry: Entry?, _ location: CacheLocation,
    _ verified: VerifiedFiles
  ) throws(CacheError) -> Found {
    let recorded = RecordedBlob(entry, location).flatMap { $0.isInside ? $0.path : nil }
    var why = "its blob is not there"
    for path in [recorded, place].compactMap({ $0 }) {
      do throws(CacheError) {
        guard let file = try BlobFile.open(path) else { continue }
        let found = try file.sha256(verified, expecting: link.sha256, isCancelled: isCancelled)
        if found == link.sha256 { return .sound(path, file.stamp) }
        why = "its blob has other bytes"
      } catch {
        guard error.code != .cancelled else { throw error }
        why = error.message
      }
    }
    return .none(why)
  }

  private static func notFetched(_ why: String, _ location: CacheLocation) -> CacheError {
    guard FileSystemKind.of(location.root).isReadOnly else {
      let owner = FileStatus(followed: location.root)?.ownerName ?? "its owner"
      return CacheError(
        .permission, "\(why), and this user may not write \(location.root)",
        hint: "Run it as \(owner), or name another cache with --cache DIR")
    }
    return CacheError(
      .readOnly, "\(why), and nothing can be fetched into a read-only cache",
      hint: "Name another cache with --cache DIR, or mount this one writable")
  }
}
