import Inspector
import Synchronization
import SystemPackage
import TUI

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A cache of values: what is read is what the test put in, what is changed is written down.
final class FakeCache: InspectorService {
  struct State {
    var entries: [Entry] = []
    var leases: [LeaseRow] = []
    var items: [MigrationStatus.Item] = []
    var changes: [Change] = []
    var failure: CacheError?
    var readOnlyReason: String?
    var owner: String?
    var daemon: DaemonState? = .up(pid: 60_021, port: 51_822)
    var journal: [JournalLine] = []
    var integrity = IntegrityReport()
    var pages: [String] = []
    var backups: [BackupRow] = []
    /// What lies on the disk, by the names of folders below the entry.
    var files: [[String]: EntryFiles] = [:]
    var host = HostSamples.report
    /// What fbuild says that a project needs.
    var packages: FbuildPackages?
    var disk: DiskMap?
    var diskRuns = 0
    var links = FakeLinks()
    var collection = FakeCollection()
  }

  let state: Mutex<State>
  static let now: Int64 = 1_795_000_000

  init(_ state: sending State) { self.state = Mutex(state) }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  var changes: [Change] { state.withLock { $0.changes } }

  func now() -> Int64 { Self.now }

  private func read<Value>(_ body: (State) -> Value) throws(CacheError) -> Value {
    let (value, failure) = state.withLock { (body($0), $0.failure) }
    if let failure { throw failure }
    return value
  }

  func facts() throws(CacheError) -> CacheFacts {
    try read { state in
      var facts = CacheFacts(
        root: "~/.fbuild/prod/cache", reason: "default", source: .live,
        readOnlyReason: state.readOnlyReason, fileSystem: "ext4", indexBytes: 57_344,
        walBytes: 0, now: Self.now)
      facts.daemon = state.daemon
      facts.owner = state.owner
      facts.standpoint = Standpoint(host: "build7", bootedAt: Self.now - 400_000)
      facts.kept = state.collection.kept
      return facts
    }
  }

  func figures() throws(CacheError) -> Figures {
    try read { state in
      var statistics = Statistics()
      let measure = Statistics.Measure(now: Self.now, root: Array("/cache".utf8))
      for entry in state.entries { statistics.add(entry, measure) }
      var figures = Figures(
        statistics: statistics,
        budget: .of(totalDisk: 500 << 30, environment: { state.collection.environment[$0] }),
        disk: DiskSpace(total: 500 << 30, free: 100 << 30))
      figures.countedAt = Self.now
      figures.biggest = statistics.space.biggest.compactMap { size in
        state.entries.first { $0.id == size.id }
      }
      return figures
    }
  }

  func kindShares() throws(CacheError) -> [KindShare] {
    try read { state in
      var shares = NameShares()
      let sorted = state.entries.sorted {
        ($0.kind?.readable ?? "", $0.stem?.readable ?? "")
          < ($1.kind?.readable ?? "", $1.stem?.readable ?? "")
      }
      for entry in sorted {
        shares.add(
          kind: entry.kind, name: entry.stem,
          NameShare.Item(
            id: entry.id, version: entry.version, bytes: entry.totalBytes,
            isHeld: entry.pinned != 0 || entry.leaseCount > 0))
      }
      return shares.finish()
    }
  }

  func leasedRanks() throws(CacheError) -> [Int64: EvictionRank] { try read { Self.ranks($0) } }

  func entryIDs(_ query: EntryQuery, limit: Int?) throws(CacheError) -> [Int64] {
    try read { state in
      var entries = Self.matching(state, query.filter)
      entries.sort { left, right in
        query.sort == .id
          ? left.id < right.id : (left.lastUsedAt ?? 0, left.id) < (right.lastUsedAt ?? 0, right.id)
      }
      if query.isDescending { entries.reverse() }
      return Array(entries.map(\.id).prefix(limit ?? .max))
    }
  }

  /// As a real cache counts them.
  private static func ranks(_ state: State) -> [Int64: EvictionRank] {
    let keys = state.entries.filter { $0.archivePath != nil || $0.installedPath != nil }
      .map { (EvictionKey(lastUsedAt: $0.lastUsedAt ?? 0, id: $0.id), $0.pinned == 0) }
    var count = EvictionCount(keys.map(\.0))
    for (key, isEvictable) in keys where isEvictable { count.take(key) }
    return count.ranks
  }

  func evictionRanks(of ids: [Int64]) throws(CacheError) -> [Int64: EvictionRank] {
    try read { state in Self.ranks(state).filter { ids.contains($0.key) } }
  }

  private static func matching(_ state: State, _ filter: EntryFilter) -> [Entry] {
    state.entries.filter {
      filter.isEmpty || $0.stem?.readable.contains(filter.text) ?? false
    }
  }

  func largestEntry(_ filter: EntryFilter) throws(CacheError) -> Int64 {
    try read { Self.matching($0, filter).map(\.totalBytes).max() ?? 0 }
  }

  func entrySum(of ids: [Int64]) throws(CacheError) -> EntrySum {
    try read { state in
      var sum = EntrySum()
      for entry in state.entries where ids.contains(entry.id) { sum.add(entry) }
      return sum
    }
  }

  func files(
    _ place: FilesPlace, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> EntryFiles {
    let found = try read { $0.files[place.inside.map(\.readable)] }
    guard let found else { throw CacheError(.notFound, "nothing is there: its files are gone") }
    return found
  }

  func entryGroups(_ query: EntryQuery) throws(CacheError) -> GroupedIDs {
    let ids = try entryIDs(query, limit: nil)
    return try read { state in
      var found = GroupedIDs.Collected()
      for id in ids { state.entries.first { $0.id == id }.map { found.append($0) } }
      return found.grouped
    }
  }

  func entries(_ ids: [Int64]) throws(CacheError) -> [EntryRow] {
    try read { state in
      let known = Dictionary(state.entries.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
      return ids.compactMap { known[$0] }.map {
        EntryRow(
          entry: $0, hasInstalled: $0.installedPath == nil ? nil : true,
          hasArchive: $0.archivePath == nil ? nil : $0.id != 4)
      }
    }
  }

  func leases() throws(CacheError) -> LeaseSnapshot {
    try read { LeaseSnapshot(rows: $0.leases, takenAt: Self.now) }
  }

  func migrations() throws(CacheError) -> MigrationFacts {
    try read {
      MigrationFacts(
        status: MigrationStatus(items: $0.items, legacySchemaVersion: "1", obstacles: []),
        fileName: "index.sqlite")
    }
  }

  func rehearse() throws(CacheError) -> Rehearsal {
    try read { state in
      let steps = state.items.filter { $0.state == .pending }.map {
        Rehearsal.Step(id: $0.id, outcome: "applied", rowsTouched: 9, notes: [])
      }
      return Rehearsal(
        steps: steps, milliseconds: 2.5, schemaDiff: ["+ leases.refcount INTEGER"],
        checks: ["quick_check and foreign keys ok"], isSound: true)
    }
  }

  func verify(
    entries ids: [Int64], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (VerifyEntries.Item) -> Void
  ) throws(CacheError) -> [VerifyEntries.Item] {
    let items = ids.map { id in
      VerifyEntries.Item(
        id: id, state: id == 4 ? .corrupt : .ok, bytes: 7,
        problem: id == 4 ? "sha256 is 00\u{1b}[31m: truncated" : nil)
    }
    items.forEach(progress)
    return items
  }

  func integrity(
    onCancel: (@escaping @Sendable () -> Void) -> Void
  ) throws(CacheError) -> IntegrityReport {
    try read { $0.integrity }
  }
  func backups() throws(CacheError) -> [BackupRow] { try read { $0.backups } }
  func fileForPager(_ text: String, suffix: String) throws(CacheError) -> String {
    change { $0.pages.append(text) }
    return "/run/page.sql"
  }
  func removeFileForPager(_ path: String) { change { $0.pages.removeAll() } }

  func journal() -> JournalContents {
    var contents = JournalContents()
    contents.lines = state.withLock { $0.journal }
    return contents
  }

  var journalName: RawText { "/cache" }

  func host() throws(CacheError) -> HostReport { try read { $0.host } }

  func disk(
    _ project: LinkRoot, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (DiskProgress) -> Void
  ) throws(CacheError) -> DiskMap {
    progress(DiskProgress(folders: 3, files: 40, bytes: 5 << 20))
    change { $0.diskRuns += 1 }
    guard let map = try read({ $0.disk }) else {
      throw CacheError(.inputOutput, "nothing was added up")
    }
    return map
  }

  func report(_ subject: ReportSubject) throws(CacheError) -> String {
    try read { _ in "a report of \(subject)" }
  }

  func lockHolders() -> [String] { ["fbuild-daemon 60021"] }
  func openers() -> [String] { ["fbuild-daemon 60021"] }
  func holderCard(_ pid: Int64) -> HolderCard? { nil }

  func folder(of place: RowPlace) throws(CacheError) -> String {
    switch place {
    case .cache: return "/cache"
    case .entry(let installed, let archive):
      return "/cache/" + (installed ?? archive ?? "").readable
    case .pointer(let path): return path.removingLastComponent().string
    case .project: throw CacheError(.notFound, "/home/ada/proj is not there")
    }
  }

  func perform(_ change: Change) throws(CacheError) -> ChangeReport {
    _ = try read { _ in () }
    return state.withLock { state in
      state.changes.append(change)
      if case .release(let gone, _) = change {
        state.leases.removeAll { row in gone.contains(row.lease) }
        return ChangeReport(summary: "released \(gone.count) leases")
      }
      var report = ChangeReport(summary: "done")
      if case .askFbuild = change { report.packages = state.packages }
      return report
    }
  }

  func changeToken() throws(CacheError) -> ChangeToken {
    throw CacheError(.notFound, "a fake cache has no token")
  }
  func holderPulse() -> Int { 0 }
  func daemonPulse() -> Int { 0 }
  func interrupt() {}
}
