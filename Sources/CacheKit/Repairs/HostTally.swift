import Glibc
import SystemPackage

/// What stands in the way of builds, or fills the disk, and has no row in the index.
public struct HostTally: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// A lock whose owner is gone, and for which fbuild waits.
    case stuckLock = "install_lock_stuck"
    /// A lock whose owner is gone, which fbuild removes by itself.
    case staleLock = "install_lock_stale"
    /// A lock for which fbuild waits, and of whose owner nothing is proved.
    case doubtfulLock = "install_lock_doubtful"
    case missingSentinel = "package_incomplete"
    case hollow = "package_hollow"
    case noPrograms = "package_not_executable"
    case staging = "staging_left"
    case partial = "partial_left"
    case temporary = "temporary_left"
    case retiredCache = "compile_cache_retired"
    /// A daemon whose GC does not see this host's processes.
    case foreignCollector = "gc_other_namespace"
    /// A folder that cannot be read, whatever is in it.
    case unreadable = "host_folder_unreadable"
  }

  public struct Group: Sendable, Hashable {
    /// Below the root, or absolute where they lie elsewhere.
    public var paths: [RawText] = []
    /// Allocated on the disk.
    public var bytes: Int64 = 0
  }

  public var groups: [Kind: Group] = [:]
  /// When fbuild takes a lock from whoever holds it.
  public var lockAge = InstallLockAge()
  /// Of each daemon whose GC does not see this host's processes.
  public var foreignReasons: [String] = []

  mutating func add(_ kind: Kind, _ path: RawText) {
    groups[kind, default: Group()].paths.append(path)
  }
}

/// Looks for all of them. Reads the whole of what it finds, so it is for `doctor` alone.
struct HostTallySearch {
  let context: ActionContext
  /// Where fbuild marks what it has installed; other kinds are of older releases, and have no mark.
  private static let sentinelKinds: Set<[UInt8]> = [
    Array("toolchains".utf8), Array("platforms".utf8),
  ]

  private var root: FilePath { context.location.root }

  /// Younger ones may be in use; in seconds since the last change of anything in them.
  private static let partialAge = 3600.0
  private static let temporaryAge = 86_400.0
  /// A daemon's start leaves older caches for so long.
  private static let cacheAge = 3 * 86_400.0

  func read() -> HostTally {
    var processes = context.processTable()
    let shelves = PackageShelves.read(context.location)
    let daemons = DaemonSearch(context.procRoot).daemons(serving: root, &processes)
    var tally = HostTally()
    tally.lockAge = InstallLockAge.read(context, daemons)
    let locks = HostSurvey.locks(
      shelves.locks, staleAfter: tally.lockAge.seconds, &processes)
    let opened = openFiles(&processes)
    for path in shelves.unreadable { tally.add(.unreadable, path) }
    for lock in locks { take(lock, &tally) }
    let busy = Set(locks.filter { !$0.judgement.verdict.isGone }.map { $0.lock.place.map(\.bytes) })
    for tree in shelves.trees { take(tree, busy, opened, &tally) }
    for staging in shelves.stagings { take(staging, busy, opened, &tally) }
    takePartials(processes.host.now, opened, &tally)
    leaveRecorded(&tally)
    takeModeFolders(&processes, opened, &tally)
    measure(&tally)
    takeForeignCollectors(daemons, &processes, &tally)
    return tally
  }

  // MARK: Locks and packages

  private func take(_ item: HostReport.Lock, _ tally: inout HostTally) {
    let waits: Bool
    switch item.judgement.outlook {
    case .waits, .never: waits = true
    case .reclaimsNow, .reclaimsIn: waits = false
    }
    if item.judgement.verdict.isGone {
      tally.add(waits ? .stuckLock : .staleLock, item.lock.path)
    } else if item.judgement.verdict == .unknown, waits {
      tally.add(.doubtfulLock, item.lock.path)
    }
  }

  private func take(
    _ tree: PackageTree, _ busy: Set<[[UInt8]]>, _ opened: OpenPaths, _ tally: inout HostTally
  ) {
    guard let kind = tree.place.components.first, Self.sentinelKinds.contains(kind),
      let version = tree.place.components.last, !busy.contains(tree.place.lock(of: version)),
      !opened.isUsed(tree.place.path(below: root))
    else { return }
    if tree.holdsPackages {
      return
    } else if !tree.hasSentinel {
      tally.add(.missingSentinel, tree.place.text)
    } else if tree.isHollow {
      tally.add(.hollow, tree.place.text)
    } else if tree.lacksPrograms {
      tally.add(.noPrograms, tree.place.text)
    }
  }

  private func take(
    _ staging: PackagePlace, _ busy: Set<[[UInt8]]>, _ opened: OpenPaths,
    _ tally: inout HostTally
  ) {
    let version = Array((staging.components.last ?? []).dropLast("_staging".utf8.count))
    let path = staging.path(below: root)
    // One with a sentinel is whole, whatever its version is called.
    guard !busy.contains(staging.lock(of: version)), !opened.isUsed(path),
      case .nothing = PathLook(path.appending(CachePaths.sentinel), follows: false)
    else { return }
    tally.add(.staging, staging.text)
  }

  // MARK: Leftovers

  /// What a row names is no leftover, however it is called; where the index does not tell, nothing is.
  private func leaveRecorded(_ tally: inout HostTally) {
    let kinds: [HostTally.Kind] = [.staging, .partial]
    let places = kinds.flatMap { tally.groups[$0]?.paths ?? [] }.map { PackagePlace($0).components }
    let rows = RowsAtPlaces.read(places, context)
    for kind in kinds {
      tally.groups[kind]?.paths.removeAll { rows?.isNamed(PackagePlace($0).components) ?? true }
      if tally.groups[kind]?.paths.isEmpty == true { tally.groups[kind] = nil }
    }
  }

  /// `archives/KIND/STEM/HASH/VERSION.partial`: a stem may end in the same way.
  private func takePartials(_ now: Double, _ opened: OpenPaths, _ tally: inout HostTally) {
    let suffix = Array(".partial".utf8)
    func visit(_ place: [[UInt8]], depth: Int) {
      let path = PackagePlace(place).path(below: root)
      switch PathLook(path, follows: false) {
      case .found(let status): if !status.isFolder { return }
      case .nothing: return
      case .refused: return tally.add(.unreadable, PackagePlace(place).text)
      }
      if depth == 0 {
        guard let name = place.last, name.suffix(suffix.count).elementsEqual(suffix) else { return }
        // What is being removed is as young as its last removal.
        let isOld =
          LeftoverRemover.isAsidePartial(name)
          || LastChange.isBefore(now - Self.partialAge, at: path)
        guard isOld, !opened.isUsed(path) else { return }
        return tally.add(.partial, PackagePlace(place).text)
      }
      guard let names = PackageShelves.names(path) else {
        return tally.add(.unreadable, PackagePlace(place).text)
      }
      for name in names { visit(place + [name], depth: depth - 1) }
    }
    visit([Array("archives".utf8)], depth: 4)
  }

  private func takeModeFolders(
    _ processes: inout ProcessTable, _ opened: OpenPaths, _ tally: inout HostTally
  ) {
    let search = DaemonSearch(context.procRoot)
    let daemons = search.daemons(serving: root, &processes)
    let folders = ModeFolders(
      context.location, home: ModeFolders.home(of: context.location),
      daemons: daemons.compactMap { search.modeFolder($0) })
    for folder in folders.all {
      // What lies behind a link is for its owner to clear.
      let caches = folder.appending("zccache")
      let isOwn = FileStatus(unfollowed: caches)?.isFolder == true
      if PackageShelves.isClosed(caches) { tally.add(.unreadable, RawText(path: caches)) }
      for cache in isOwn ? CompileCache.read([caches], &processes) : []
      where cache.isRetired && cache.writers.isEmpty && !opened.isUsed(cache.place)
        && (LeftoverRemover.isAside(cache.version.bytes)
          || LastChange.isBefore(processes.host.now - Self.cacheAge, at: cache.place))
      {
        tally.add(.retiredCache, cache.path)
      }
      let temporary = folder.appending("tmp")
      if PackageShelves.isClosed(temporary) { tally.add(.unreadable, RawText(path: temporary)) }
      guard FileStatus(unfollowed: temporary)?.isFolder == true,
        let names = PackageShelves.names(temporary)
      else { continue }
      for name in names {
        let path = temporary.appending(FilePath(bytes: name).components)
        guard
          LeftoverRemover.isAside(name)
            || LastChange.isBefore(processes.host.now - Self.temporaryAge, at: path),
          !opened.isUsed(path)
        else { continue }
        tally.add(.temporary, RawText(path: path))
      }
    }
  }

  private func takeForeignCollectors(
    _ daemons: [Int64], _ processes: inout ProcessTable, _ tally: inout HostTally
  ) {
    for pid in daemons {
      guard let facts = processes.probe(pid).facts, facts.isInInnerNamespace else { continue }
      tally.add(.foreignCollector, RawText("pid \(pid)"))
      tally.foreignReasons.append(
        HostDaemon.foreignReason(pid, processes.holderCard(pid)?.container))
    }
  }

  private func measure(_ tally: inout HostTally) {
    for (kind, group) in tally.groups where kind != .unreadable {
      let paths = group.paths.map { text in
        text.bytes.first == UInt8(ascii: "/")
          ? FilePath(bytes: text.bytes) : root.appending(FilePath(bytes: text.bytes).components)
      }
      tally.groups[kind]?.bytes = DiskWalk.sum(paths)
    }
  }

  private func openFiles(_ processes: inout ProcessTable) -> OpenPaths {
    let own = processes.host.selfPID
    let users = processes.survey().processes.filter { $0.opensIndex == true && $0.pid != own }
    let cards = users.compactMap { processes.holderCard($0.pid) }
    return OpenPaths(
      paths: cards.flatMap(\.openFiles).map(\.bytes),
      isComplete: cards.allSatisfy(\.isComplete))
  }
}

/// The files below the root that processes have open.
struct OpenPaths {
  let paths: [[UInt8]]
  let isComplete: Bool

  /// True where something below the folder is open, and where that cannot be told.
  func isUsed(_ folder: FilePath) -> Bool {
    guard isComplete else { return true }
    let start = bytes(of: folder) + [UInt8(ascii: "/")]
    return paths.contains { $0.starts(with: start) }
  }
}
