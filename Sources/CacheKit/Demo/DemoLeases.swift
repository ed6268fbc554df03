import Glibc
import SystemPackage

/// Leases whose verdicts are true on this host: nothing is pretended about any process.
struct DemoLeases {
  let stage: DemoStage
  let cache: DiskCache
  let clock: DemoClock

  func write(_ entries: [String: Entry]) throws(CacheError) {
    func entry(_ item: DemoEntry) -> Entry? { entries[item.url + item.version] }
    func blob(_ index: Int) -> Entry? { entry(DemoEntry.blobs[index]) }
    let dead = try EndedProcess.pid()
    try hold(blob(0), pid: dead, at: stage.time(daysAgo: 3.2), count: 2)
    try hold(blob(7), pid: dead, at: stage.time(daysAgo: 3.2))
    try hold(entry(DemoEntry.toolchains[4]), pid: dead, at: stage.time(daysAgo: 3.2))
    try hold(blob(5), pid: try EndedProcess.pid(), at: stage.now - 5400)
    if let recycled = Bystander.find(cache.location) {
      try hold(blob(1), pid: recycled.pid, at: recycled.before)
      try hold(entry(DemoEntry.frameworks[2]), pid: recycled.pid, at: recycled.before)
    }
    // Process 1 is always there: before this lease, and no fbuild.
    try hold(blob(4), pid: 1, at: stage.now - 20)
    try hold(entry(DemoEntry.toolchains[5]), pid: 1, at: stage.now - 20)
    // As a clock leaves it that was wrong when the lease was taken.
    try hold(blob(3), pid: 1, at: stage.now + 2 * 86400)
    try orphan(pid: dead)
  }

  private func hold(
    _ entry: Entry?, pid: Int64, at time: Int64, count: Int = 1
  ) throws(CacheError) {
    guard let entry else { return }
    clock.set(time)
    for _ in 0..<count {
      try cache.pin(entry, pid: pid, nonce: UInt64(max(1, time)) * 1_000_000_000 - 796_000_000)
    }
  }

  /// A lease whose entry is gone, as a program without foreign keys leaves it.
  private func orphan(pid: Int64) throws(CacheError) {
    let time = stage.time(daysAgo: 12)
    try cache.writer.withoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF")
      try db.execute(
        sql: """
          INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
          VALUES ((SELECT MAX(id) + 50 FROM entries), ?, ?, 1, ?)
          """, arguments: [pid, time * 1_000_000_000, time])
      try db.execute(sql: "PRAGMA foreign_keys = ON")
    }
  }
}

/// A process that ended a moment ago, for leases of a dead holder.
enum EndedProcess {
  static func pid() throws(CacheError) -> Int64 {
    var pid: pid_t = 0
    let name = strdup("sleep")
    let time = strdup("60")
    defer {
      free(name)
      free(time)
    }
    let code = posix_spawnp(&pid, "sleep", nil, nil, [name, time, nil], environ)
    guard code == 0 else { throw CacheError.system("cannot start a child", code) }
    kill(pid, SIGKILL)
    var status: CInt = 0
    _ = uninterrupted { waitpid(pid, &status, 0) }
    return Int64(pid)
  }
}

/// A living process that has nothing to do with the cache, and a moment before it started.
enum Bystander {
  /// The eldest of our parents that is younger than the host by more than a minute.
  static func find(_ location: CacheLocation) -> (pid: Int64, before: Int64)? {
    var table = ProcessTable(cacheRoot: location.root)
    guard let boot = table.host.bootTime, let card = table.holderCard(Int64(getpid())) else {
      return nil
    }
    let own = [card.process] + card.parents
    let young = own.last { ($0.startedAt ?? 0) > boot + 60 && $0.opensIndex != true }
    guard let young, let start = young.startedAt else { return nil }
    return (young.pid, Int64(max(boot + 30, start - 3 * 3600)))
  }
}
