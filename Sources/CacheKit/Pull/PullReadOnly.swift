import Synchronization
import SystemPackage

/// Pulls from a cache in which nothing can be written: what is there is verified and put into the target,
/// without a lease, since nobody can take it away.
extension PullLinks {
  func serve(
    _ items: [LinkItem], _ context: ActionContext
  ) throws(CacheError) -> [Outcome] {
    let location = context.location
    let entries = try context.inspect().blobs(of: items.map(\.link))
    let verified = VerifiedFiles(location, clock: context.options.clock)
    defer { verified.save() }
    if let target { Materializer(folder: target).sweep() }
    let outcomes = Mutex<[Int: Outcome]>([:])
    Workers.run(Array(items.indices), jobs: jobs, isCancelled: isCancelled) { index in
      let outcome = serve(items[index], entries[index], location, verified)
      outcomes.withLock { $0[index] = outcome }
      progress(.done(outcome))
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    return outcomes.withLock { found in items.indices.compactMap { found[$0] } }
  }

  private func serve(
    _ item: LinkItem, _ entry: Entry?, _ location: CacheLocation, _ verified: VerifiedFiles
  ) -> Outcome {
    var outcome = Outcome(path: item.path, result: .failed, sha256: item.link?.sha256)
    do throws(CacheError) {
      guard let link = item.link else {
        throw CacheError(.invalidInput, item.problem ?? "the pointer cannot be used")
      }
      let (path, stamp) = try sound(link, entry, location, verified)
      outcome.result = .hit
      outcome.blob = path
      outcome.bytes = stamp.size
      place(&outcome, link, path, stamp)
    } catch {
      outcome.problem = error.message
      outcome.error = error
    }
    return outcome
  }

  /// The file whose bytes are right: where the row says, or where the blob belongs.
  private func sound(
    _ link: LinkFile, _ entry: Entry?, _ location: CacheLocation, _ verified: VerifiedFiles
  ) throws(CacheError) -> (FilePath, FileStamp) {
    let place = try BlobPlace(location, url: link.url, sha256: link.sha256).file
    let recorded = RecordedBlob(entry, location).flatMap { $0.isInside ? $0.path : nil }
    var why = "its blob is not there"
    for path in [recorded, place].compactMap({ $0 }) {
      do throws(CacheError) {
        guard let file = try BlobFile.open(path) else { continue }
        let found = try file.sha256(verified, expecting: link.sha256, isCancelled: isCancelled)
        if found == link.sha256 { return (path, file.stamp) }
        why = "its blob has other bytes"
      } catch {
        guard error.code != .cancelled else { throw error }
        why = error.message
      }
    }
    throw CacheError(
      .readOnly, "\(why), and nothing can be fetched into a read-only cache",
      hint: "Name another cache with --cache DIR, or mount this one writable")
  }
}
