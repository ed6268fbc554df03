internal import CPlatform
public import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension HostFacts {
  /// Reads the facts of this host, or of a fixture laid out like /proc.
  ///
  /// - Parameters:
  ///   - procRoot: `/proc`, or a fixture. A fixture names the observer by a link `self`, counts 100
  ///     ticks a second and shows times in UTC, so that its verdicts are the same everywhere.
  ///   - now: seconds since the epoch; the wall clock where `nil`.
  public init(procRoot: FilePath = "/proc", cacheRoot: FilePath, now: Double? = nil) {
    let tree = ProcTree(procRoot)
    let statistics = tree.readLong("stat")
    self.init(
      now: now ?? Self.wallClock(), bootTime: (try? statistics.get()).flatMap(CacheKit.bootTime),
      clockTicks: tree.isLive ? Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) : 100,
      selfPID: Self.observer(tree), isInitialPIDNamespace: Self.isInitialNamespace(tree),
      networkFileSystem: Self.networkFileSystem(cacheRoot), procAccess: Self.access(tree),
      clockZone: tree.isLive ? .local : .utc)
    if tree.isLive { ownNonce = HolderIdentity.known?.nonce }
    if selfPID > 0, let bytes = try? tree.read("\(selfPID)/stat").get(), let bootTime {
      selfStartedAt = ProcessStat(bytes).map { bootTime + Double($0.startTicks) / clockTicks }
    }
  }

  private static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
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
    let magic = root.withPlatformString { cplatform_filesystem_magic($0) }
    return magic < 0 ? nil : networkFileSystems[UInt32(truncatingIfNeeded: magic)]
  }

  /// File systems that more than one host can have mounted, by the magic number of statfs(2).
  private static let networkFileSystems: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2",
    0x0102_1997: "9P", 0x6573_5546: "FUSE", 0x00C3_6400: "Ceph", 0x5346_414F: "AFS",
    0x6B41_4653: "AFS", 0x7375_7245: "Coda", 0x0BD0_0BD0: "Lustre", 0x0116_1970: "GFS2",
    0x7461_636F: "OCFS2", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x786F_4256: "vboxsf",
  ]
}
