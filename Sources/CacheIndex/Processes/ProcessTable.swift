import Glibc
public import SystemPackage

/// What is known about the process that has a given id.
public enum ProcessProbe: Sendable, Hashable {
  /// No process has the id.
  case absent
  /// A process has it, but nothing about it can be read.
  case hidden
  case present(ProcessFacts)

  /// What is known of the process; `nil` where it is absent or hidden.
  public var facts: ProcessFacts? {
    if case .present(let facts) = self { return facts }
    return nil
  }
}

/// The processes of a host, each looked at once and then remembered.
///
/// A table is one picture of one moment: take a new one to look again, and above all inside the
/// transaction that acts on a verdict. Reading blocks; keep it away from a screen's thread.
public struct ProcessTable: Sendable {
  /// What was found out about the host when the table was made.
  public internal(set) var host: HostFacts
  let reader: ProcessReader
  private var probes: [Int64: ProcessProbe] = [:]
  /// Ids that no process has: most of those that old leases name, so they take little room.
  private var absent: Set<Int64> = []
  private var elsewhere: NamespaceScan?
  private var users: UserNames
  /// How many processes were looked at, for measurements.
  public private(set) var probeCount = 0

  /// Reads the host facts, and nothing about any process yet.
  ///
  /// - Parameters:
  ///   - procRoot: `/proc`, or a fixture laid out like it; kill(2) is used with `/proc` only.
  ///   - cacheRoot: whose file system is looked at: processes of other hosts may use one of the network.
  ///   - now: seconds since the epoch; the wall clock where `nil`.
  public init(procRoot: FilePath = "/proc", cacheRoot: FilePath, now: Double? = nil) {
    self.init(
      host: HostFacts(procRoot: procRoot, cacheRoot: cacheRoot, now: now), procRoot: procRoot,
      cacheRoot: cacheRoot)
  }

  /// Uses host facts that the caller has.
  public init(host: HostFacts, procRoot: FilePath = "/proc", cacheRoot: FilePath) {
    let tree = ProcTree(procRoot)
    self.host = host
    reader = ProcessReader(tree: tree, files: CacheFiles(root: cacheRoot, tree: tree), host: host)
    users = UserNames(tree: tree)
  }

  /// Looks at the process with the id, at most once for a table.
  public mutating func probe(_ pid: Int64) -> ProcessProbe {
    if absent.contains(pid) { return .absent }
    if let known = probes[pid] { return known }
    guard isValidProcessID(pid) else { return .absent }
    probeCount += 1
    var probe = reader.probe(pid)
    if case .present(var facts) = probe {
      facts.userName = facts.uid.flatMap { users[$0] }
      probe = .present(facts)
    }
    if case .absent = probe { absent.insert(pid) } else { probes[pid] = probe }
    return probe
  }

  /// The processes that have the id in another PID namespace; the first call looks at all.
  public mutating func namespaceCandidates(_ pid: Int64) -> NamespaceCandidates {
    let scan = elsewhere ?? reader.scanNamespaces()
    elsewhere = scan
    let processes = scan.hosts[pid, default: []].compactMap { probe($0).facts }
    return NamespaceCandidates(
      processes, isComplete: scan.isComplete && host.procAccess == .full)
  }

  /// The user's name, or `nil` where the host knows none.
  public mutating func userName(_ uid: UInt32) -> String? { users[uid] }
}

/// Names of users, each asked for once.
package struct UserNames: Sendable {
  private var names: [UInt32: String?] = [:]
  private let isLive: Bool

  /// A fixture names its users in a file `passwd` of its own.
  package init(tree: ProcTree) {
    isLive = tree.isLive
    guard !isLive, case .success(let bytes) = tree.read("passwd") else { return }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count > 2, let uid = UInt32(text(fields[2])) else { continue }
      names[uid] = text(fields[0])
    }
  }

  package subscript(uid: UInt32) -> String? {
    mutating get {
      if let known = names[uid] { return known }
      let name = isLive ? UserName.of(uid) : nil
      names[uid] = .some(name)
      return name
    }
  }
}
