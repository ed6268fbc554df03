/// Lets fbuild's daemon collect, with its limits and its rules, and gives its answer beside our prediction.
public struct AskDaemonToCollect: CacheAction {
  public init() {}

  public struct Report: Sendable {
    public var pid: Int64
    public var prediction: CollectionPlan
    public var answer: Answer
  }

  /// What the daemon says it did.
  public struct Answer: Sendable, Hashable {
    public var installedCount: UInt64
    public var installedBytes: UInt64
    public var archiveCount: UInt64
    public var archiveBytes: UInt64
    public var freed: UInt64
    /// Its own words where it failed, which it says with HTTP 200.
    public var failure: String?

    /// `nil` for anything but an answer of the daemon.
    init?(_ bytes: [UInt8]) {
      guard let item = try? StrictJSON.read(bytes, depthLimit: 16),
        case .object(let members) = item.value
      else { return nil }
      let values = Dictionary(members.map { ($0.key, $0.item.value) }) { first, _ in first }
      guard case .bool(let isDone)? = values["success"] else { return nil }
      func number(_ name: String) -> UInt64 {
        if case .number(let digits)? = values[name] { UInt64(digits) ?? 0 } else { 0 }
      }
      installedCount = number("installed_evicted")
      installedBytes = number("installed_bytes_freed")
      archiveCount = number("archives_evicted")
      archiveBytes = number("archive_bytes_freed")
      freed = number("total_bytes_freed")
      guard !isDone else { return }
      if case .string(let text?)? = values["message"] {
        failure = oneLine(text)
      } else {
        failure = "the daemon gives no reason"
      }
    }
  }

  public var command: [String] { ["gc", "--ask-daemon"] }

  /// Throws `notFound` where no daemon runs, `busy` where it is stopped, `network` where it does not answer.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let asked = try preview(in: context)
    let (pid, port) = (asked.pid, asked.port)
    try requireHealth(pid, port)
    context.noteLook()
    defer { context.noteLook() }
    // It waits for locks of the index, and removes large trees.
    guard
      let body = LoopbackGet.body(
        port: port, path: "/api/cache/gc", method: "POST", seconds: 600),
      let answer = Answer(body)
    else {
      throw CacheError(
        .network, "the daemon (pid \(pid)) gave no answer",
        hint: "It may have collected all the same: look at the cache again")
    }
    return Report(pid: pid, prediction: asked.prediction, answer: answer)
  }

  /// Asked first and not for long: what cannot say how it is does not collect either, and a collection may
  /// take minutes.
  private func requireHealth(_ pid: Int64, _ port: UInt16) throws(CacheError) {
    let known: Set = ["200", "404", "503"]
    guard LoopbackGet.body(port: port, path: "/health", seconds: 5, accepting: known) == nil
    else { return }
    throw CacheError(
      .network, "the daemon (pid \(pid)) does not answer, so it was not asked to collect",
      hint: "`cachescope host` shows what it does; `cachescope gc --apply` collects without it")
  }

  /// Whom it would ask, and what to expect of it.
  package struct Preview: Sendable {
    package var pid: Int64
    var port: UInt16
    package var prediction: CollectionPlan
  }

  /// Asks the daemon for nothing.
  package func preview(in context: ActionContext) throws(CacheError) -> Preview {
    try context.refuseReadOnly()
    let prediction = try PlanCollection().perform(in: context).plan
    guard case .up(let pid, let written)? = context.daemonState() else {
      throw CacheError(
        .notFound, "no daemon of this cache runs",
        hint: "`cachescope gc --apply` collects without one")
    }
    var processes = context.processTable()
    let facts = processes.probe(pid).facts
    if facts?.isStopped == true {
      throw CacheError(
        .busy, "the daemon (pid \(pid)) is stopped, so it cannot collect",
        hint: "`kill -CONT \(pid)` lets it go on")
    }
    guard let facts,
      let port = ListeningSockets(ProcTree(context.procRoot)).port(of: facts, written: written)
    else {
      throw CacheError(.network, "the daemon (pid \(pid)) listens on no port that can be told")
    }
    return Preview(pid: pid, port: port, prediction: prediction)
  }
}
