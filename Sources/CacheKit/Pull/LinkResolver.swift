import Glibc
public import SystemPackage

/// Turns pointers into verified blobs of the cache: a hit is verified and leased, a miss is downloaded,
/// verified, recorded and leased.
///
/// One resolver serves many threads, and keeps their connections from download to download.
public final class LinkResolver: Sendable {
  let cache: DiskCache
  let options: DownloadOptions
  let settings: TransferSettings
  let verified: VerifiedFiles
  let quarantine: Quarantine
  /// Given up while a download is put in its place.
  let slots: Slots?
  let transfers = TransferPool()
  let isCancelled: @Sendable () -> Bool

  /// Seconds after which a partial download that nobody came back for is removed.
  private static let partialAge: Int64 = 7 * 24 * 3600

  /// `isCancelled` is asked at least every 50 ms while something is waited for.
  public convenience init(
    _ cache: DiskCache, options: DownloadOptions = .fromEnvironment(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.init(cache, options: options, slots: nil, isCancelled: isCancelled)
  }

  init(
    _ cache: DiskCache, options: DownloadOptions, slots: Slots?,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.slots = slots
    self.cache = cache
    self.options = options
    self.isCancelled = isCancelled
    settings = TransferSettings(options)
    verified = VerifiedFiles(cache.location, clock: cache.clock)
    quarantine = Quarantine(location: cache.location, clock: cache.clock)
  }

  /// A verified blob that no GC takes away while the lease is held.
  public struct Resolved: Sendable {
    /// The blob in the cache.
    public var path: FilePath
    /// What keeps GC from it.
    public var lease: HeldLease
    /// The size of the blob.
    public var bytes: Int64
    /// True where nothing had to be fetched.
    public var isHit: Bool
    /// What went wrong on the way without stopping it: a mirror with other bytes.
    public var warnings: [String] = []
    /// The file that was verified; `nil` where another program has put its own there meanwhile.
    var stamp: FileStamp?
  }

  /// The blob of a pointer. The caller releases the lease.
  ///
  /// Throws `network`, `refused`, `diskFull`, `busy`, `cancelled`; then no lease is left.
  public func resolve(
    _ link: LinkFile, progress: (DownloadProgress) -> Void = { _ in }
  ) throws(CacheError) -> Resolved {
    try resolve(link, known: try lookup(link), progress: progress)
  }

  /// The same with what the index said a moment ago.
  func resolve(
    _ link: LinkFile, known: Entry?, progress: (DownloadProgress) -> Void
  ) throws(CacheError) -> Resolved {
    let place = try BlobPlace(cache.location, url: link.url, sha256: link.sha256)
    if let hit = try hit(known, link, mayQuarantine: false) { return hit }
    let area = try StagingArea(cache.location)
    let key = StagingArea.key(url: link.url, sha256: link.sha256)
    let lock = try DownloadLock.take(area, key, isCancelled: isCancelled) {
      progress(.waitingForOther)
    }
    defer { lock.release() }
    // Whoever held the lock before may have done the work, and then the blob is at its place.
    let isThere = try FileStatus(place.file, follows: false) != nil
    let found = known != nil || isThere ? try lookup(link) : nil
    if let hit = try hit(found, link, mayQuarantine: true) { return hit }
    if let adopted = try adopt(link, place) { return adopted }
    if let copied = try copyIn(found, link, place, area) { return copied }
    return try fetch(link, place, area, progress)
  }

  /// Writes down what was verified, and removes partial downloads that nobody came back for.
  public func finish() {
    verified.save(isDurable: !isCancelled())
    guard !isCancelled(), let area = try? StagingArea(cache.location) else { return }
    area.sweep(olderThan: Self.partialAge, now: cache.clock.now())
  }
}

// MARK: - Hits

extension LinkResolver {
  private func lookup(_ link: LinkFile) throws(CacheError) -> Entry? {
    try cache.lookup(kind: .lnkBlobs, url: link.url, version: link.sha256)
  }

  /// The blob that the index knows, leased before it is looked at: a GC between the two would win.
  private func hit(
    _ found: Entry?, _ link: LinkFile, mayQuarantine: Bool
  ) throws(CacheError) -> Resolved? {
    guard let found, path(of: found) != nil,
      let (lease, entry) = try cache.leaseCurrent(found)
    else { return nil }
    do throws(CacheError) {
      // A row may name another entry's blob, which is wrong for this one alone.
      guard let path = path(of: entry),
        let stamp = try verify(
          path, link, mayQuarantine: mayQuarantine && isOwnPlace(path, link),
          recorded: entry.archiveBytes)
      else {
        try lease.release()
        return nil
      }
      // Several fbuilds at once record the size of what another one was still writing.
      try cache.touch(entry, archiveBytes: entry.archiveBytes == stamp.size ? nil : stamp.size)
      return Resolved(
        path: path, lease: lease, bytes: stamp.size, isHit: true, stamp: stamp)
    } catch {
      try? lease.release()
      throw error
    }
  }

  private func isOwnPlace(_ path: FilePath, _ link: LinkFile) -> Bool {
    let place = try? BlobPlace(cache.location, url: link.url, sha256: link.sha256)
    return place.map { PathIdentity.isSame($0.file, path) } ?? false
  }

  /// `nil` too where the file is not one of this cache: a lease would protect nothing.
  private func path(of entry: Entry) -> FilePath? {
    RecordedBlob(entry, cache.location).flatMap { $0.isInside ? $0.path : nil }
  }

  /// The blob's file where its bytes are right; a wrong one is put away if that is allowed.
  func verify(
    _ path: FilePath, _ link: LinkFile, mayQuarantine: Bool, recorded: Int64? = nil
  ) throws(CacheError) -> FileStamp? {
    let found: String
    let stamp: FileStamp
    do throws(CacheError) {
      guard let file = try BlobFile.open(path) else { return nil }
      stamp = file.stamp
      if let why = file.oversize(recorded: recorded, link) {
        if mayQuarantine { try quarantine.put(oversized: path, link, reason: why) }
        return nil
      }
      found = try file.sha256(verified, expecting: link.sha256, isCancelled: isCancelled)
    } catch {
      // Unreadable is not wrong: what cannot be read is neither replaced nor put away.
      guard error.code == .notAFile else { throw error }
      return nil
    }
    if found == link.sha256 { return stamp }
    // A file that changes while it is read is somebody's work, not a wrong blob.
    if mayQuarantine, FileStamp(path)?.isSameContent(as: stamp) == true {
      _ = try putAway(path, link, found, from: link.url, recorded: recorded)
    }
    return nil
  }

  /// Why the bytes are wrong, after they were moved away.
  func putAway(
    _ path: FilePath, _ link: LinkFile, _ found: String, from url: String, recorded: Int64?
  ) throws(CacheError) -> String {
    let expected = BlobForensics.Expectation(link, recorded: recorded)
    let finding = (try? BlobForensics.examine(path, expecting: expected)) ?? .unknown
    let moved = try quarantine.put(
      path, url: url, expected: link.sha256, found: found, reason: finding.description)
    return finding.description + (moved.map { "; kept as \($0)" } ?? "")
  }
}
