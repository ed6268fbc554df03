import SystemPackage

/// All that holds a build up on this host, as one look saw it.
public struct HostReport: Sendable {
  public var location: CacheLocation
  /// For which host and PID namespace the verdicts hold.
  public var host: HostFacts
  /// An install lock with both verdicts.
  public struct Lock: Sendable, Hashable {
    public var lock: InstallLock
    public var judgement: InstallLock.Judgement
    /// The container that its owner runs in.
    public var container: String?
  }

  public var locks: [Lock] = []
  /// When fbuild takes a lock from whoever holds it.
  public var lockAge = InstallLockAge()
  /// The processes that hold leases and run.
  public var holders: [Holder] = []

  /// A process that holds leases.
  public struct Holder: Sendable, Hashable {
    public var process: ProcessFacts
    /// The container that it runs in.
    public var container: String?
    public var leases: Int
  }
  public var daemons: [HostDaemon] = []
  public var caches: [CompileCache] = []
  /// Processes with files open below the root.
  public var users: [HolderCard] = []
  /// False where processes or their files could not all be seen.
  public var isComplete = true
  public var waiting: [WaitingProcess] = []
  public var leases = JudgedLeases()
  /// How the index was read; `nil` where it was not.
  public var source: IndexSource?
  /// Why the leases could not be read, or not all of them; an index that is not there is no reason.
  public var damage: CacheError?
  /// Folders that could not be read, where locks may be; below the root, `.` for itself.
  public var unreadable: [RawText] = []
  /// Folders that could not be read, where compile caches may be.
  public var unreadableCaches: [RawText] = []
  /// False where locks or leases may be missing, since something could not be read.
  public var isWhole: Bool { damage == nil && unreadable.isEmpty && unreadableCaches.isEmpty }
  /// What a collection of now would take; `nil` where the index could not be read.
  public var collection: NextCollection?

  public struct NextCollection: Sendable, Hashable {
    public var count: Int
    /// By the index, as real GC counts.
    public var bytes: UInt64
    /// The first of them, by entry.
    public var entries: [Int64]
    /// What goes of each entry, in bytes.
    public var takings: [Int64: Int64]

    init(_ plan: CollectionPlan) {
      let steps = plan.steps.filter { !$0.isOursAlone }
      count = steps.count
      bytes = plan.frees
      entries = Array(steps.prefix(20).map(\.entryID))
      takings = plan.takings()
    }
  }

  init(location: CacheLocation, host: HostFacts) {
    self.location = location
    self.host = host
  }

  /// Daemons whose GC does not see this host's processes, each with the reason.
  public var foreignCollectors: [(pid: Int64, reason: String)] {
    daemons.filter(\.process.isInInnerNamespace).map { daemon in
      let pid = daemon.process.pid
      return (pid, HostDaemon.foreignReason(pid, daemon.container))
    }
  }

  /// Why no verdict is a proof here; `nil` where nothing stands in the way.
  public var limits: String? {
    if let name = host.networkFileSystem {
      return "the cache is on \(name): other hosts may use it, and none of their processes is seen"
    }
    if !host.isInitialPIDNamespace {
      return
        "seen from a PID namespace of its own: the host's processes are not seen, and a GC that runs "
        + "here takes what they use"
    }
    switch host.procAccess {
    case .full: return nil
    case .limited: return "/proc hides the processes of other users"
    case .none: return "/proc is not readable"
    }
  }
}

/// Looks at the host around a cache.
struct HostSurvey {
  private let context: ActionContext

  init(_ context: ActionContext) { self.context = context }

  /// Everything but what the index says.
  func read() -> HostReport {
    var processes = context.processTable()
    var report = HostReport(location: context.location, host: processes.host)
    report.daemons = DaemonSurvey(context: context).daemons(&processes)
    report.lockAge = InstallLockAge.read(context, report.daemons.map(\.process.pid))
    let shelves = PackageShelves.locks(context.location)
    report.unreadable = shelves.unreadable
    report.locks = Self.locks(shelves.locks, staleAfter: report.lockAge.seconds, &processes)
    let roots = cacheRoots(report.daemons)
    report.caches = CompileCache.read(roots, &processes)
    report.unreadableCaches = roots.filter(PackageShelves.isClosed).map { RawText(path: $0) }
    let (all, isComplete) = processes.survey()
    report.users = all.filter { $0.opensIndex == true && $0.pid != processes.host.selfPID }
      .compactMap { processes.holderCard($0.pid) }
    report.isComplete = isComplete && all.allSatisfy { $0.opensIndex != nil || $0.isExited }
    let search = WaiterSearch(
      root: context.location.root, locks: report.locks, daemons: report.daemons,
      sockets: ListeningSockets(ProcTree(context.procRoot)))
    report.waiting = search.find(all, &processes)
    return report
  }

  static func locks(
    _ locks: [InstallLock], staleAfter: Double, _ processes: inout ProcessTable
  ) -> [HostReport.Lock] {
    locks.map { lock in
      let judgement = lock.judge(&processes, staleAfter: staleAfter)
      let container = judgement.process.flatMap { processes.holderCard($0.pid)?.container }
      return HostReport.Lock(lock: lock, judgement: judgement, container: container)
    }
  }

  /// The processes that hold leases, each with the container that it runs in.
  func holders(of leases: JudgedLeases) -> [HostReport.Holder] {
    var processes = context.processTable()
    var counts: [Int64: Int] = [:]
    // No row is made for it: there may be a hundred thousand.
    for place in leases.indices where leases.verdict(at: place) != .pin {
      guard !leases.verdict(at: place).isProvablyStuck,
        let pid = leases.name(at: place).holderPID,
        // This process holds only what it knows that it took.
        pid != processes.host.selfPID || leases.verdict(at: place) == .self
      else { continue }
      counts[pid, default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.compactMap { pid, count in
      guard let facts = processes.probe(pid).facts, !facts.isExited else { return nil }
      return HostReport.Holder(
        process: facts, container: processes.holderCard(pid)?.container, leases: count)
    }
  }

  /// Where zccache of this cache's daemons, and of this home, lies.
  private func cacheRoots(_ daemons: [HostDaemon]) -> [FilePath] {
    let search = DaemonSearch(context.procRoot)
    let named =
      daemons.compactMap { search.folder("FBUILD_ZCCACHE_ROOT", $0.process.pid) }
      + [CacheLocation.environmentValue("FBUILD_ZCCACHE_ROOT")].compactMap(\.self)
    let folders = ModeFolders(
      context.location, home: ModeFolders.home,
      daemons: daemons.compactMap { search.modeFolder($0.process.pid) })
    var roots = folders.all.map { $0.appending("zccache") }
    for root in named where root.isAbsolute && !roots.contains(root) { roots.append(root) }
    return roots
  }
}
