import Glibc
public import SystemPackage

extension HostFacts {
  /// Reads the facts of this host, or of a fixture laid out like /proc.
  ///
  /// - Parameters:
  ///   - procRoot: `/proc`, or a fixture. A fixture names the observer by a link `self`, counts 100
  ///     ticks a second and shows times in UTC, so that its verdicts are the same everywhere.
  ///   - cacheRoot: whose file system is looked at: processes of other hosts may use one of the network.
  ///   - now: seconds since the epoch; the wall clock where `nil`.
  public init(procRoot: FilePath = "/proc", cacheRoot: FilePath, now: Double? = nil) {
    let tree = ProcTree(procRoot)
    let statistics = tree.readLong("stat")
    self.init(
      now: now ?? Self.wallClock(), bootTime: (try? statistics.get()).flatMap(CacheIndex.bootTime),
      clockTicks: tree.isLive ? Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) : 100,
      selfPID: Self.observer(tree), isInitialPIDNamespace: Self.isInitialNamespace(tree),
      networkFileSystem: Self.networkFileSystem(cacheRoot), procAccess: Self.access(tree),
      clockZone: tree.isLive ? .chosen : .utc)
    isBootTimeCertain = Self.isBootTimeCertain(tree, bootTime)
    if tree.isLive {
      ownNonce = HolderIdentity.known?.nonce
      hasTakenNone = ownNonce == nil
    }
    // By the link: the number may be another process's where /proc is that of another namespace.
    let own = tree.isLive ? "self" : "\(selfPID)"
    if selfPID > 0, let bytes = try? tree.read("\(own)/stat").get(), let bootTime {
      selfStartedAt = ProcessStat(bytes).map { bootTime + Double($0.startTicks) / clockTicks }
    }
  }

  private static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// /proc shows the host's boot in a container, too, unless a time namespace or a file mounted over
  /// `stat` says otherwise.
  private static func isBootTimeCertain(_ tree: ProcTree, _ bootTime: Double?) -> Bool {
    if case .success(let link) = tree.link("self/ns/time"), text(link) != "time:[4026531834]" {
      return false
    }
    guard tree.isLive, let bootTime else { return true }
    var up = timespec()
    clock_gettime(CLOCK_BOOTTIME, &up)
    return abs(wallClock() - Double(up.tv_sec) - bootTime) < 60
  }

  private static func observer(_ tree: ProcTree) -> Int64 {
    if tree.isLive { return Int64(getpid()) }
    return (try? tree.link("self").get()).flatMap { integer($0) } ?? 0
  }

  /// The initial namespace has a fixed inode; a kernel without namespaces has no link at all.
  private static func isInitialNamespace(_ tree: ProcTree) -> Bool {
    switch tree.link("self/ns/pid") {
    case .success(let link): text(link) == "pid:[4026531836]"
    case .failure(.absent): true
    case .failure(.denied): false
    }
  }

  private static func access(_ tree: ProcTree) -> ProcAccess {
    guard case .success = tree.read("stat") else { return .none }
    guard let mounts = try? tree.readLong("self/mountinfo").get(), hidesProcesses(mounts) else {
      return .full
    }
    // The option spares root and members of one group: process 1 tells whether we are among them.
    if case .success = tree.read("1/stat") { return .full }
    return .limited
  }

  private static func networkFileSystem(_ root: FilePath) -> String? {
    let kind = FileSystemKind.of(root)
    return kind.isShared ? kind.name : nil
  }
}
