/// What /proc says about one process at one moment.
///
/// Every text comes from the process itself and may hold anything: escape it before a terminal.
public struct ProcessFacts: Sendable, Hashable {
  /// The process id.
  public var pid: Int64
  /// The process that the id belongs to; another number where the id is that of a thread.
  public var threadGroup: Int64?
  /// The state letter of /proc/PID/stat: R, S, D, T, t, Z, X, I.
  public var state: Character
  /// The process id of its parent.
  public var parent: Int64
  /// The process id of its session's leader.
  public var session: Int64
  /// Threads alive, the process's first one included; `nil` where unreadable.
  public var threadCount: Int64?
  /// Seconds since the epoch by the wall clock of now; `nil` where the boot time is unreadable.
  public var startedAt: Double?
  /// The kernel's name of the process, at most 15 bytes.
  public var name: String
  /// The arguments, empty for kernel threads and zombies.
  public var arguments: [String]
  /// True for a thread of the kernel, which holds no lease.
  public var isKernelThread: Bool
  /// The real user id.
  public var uid: UInt32?
  /// The name of its user; `nil` where the host knows none.
  public var userName: String?
  /// The ids of the process in each PID namespace it is part of, outermost first.
  public var namespacePIDs: [Int64]
  /// True where a descriptor names the index or a file below the root; `nil` where unreadable.
  public var opensIndex: Bool?

  public init(
    pid: Int64, threadGroup: Int64? = nil, state: Character = "S", parent: Int64 = 1,
    session: Int64 = 0, threadCount: Int64? = nil, startedAt: Double?, name: String,
    arguments: [String] = [], isKernelThread: Bool = false, uid: UInt32? = nil,
    userName: String? = nil, namespacePIDs: [Int64] = [], opensIndex: Bool? = nil
  ) {
    self.pid = pid
    self.threadGroup = threadGroup
    self.state = state
    self.parent = parent
    self.session = session
    self.threadCount = threadCount
    self.startedAt = startedAt
    self.name = name
    self.arguments = arguments
    self.isKernelThread = isKernelThread
    self.uid = uid
    self.userName = userName
    self.namespacePIDs = namespacePIDs
    self.opensIndex = opensIndex
  }

  /// The command line in one string, or the kernel's name in brackets, as `ps` shows it.
  public var command: String {
    line(arguments)
  }

  /// The same for strangers: without what its arguments call a password, a token and the like.
  public var maskedCommand: String { line(SecretArguments.masked(arguments)) }

  private func line(_ arguments: [String]) -> String {
    let text = arguments.joined(separator: " ")
    if !text.isEmpty { return text }
    return isExited ? "[\(name)] <defunct>" : "[\(name)]"
  }

  /// True where it runs in a PID namespace inside the one that /proc shows: it sees no process out here.
  public var isInInnerNamespace: Bool { namespacePIDs.count > 1 }

  /// True for a process that has exited; one whose first thread alone ended still runs.
  public var isExited: Bool {
    "ZXx".contains(state) && (threadCount ?? 1) <= 1
  }

  /// True for a process that a signal or a debugger stopped.
  public var isStopped: Bool { "Tt".contains(state) }

  /// True where the id is that of a thread inside another process.
  public var isThread: Bool { threadGroup.map { $0 != pid } ?? false }

  /// True where the program calls itself fbuild or cachescope.
  public var isCacheProgram: Bool {
    if Self.isCacheName(name) { return true }
    guard let program = arguments.first.map(Self.lastComponent) else { return false }
    if Self.isCacheName(program) { return true }
    // fbuild's wheels start it through a script of the same name.
    guard program.hasPrefix("python"), arguments.count > 1 else { return false }
    return Self.isCacheName(Self.lastComponent(arguments[1]))
  }

  private static func isCacheName(_ name: some StringProtocol) -> Bool {
    name.hasPrefix("fbuild") || name.hasPrefix("cachescope")
  }

  private static func lastComponent(_ path: String) -> Substring {
    path.split(separator: "/").last ?? ""
  }
}

/// The processes that have a given id inside another PID namespace.
public struct NamespaceCandidates: Sendable, Hashable {
  /// Those that have the id in a PID namespace of their own.
  public var processes: [ProcessFacts]
  /// False where processes were hidden from the search.
  public var isComplete: Bool

  public init(_ processes: [ProcessFacts] = [], isComplete: Bool = true) {
    self.processes = processes
    self.isComplete = isComplete
  }

  /// A complete search that found nothing.
  public static let none = NamespaceCandidates()
}

/// True for a number that a process can have; anything else never reaches kill(2).
func isValidProcessID(_ pid: Int64) -> Bool {
  pid > 0 && pid <= Int64(Int32.max)
}
