import Glibc
import Synchronization

/// The demo's cache: leases and pins through the facade; by SQL the entries, which are hundreds, and what the
/// facade rightly refuses.
struct DemoCache {
  let stage: DemoStage
  let context: ActionContext

  /// Returns the number of entries.
  func write() throws(CacheError) -> Int64 {
    let clock = DemoClock(stage.now)
    var options = context.options
    options.clock = clock.cacheClock
    let cache = try DiskCache.open(at: stage.location, options: options)
    defer { cache.close() }
    let rows = try DemoEntry.all.map { item throws(CacheError) in try DemoRow(item, stage) }
    // What hundreds of downloads, installations and uses would add up to, in one transaction.
    try cache.writer.write { db in for row in rows { try row.insert(db) } }
    var entries: [String: Entry] = [:]
    for item in DemoEntry.named {
      entries[item.url + item.version] = try cache.lookup(
        kind: item.kind, url: item.url, version: stage.version(item))
    }
    try DemoLeases(stage: stage, cache: cache, clock: clock).write(entries)
    try pin(entries)
    try damage(cache, entries)
    return try cache.statistics().entries
  }

  private func pin(_ entries: [String: Entry]) throws(CacheError) {
    let pinned = [DemoEntry.toolchains[0], DemoEntry.frameworks[0]]
    let found = pinned.compactMap { entries[$0.url + $0.version] }
    var nineDaysAgo = context
    nineDaysAgo.options.clock = .fixed(stage.time(daysAgo: 9))
    _ = try PinEntries(found, reason: "release builds").perform(in: nineDaysAgo)
  }

  /// States that a crash, another program or an older fbuild leaves behind.
  private func damage(_ cache: DiskCache, _ entries: [String: Entry]) throws(CacheError) {
    func id(_ item: DemoEntry) -> Int64? { entries[item.url + item.version]?.id }
    let (ghost, hollow) = (DemoEntry.packages[1], DemoEntry.libraries[5])
    try cache.writer.write { db in
      try db.execute(sql: "UPDATE entries SET pinned = 2 WHERE id = ?", arguments: [id(ghost)])
      try db.execute(
        sql: """
          UPDATE entries SET installed_path = NULL, installed_bytes = NULL, installed_at = NULL
          WHERE id = ?
          """, arguments: [id(hollow)])
    }
    // Left in the index after fbuild's daemon has removed the file.
    let gone = DemoEntry.blobs[9]
    if let path = entries[gone.url + gone.version]?.archivePath?.string {
      guard unlinkPath(path) == 0 else { throw CacheError.system("cannot remove \(path)", errno) }
    }
  }
}

/// A clock that the demo sets as it goes.
final class DemoClock: Sendable {
  private let seconds: Mutex<Int64>

  init(_ seconds: Int64) { self.seconds = Mutex(seconds) }

  func set(_ value: Int64) { seconds.withLock { $0 = value } }

  var cacheClock: CacheClock {
    CacheClock { [self] in UInt64(max(0, seconds.withLock { $0 })) * 1_000_000_000 }
  }
}
