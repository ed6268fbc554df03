/// What a verdict needs to know about the host and the observer.
public struct HostFacts: Sendable, Hashable {
  /// Seconds since the epoch.
  public var now: Double
  /// Seconds since the epoch by the wall clock of now; `nil` where unreadable.
  public var bootTime: Double?
  /// The unit of start times in /proc, per second.
  public var clockTicks: Double
  /// The process that looks.
  public var selfPID: Int64
  /// When that process started, in seconds since the epoch; `nil` where unreadable.
  public var selfStartedAt: Double?
  /// The nonce of this process's own leases, once it has taken one.
  public var ownNonce: UInt64?
  /// True where that process provably has taken no lease.
  var hasTakenNone = false
  /// False inside a container, from where the host's processes cannot be seen.
  public var isInitialPIDNamespace: Bool
  /// True where the boot time is that of the host's kernel: not shifted by a time namespace, and in
  /// agreement with the kernel's own clock.
  public var isBootTimeCertain = true
  /// The name of the network file system that holds the cache, or `nil` for a local one.
  public var networkFileSystem: String?
  /// How much of /proc can be seen.
  public var procAccess: ProcAccess
  /// Names for the user ids that evidence mentions.
  public var userNames: [UInt32: String]
  /// The clock that evidence shows times in.
  public var clockZone: ClockZone

  /// How much of /proc the observer sees.
  public enum ProcAccess: String, Sendable, Hashable {
    case full
    /// Mounted with `hidepid`: other users' processes are invisible.
    case limited
    /// Not mounted, or not readable at all.
    case none
  }

  public init(
    now: Double, bootTime: Double?, clockTicks: Double = 100, selfPID: Int64 = 0,
    selfStartedAt: Double? = nil, ownNonce: UInt64? = nil, isInitialPIDNamespace: Bool = true,
    networkFileSystem: String? = nil, procAccess: ProcAccess = .full,
    userNames: [UInt32: String] = [:], clockZone: ClockZone = .utc
  ) {
    self.now = now
    self.bootTime = bootTime
    self.clockTicks = clockTicks
    self.selfPID = selfPID
    self.selfStartedAt = selfStartedAt
    self.ownNonce = ownNonce
    self.isInitialPIDNamespace = isInitialPIDNamespace
    self.networkFileSystem = networkFileSystem
    self.procAccess = procAccess
    self.userNames = userNames
    self.clockZone = clockZone
  }

  /// True where processes of other hosts may hold leases, which no row tells apart.
  public var isNetworkFileSystem: Bool { networkFileSystem != nil }
}
