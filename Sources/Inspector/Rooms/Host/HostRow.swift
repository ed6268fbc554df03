internal import CacheKit
internal import TUI

/// One thing that holds builds up, or may.
enum HostRow: Identifiable {
  typealias ID = String

  case lock(HostReport.Lock)
  case waiting(WaitingProcess)
  case daemon(HostDaemon)
  /// A process that holds leases and runs.
  case holder(HostReport.Holder)
  case user(HolderCard)
  case cache(CompileCache)
  /// A project, and what a collection of now would take from it, in words.
  case project(CacheProject, loss: String?)
  /// A row of a level of the disk, and what its level takes.
  case disk(DiskMap.Item, of: UInt64)

  var id: ID {
    switch self {
    case .lock(let item): "lock \(item.lock.path.readable)"
    case .waiting(let item): "waiting \(item.process.pid)"
    case .daemon(let item): "daemon \(item.process.pid)"
    case .holder(let holder): "holder \(holder.process.pid)"
    case .user(let card): "user \(card.process.pid)"
    case .cache(let cache): "cache \(cache.path.readable)"
    case .project(let project, _): "project \(Format.path(project.folder))"
    case .disk(let item, _): "disk \(item.id)"
    }
  }
}

extension HostReport {
  /// Leases have a room of their own, which lists all of them.
  private static let holderLimit = 200

  /// What stands in the way first; what projects need last.
  func rows(_ projects: [CacheProject]) -> [HostRow] {
    var known = Set(daemons.map(\.process.pid) + waiting.map(\.process.pid))
    let holders = holders.filter { !known.contains($0.process.pid) }.prefix(Self.holderLimit)
    known.formUnion(holders.map(\.process.pid))
    return locks.map(HostRow.lock) + waiting.map(HostRow.waiting) + daemons.map(HostRow.daemon)
      + holders.map(HostRow.holder)
      + users.filter { !known.contains($0.process.pid) }.map(HostRow.user)
      + caches.map(HostRow.cache)
      + projects.map { .project($0, loss: $0.lossWords(collection?.takings ?? [:])) }
  }
}

struct HostCells: Sendable {
  var row: HostRow
  var now: Int64
}

extension HostRow: Sendable {}

enum HostColumns {
  static let all: [Column<HostCells>] = [
    Column("state", "STATE", width: 15...15) { cells, glyphs in cells.row.state(glyphs) },
    Column("pid", "PID", width: 7...7, alignment: .right) { cells, _ in
      CellText(cells.row.pid.map(String.init) ?? "-")
    },
    Column("age", "AGE", width: 5...5, dropOrder: 2, alignment: .right) { cells, _ in
      CellText(Format.age(cells.row.since.map { cells.now - $0 }))
    },
    Column("fbuild", "FBUILD", width: 17...17, dropOrder: 1) { cells, _ in
      CellText(cells.row.outlook)
    },
    Column("what", "WHAT", width: 12...80, cut: .middle) { cells, _ in CellText(cells.row.what) },
  ]
}

extension HostRow {
  func state(_ glyphs: Glyphs) -> CellText {
    switch self {
    case .lock(let item): return Self.state(item.judgement, glyphs)
    case .waiting: return CellText("\(glyphs.warn) WAITS", .warn)
    case .daemon(let daemon) where daemon.process.isStopped:
      return CellText("\(glyphs.warn) \(daemon.stateWord)", .warn)
    case .daemon(let daemon): return CellText("\(glyphs.ok) \(daemon.stateWord)", .ok)
    case .holder(let holder):
      return CellText("\(glyphs.ok) \(Format.count(holder.leases, "lease"))", .ok)
    case .user: return CellText("\(glyphs.ok) uses it", .ok)
    case .cache(let cache):
      return CellText(cache.stateWord, .dim)
    case .project(let project, let loss): return project.state(glyphs, isLosing: loss != nil)
    case .disk: return CellText("")
    }
  }

  private static func state(_ judgement: InstallLock.Judgement, _ glyphs: Glyphs) -> CellText {
    let word = judgement.verdict.word
    if judgement.verdict.isGone { return CellText("\(glyphs.bad) \(word)", .bad) }
    return judgement.verdict == .alive
      ? CellText("\(glyphs.ok) \(word)", .ok) : CellText("\(glyphs.unknown) \(word)", .unknown)
  }

  var process: ProcessFacts? {
    switch self {
    case .lock(let item): item.judgement.process
    case .waiting(let item): item.process
    case .daemon(let item): item.process
    case .holder(let holder): holder.process
    case .user(let card): card.process
    case .cache, .project, .disk: nil
    }
  }

  var pid: Int64? {
    if case .lock(let item) = self { return item.lock.owner?.pid }
    return process?.pid
  }

  var since: Int64? {
    if case .lock(let item) = self { return Int64(exactly: item.lock.takenAt.rounded(.down)) }
    return process?.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
  }

  var outlook: String {
    guard case .lock(let item) = self else { return "" }
    return item.judgement.outlook.words
  }

  var what: String {
    switch self {
    case .lock(let item): Format.text(item.lock.packageName)
    case .waiting(let item): Format.text(item.process.command)
    case .daemon(let item): "daemon \(Format.text(item.version ?? "?")) \(item.mode)"
    case .holder(let holder): Format.text(holder.process.command)
    case .user(let card): Format.text(card.process.command)
    case .cache(let cache): "zccache \(Format.text(cache.version))"
    case .project(let project, _): "project \(Format.path(project.folder))"
    case .disk(let item, _): item.words
    }
  }
}
