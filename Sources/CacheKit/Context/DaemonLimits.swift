import Synchronization

/// The limits that a daemon keeps to, as it says itself.
public struct DaemonLimits: Sendable, Hashable {
  /// The daemon that was asked.
  public var pid: Int64
  var archive: UInt64
  var installed: UInt64
  var highWatermark: UInt64
  var lowWatermark: UInt64

  /// `nil` for anything but an answer that names four limits: fbuild reports failure by `success: false`
  /// and zeros, with HTTP status 200.
  init?(pid: Int64, answer bytes: [UInt8]) {
    guard let item = try? StrictJSON.read(bytes, depthLimit: 16),
      case .object(let members) = item.value
    else { return nil }
    let values = Dictionary(members.map { ($0.key, $0.item.value) }) { first, _ in first }
    guard values.count == members.count, case .bool(true)? = values["success"] else { return nil }
    func limit(_ name: String) -> UInt64? {
      guard case .number(let digits)? = values[name] else { return nil }
      return UInt64(digits)
    }
    guard let archive = limit("archive_budget"), let installed = limit("installed_budget"),
      let high = limit("high_watermark"), let low = limit("low_watermark"), low <= high
    else { return nil }
    self.pid = pid
    (self.archive, self.installed) = (archive, installed)
    (highWatermark, lowWatermark) = (high, low)
  }

  var source: String { "daemon (pid \(pid))" }
}

/// What came of asking the daemon of a cache for its limits.
public enum DaemonAnswer: Sendable, Hashable {
  /// None runs, or nothing may be asked.
  case none
  case limits(DaemonLimits)
  /// It runs, and says nothing within a second, or nothing that names its limits.
  case silent(pid: Int64)
}

extension ActionContext {
  /// What the daemon of this cache says of its limits; `nil` where it says nothing, or none runs.
  public func daemonLimits() -> DaemonLimits? {
    if case .limits(let limits) = daemonAnswer() { limits } else { nil }
  }

  /// Asks the daemon of this cache, where one runs and may be asked.
  public func daemonAnswer() -> DaemonAnswer {
    guard !isReadOnly, !isOffline, recorded == nil,
      case .up(let pid, let written)? = daemonState()
    else { return .none }
    return daemonLimits(pid: pid, written: written).map { .limits($0) } ?? .silent(pid: pid)
  }

  func daemonLimits(pid: Int64, written: UInt16?) -> DaemonLimits? {
    var processes = processTable()
    guard case .present(let facts) = processes.probe(pid),
      let port = ListeningSockets(ProcTree(procRoot)).port(of: facts, written: written),
      let answer = LoopbackGet.body(
        port: port, path: "/api/cache/stats", seconds: daemonPatience)
    else { return nil }
    return DaemonLimits(pid: pid, answer: answer)
  }
}

extension Budget {
  /// These limits as a daemon's answer leaves them.
  func following(_ answer: DaemonAnswer) -> Budget {
    switch answer {
    case .none: return self
    case .limits(let limits): return yielding(to: limits)
    case .silent(let pid):
      var own = self
      own.silentDaemon = pid
      return own
    }
  }

  /// These limits, but those of a daemon where one keeps to its own.
  func yielding(to daemon: DaemonLimits) -> Budget {
    func limit(_ bytes: UInt64, _ own: Limit) -> Limit {
      let shell =
        own.bytes == bytes ? nil : Limit.Shell(bytes: own.bytes, source: own.source)
      return Limit(bytes: bytes, source: daemon.source, shell: shell)
    }
    return Budget(
      archive: limit(daemon.archive, archive), installed: limit(daemon.installed, installed),
      highWatermark: limit(daemon.highWatermark, highWatermark),
      lowWatermark: limit(daemon.lowWatermark, lowWatermark))
  }
}

/// The limits of a daemon for a screen that is made anew again and again: asked for at most twice a minute.
public final class DaemonLimitsMemo: Sendable {
  private let state = Mutex<(answer: DaemonAnswer, until: ContinuousClock.Instant)?>(nil)
  private static let lifetime = Duration.seconds(30)

  public init() {}

  /// What the daemon said within the last half minute, else what it says now.
  public func current(_ context: ActionContext) -> DaemonAnswer {
    let now = ContinuousClock.now
    if let known = state.withLock({ $0 }), now < known.until { return known.answer }
    let answer = context.daemonAnswer()
    state.withLock { $0 = (answer, now + Self.lifetime) }
    return answer
  }
}
