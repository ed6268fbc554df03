import Synchronization
import SystemPackage

/// A daemon of fbuild that serves the cache, found by its process.
public struct HostDaemon: Sendable, Hashable {
  public var process: ProcessFacts
  /// `prod` or `dev`.
  public var mode: String
  /// By its own file, else by its own word.
  public var version: String?
  /// The port that the process provably listens on.
  public var port: UInt16?
  /// The container that it runs in.
  public var container: String?
  /// What it says of itself; `nil` where it was not asked, or said nothing that counts.
  public var answer: Answer?
  /// Why there is no answer, where it was asked.
  public var silence: Silence?
  /// True where it holds `root-owner.lock` of its home, by the kernel's list of locks.
  public var holdsOwnerLock: Bool
  /// Seconds without work after which it ends itself.
  public var endsAfterIdle: Double
  /// When it collects next, in seconds since the epoch, where work keeps it up so long; `nil` where its start
  /// is unknown.
  public var nextCollection: Double?

  /// What it says by `/health` and `/api/daemon/info`.
  public struct Answer: Sendable, Hashable {
    public var state: State
    public var phase: String?
    public var operation: String?
    /// What it installs, and how far that is.
    public var install: String?
    public var installPhase: String?
    /// The lock that it waits for, as it says itself.
    var installLock: String?
    /// True where it says that another process installs.
    var isWaiting = false
    /// The projects whose lock is held.
    public var lockedProjects: [String] = []

    init(state: State) { self.state = state }
  }

  public enum Silence: String, Sendable, Hashable {
    /// Not all that was asked was said within a second.
    case slow = "gives no answer within 1s"
    /// Something else has the port, or fbuild does not speak like that.
    case strange = "does not answer as a daemon of fbuild does"
  }

  public var isAsked: Bool { answer != nil || silence != nil }

  public enum State: String, Sendable, Hashable {
    case starting
    case idle
    case building
    case unknown
  }

  public var state: State { answer?.state ?? .unknown }

  /// One that is stopped can say nothing of itself, nor does it end or collect.
  package var stateWord: String { process.isStopped ? "stopped" : state.rawValue }

  /// What a GC of a daemon in a PID namespace of its own means.
  static func foreignReason(_ pid: Int64, _ container: String?) -> String {
    let place = container.map { " (container \(oneLine($0)))" } ?? ""
    return "daemon \(pid) runs in a PID namespace of its own\(place): its GC takes the holders of "
      + "this host's leases for dead, and evicts what they use"
  }

  /// Its first collection comes a minute after its start, the next ones every five.
  static func nextCollection(after start: Double, now: Double) -> Double {
    let first = start + 60
    guard now > first else { return first }
    return first + ((now - first) / 300).rounded(.up) * 300
  }
}

/// Finds the daemons of a cache, and asks them.
struct DaemonSurvey {
  let context: ActionContext
  private var search: DaemonSearch { DaemonSearch(context.procRoot) }

  /// fbuild's default; `FBUILD_SELF_EVICTION_SECS` of the daemon's environment is another.
  private static let endsAfterIdle = 30.0

  /// By process, whatever home they have, and the one that the files name. They are asked side by side.
  func daemons(_ processes: inout ProcessTable) -> [HostDaemon] {
    var pids = search.daemons(serving: context.location.root, &processes)
    if let named = context.daemonState()?.pid, !pids.contains(named) { pids.append(named) }
    var found = pids.compactMap { daemon($0, &processes) }
    let said = Mutex<[Int: Said]>([:])
    let ports = Array(found.indices).compactMap { place in
      // One that is stopped says nothing.
      found[place].process.isStopped ? nil : found[place].port.map { (place, $0) }
    }
    let never: @Sendable () -> Bool = { false }
    Workers.run(ports, jobs: 8, isCancelled: never) { place, port in
      let answer = ask(port)
      said.withLock { $0[place] = answer }
    }
    for (place, said) in said.withLock({ $0 }) {
      found[place].answer = said.answer
      found[place].silence = said.silence
      found[place].version = found[place].version ?? said.version
    }
    return found
  }

  private func daemon(_ pid: Int64, _ processes: inout ProcessTable) -> HostDaemon? {
    guard let facts = processes.probe(pid).facts else { return nil }
    let port = ListeningSockets(ProcTree(context.procRoot))
      .port(of: facts, written: search.writtenPort(pid))
    let idle = search.variable("FBUILD_SELF_EVICTION_SECS", pid).flatMap { Double($0.string) }
    return HostDaemon(
      process: facts, mode: search.modeName(pid),
      version: search.writtenVersion(pid), port: port,
      container: processes.holderCard(pid)?.container,
      holdsOwnerLock: holdsOwnerLock(pid, &processes),
      endsAfterIdle: idle.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil } ?? Self.endsAfterIdle,
      nextCollection: facts.startedAt.map {
        HostDaemon.nextCollection(after: $0, now: processes.host.now)
      })
  }

  private func holdsOwnerLock(_ pid: Int64, _ processes: inout ProcessTable) -> Bool {
    guard let folder = search.daemonFolder(pid) else { return false }
    return processes.fileLocks(folder.appending("root-owner.lock")).contains { $0.pid == pid }
  }

  /// What came of asking one; all `nil` where it was not asked.
  struct Said: Sendable {
    var answer: HostDaemon.Answer?
    var version: String?
    var silence: HostDaemon.Silence?
  }

  /// Only GET, on the loopback, all of it within a second, and not at all where nothing may be asked.
  private func ask(_ port: UInt16) -> Said {
    guard !context.isReadOnly, !context.isOffline, context.procRoot == "/proc" else {
      return Said()
    }
    return Self.ask(LoopbackGet.Asking(port: port, seconds: context.daemonPatience))
  }

  static func ask(_ asking: LoopbackGet.Asking) -> Said {
    guard let words = words(asking) else {
      return Said(silence: asking.isOver ? .slow : .strange)
    }
    return Said(answer: words.said.answer, version: words.said.version)
  }

  private static func words(_ asking: LoopbackGet.Asking) -> DaemonWords? {
    // Until it is up it says so by 503.
    guard let health = asking.body("/health", accepting: ["200", "503"]) else { return nil }
    if let starting = DaemonWords(health: health) { return starting }
    guard let info = asking.body("/api/daemon/info") else { return nil }
    return DaemonWords(info: info, locks: asking.body("/api/locks/status"))
  }
}

/// What a daemon's answers say; anything that is not what fbuild's are says nothing.
struct DaemonWords {
  var said: (answer: HostDaemon.Answer, version: String?)

  /// `nil` for what is no object, and for one that reports failure.
  init?(info: [UInt8], locks: [UInt8]?) {
    guard let members = Self.object(info) else { return nil }
    if case .bool(false)? = members["success"] { return nil }
    var answer = HostDaemon.Answer(state: Self.state(members))
    answer.operation = Self.text(members["current_operation"])
    if case .object(let install)? = members["dependency_install"] {
      let values = Dictionary(install.map { ($0.key, $0.item.value) }) { first, _ in first }
      answer.install = Self.text(values["name"])
      answer.installPhase = Self.text(values["phase"])
      answer.installLock = Self.text(values["lock"])
      // Older releases say it by the phase alone.
      let words = [answer.installPhase, Self.text(values["role"])].compactMap(\.self)
      answer.isWaiting = words.contains { $0.asciiLowercased.hasPrefix("wait") }
    }
    if let locks { answer.lockedProjects = Self.projects(locks) }
    said = (answer, Self.text(members["version"]))
  }

  /// `nil` for one that is up, or says anything else.
  init?(health: [UInt8]) {
    guard let members = Self.object(health), Self.text(members["status"]) == "starting" else {
      return nil
    }
    var answer = HostDaemon.Answer(state: .starting)
    answer.phase = Self.text(members["phase"])
    said = (answer, Self.text(members["version"]))
  }

  private static func state(_ members: [String: StrictJSON.Value]) -> HostDaemon.State {
    if case .bool(true)? = members["operation_in_progress"] { return .building }
    switch text(members["daemon_state"])?.asciiLowercased {
    case "starting"?: return .starting
    case "idle"?, "ready"?, "completed"?: return .idle
    case "building"?, "deploying"?: return .building
    default:
      if case .bool(false)? = members["operation_in_progress"] { return .idle }
      return .unknown
    }
  }

  private static func projects(_ bytes: [UInt8]) -> [String] {
    guard case .array(let locks)? = object(bytes)?["project_locks"] else { return [] }
    return locks.prefix(100).compactMap { lock in
      guard case .object(let list) = lock.value else { return nil }
      let members = Dictionary(list.map { ($0.key, $0.item.value) }) { first, _ in first }
      guard case .bool(true)? = members["is_held"] else { return nil }
      return text(members["project_dir"]) ?? text(members["project"]) ?? text(members["path"])
    }
  }

  private static func object(_ bytes: [UInt8]) -> [String: StrictJSON.Value]? {
    guard case .object(let members)? = try? StrictJSON.read(bytes, depthLimit: 16).value else {
      return nil
    }
    return Dictionary(members.map { ($0.key, $0.item.value) }) { first, _ in first }
  }

  private static func text(_ value: StrictJSON.Value?) -> String? {
    if case .string(let text?)? = value, !text.isEmpty { return text }
    return nil
  }
}
