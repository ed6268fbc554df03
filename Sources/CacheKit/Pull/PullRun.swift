import Synchronization

/// The part of a pull that its threads share.
final class PullRun: Sendable {
  let resolver: LinkResolver
  let placed: PlacedTargets
  private let action: PullLinks
  private let slots: Slots
  private let known = Mutex<[LinkFile: Entry]>([:])
  /// Leases that could not be given back yet.
  private let held = Mutex<[HeldLease]>([])
  /// More threads than jobs: some wait for the disk while others use the network.
  var threads: Int { max(1, action.jobs) + min(max(1, action.jobs), Self.mostWaiting) }
  private static let mostWaiting = 16
  /// How often a blob may be replaced under our hands before that is a failure.
  private static let mostAttempts = 5

  init(_ action: PullLinks, _ cache: DiskCache) {
    self.action = action
    slots = Slots(action.jobs)
    placed = PlacedTargets(cache.location)
    resolver = LinkResolver(
      cache, options: action.download, slots: slots, isCancelled: action.isCancelled)
  }

  /// Asks the index about all pointers at once.
  func look(_ items: [LinkItem]) throws(CacheError) {
    let links = items.compactMap(\.link)
    let entries = try resolver.cache.lookup(links)
    let found = zip(links, entries).compactMap { link, entry in entry.map { (link, $0) } }
    known.withLock { $0 = Dictionary(found) { first, _ in first } }
  }

  /// Pointers that name the same blob.
  func pull(_ items: [(index: Int, item: LinkItem)]) -> [(Int, PullLinks.Outcome)] {
    guard let first = items.first, let link = first.item.link else {
      return items.map { ($0.index, failed($0.item, nil)) }
    }
    slots.enter()
    defer { slots.leave() }
    do throws(CacheError) {
      if action.isCancelled() { throw CacheError(.cancelled, "cancelled") }
      var attempt = 0
      while true {
        let entry = known.withLock { $0[link] }
        let resolved = try resolver.resolve(link, known: entry) { step in
          action.progress(.step(first.item.path, step))
        }
        let outcomes = items.map { ($0.index, outcome($0.item, link, resolved)) }
        release(resolved.lease)
        attempt += 1
        let isReplaced = outcomes.contains { $0.1.error?.code == .busy }
        if !isReplaced || attempt == Self.mostAttempts { return outcomes }
      }
    } catch {
      return items.map { ($0.index, failed($0.item, error)) }
    }
  }

  /// A full disk may take no commit now: what was pulled is there all the same, and room may come.
  private func release(_ lease: HeldLease) {
    do throws(CacheError) { try lease.release() } catch { held.withLock { $0.append(lease) } }
  }

  /// Gives back what could not be given back before, by then without the files of half downloads.
  func releaseRest() {
    let leases = held.withLock { held in
      defer { held = [] }
      return held
    }
    guard !leases.isEmpty else { return }
    resolver.finish()
    resolver.cache.writer.makeRoom()
    for lease in leases { try? lease.release() }
  }

  private func outcome(
    _ item: LinkItem, _ link: LinkFile, _ resolved: LinkResolver.Resolved
  ) -> PullLinks.Outcome {
    var outcome = PullLinks.Outcome(
      path: item.path, result: resolved.isHit ? .hit : .fetched, blob: resolved.path,
      bytes: resolved.bytes, sha256: link.sha256)
    if !resolved.warnings.isEmpty { outcome.problem = resolved.warnings.joined(separator: "; ") }
    if let size = link.size, size != UInt64(max(0, resolved.bytes)) {
      outcome.problem = "the blob has \(resolved.bytes) bytes, the pointer says \(size)"
    }
    action.place(&outcome, item.link ?? link, resolved.path, resolved.stamp, placed)
    return outcome
  }

  private func failed(_ item: LinkItem, _ error: CacheError?) -> PullLinks.Outcome {
    let error = error ?? CacheError(.invalidInput, item.problem ?? "the pointer cannot be used")
    return PullLinks.Outcome(
      path: item.path, result: .failed, sha256: item.link?.sha256, problem: error.message,
      error: error)
  }
}
