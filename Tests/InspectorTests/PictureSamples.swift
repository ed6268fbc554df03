@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import Inspector

/// The demo's entries as values at a fixed time, with leases of six kinds: what pictures are made of.
enum PictureSamples {
  private static let now = FakeCache.now

  static let entries: [Entry] = DemoEntry.all.enumerated().map { index, item in
    let used = item.uses > 0 ? item.used : item.added
    let isBlob = item.kind == .lnkBlobs
    let hasArchive = item.phases.contains(.archive)
    let hasInstalled = item.phases.contains(.installed)
    let hash = CachePaths.hash(ofURL: item.url)
    var entry = Entry(
      id: Int64(index + 1), kind: RawText(item.kind.rawValue), url: RawText(item.url),
      stem: RawText(CachePaths.stem(ofURL: item.url)), hash: RawText(hash),
      version: RawText(isBlob ? String(repeating: hash, count: 4) : item.version),
      archivePath: hasArchive ? RawText("archives/\(index)") : nil,
      archiveBytes: hasArchive ? Int64(item.size(.archive)) : nil, archiveSHA256: nil,
      installedPath: hasInstalled ? RawText("installed/\(index)") : nil,
      installedBytes: hasInstalled ? Int64(item.size(.installed)) : nil,
      installedAt: hasInstalled ? time(item.added) : nil,
      archivedAt: hasArchive ? time(item.added) : nil, lastUsedAt: time(used),
      useCount: Int64(item.uses), pinned: 0, leaseCount: 0, refcount: 0, problems: [])
    let held = Int64(leases.count { $0.lease.id.entryID == entry.id })
    (entry.pinned, entry.leaseCount, entry.refcount) = (held, Int(held), held)
    // A ghost.
    if index == ghost { entry.pinned = 2 }
    return entry
  }

  private static func time(_ daysAgo: Double) -> Int64 { now - Int64(daysAgo * 86_400) }
  private static let ghost = place(DemoEntry.packages[1])

  private static func place(_ item: DemoEntry) -> Int {
    DemoEntry.all.firstIndex { $0.url == item.url && $0.version == item.version } ?? 0
  }

  static let leases: [LeaseRow] = {
    let kinds: [(DemoEntry, LeaseVerdict)] = [
      (DemoEntry.blobs[0], .dead), (DemoEntry.toolchains[4], .dead),
      (DemoEntry.frameworks[2], .reused), (DemoEntry.blobs[4], .alien),
      (DemoEntry.toolchains[0], .pin), (DemoEntry.frameworks[0], .pin),
      (DemoEntry.toolchains[2], .live), (DemoEntry.platforms[0], .live),
      (DemoEntry.blobs[3], .unknown),
    ]
    return kinds.enumerated().map { row, item in
      let (entry, verdict) = item
      let bytes = entry.phases.reduce(Int64(0)) { $0 + Int64(entry.size($1)) }
      return LeaseRow(
        lease: Lease(
          id: LeaseID(
            entryID: Int64(place(entry) + 1), holderPID: Int64(100 + row), nonce: UInt64(row)),
          rowID: Int64(row + 1), refcount: 1, acquiredAt: now - 3600,
          entry: Lease.EntryName(
            kind: RawText(entry.kind.rawValue), stem: RawText(CachePaths.stem(ofURL: entry.url)),
            version: RawText(entry.version), bytes: bytes)),
        judgement: Judgement(verdict, "why"))
    }
  }()

  /// Over every limit, so that there are problems of all kinds.
  static func cache() -> FakeCache {
    var items = Samples.migrations
    items[1].state = .applied
    var state = FakeCache.State(entries: entries, leases: leases, items: items)
    state.collection.environment = [
      "FBUILD_CACHE_ARCHIVE_BUDGET": "512M", "FBUILD_CACHE_INSTALLED_BUDGET": "12G",
      "FBUILD_CACHE_HIGH_WATERMARK": "16G",
    ]
    return FakeCache(state)
  }

  /// The same with room to grow.
  static func roomy() -> FakeCache {
    let cache = cache()
    cache.change {
      $0.collection.environment = [
        "FBUILD_CACHE_ARCHIVE_BUDGET": "1G", "FBUILD_CACHE_INSTALLED_BUDGET": "20G",
        "FBUILD_CACHE_HIGH_WATERMARK": "20G",
      ]
    }
    return cache
  }
}
