import Glibc

/// Waits until leases are released or their holders are provably gone, or until an entry has no lease.
///
/// Looks and never writes. Between two looks it asks whether somebody committed, which is one system
/// call or two; only then it reads rows again. Processes leave no trace in the index, so the holders
/// are looked at each time.
public struct WaitForLeases: CacheAction {
  /// What is waited for.
  public enum Target: Sendable, Hashable {
    /// Each of these has to be gone; every one must be there at the start.
    case leases([LeaseID])
    /// No lease on this entry, not even one of a dead holder: what GC needs to evict it.
    case entry(Int64)
  }

  /// What is waited for.
  public var target: Target
  /// Seconds; `nil` waits for ever.
  public var timeout: Double?
  /// Seconds between two looks.
  public var interval: Double
  /// Waits so many seconds; false where the wait was cancelled.
  public var pause: @Sendable (_ seconds: Double) -> Bool = { seconds in
    usleep(UInt32(max(0, min(seconds, 3600)) * 1e6))
    return true
  }
  /// Seconds by a clock that nobody sets.
  public var uptime: @Sendable () -> Double = { Uptime.seconds() }
  /// Told of each lease once it is gone.
  public var progress: @Sendable (Item) -> Void = { _ in }

  public init(_ target: Target, timeout: Double? = nil, interval: Double = 2) {
    self.target = target
    self.timeout = timeout
    self.interval = interval
  }

  /// A lease, and how the wait for it ended.
  public struct Item: Sendable, Hashable {
    /// How the waiting for one lease ended.
    public enum Outcome: String, Sendable, CaseIterable {
      case held
      /// The row is gone.
      case released
      /// The row is there, and there is proof that its holder is gone.
      case holderDied = "holder_died"
      /// The row is there, and its entry is gone.
      case orphaned
    }

    /// The lease as it was seen last, with the verdict of then.
    public var judged: JudgedLease
    /// How the waiting for it ended.
    public var outcome: Outcome
  }

  /// How the waiting ended.
  public struct Report: Sendable {
    /// In the order in which they were named, or found.
    public var items: [Item]
    /// True where the time was over before the leases were gone.
    public var isTimedOut: Bool
    /// Seconds.
    public var waited: Double
    /// How the index was read.
    public var source: IndexSource?

    /// Those that somebody still holds.
    public var held: [Item] { items.filter { $0.outcome == .held } }
  }

  public var command: [String] {
    switch target {
    case .leases(let ids): ["wait"] + ids.flatMap { ["--lease", $0.description] }
    case .entry(let id): ["wait", "--entry", String(id)]
    }
  }

  /// Throws `notFound` where a lease or the entry is not there at the start; `cancelled` once `pause`
  /// says so.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    let start = uptime()
    var watch = Watch(target: target)
    try watch.begin(inspected, context)
    while true {
      for item in watch.takeNews() { progress(item) }
      let waited = uptime() - start
      let left = timeout.map { $0 - waited }
      if watch.isOver || left.map({ $0 <= 0 }) ?? false {
        return Report(
          items: watch.items, isTimedOut: !watch.isOver, waited: waited, source: inspected.source)
      }
      guard pause(min(interval, left ?? interval)) else {
        throw CacheError(.cancelled, "the wait was cancelled")
      }
      try watch.look(inspected, context)
    }
  }
}

/// What is waited for, as it was seen last.
private struct Watch {
  let target: WaitForLeases.Target
  var items: [WaitForLeases.Item] = []
  private var token: ChangeToken?
  private var news: [WaitForLeases.Item] = []

  init(target: WaitForLeases.Target) {
    guard case .leases(let ids) = target else {
      self.target = target
      return
    }
    var seen = Set<LeaseID>()
    self.target = .leases(ids.filter { seen.insert($0).inserted })
  }

  var isOver: Bool { items.allSatisfy { $0.outcome != .held } }

  mutating func takeNews() -> [WaitForLeases.Item] {
    defer { news = [] }
    return news
  }

  mutating func begin(
    _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) {
    token = try? inspected.changeToken()
    let found = try rows(inspected)
    switch target {
    case .entry(let id):
      guard try inspected.entry(id) != nil || !found.isEmpty else { throw .noEntry(id) }
    case .leases(let ids):
      for id in ids where !found.contains(where: { $0.isNamed(id) }) {
        throw CacheError(
          .notFound, "there is no lease \(id)",
          hint: "It was released, or the name is wrong: `cachescope leases` lists them")
      }
    }
    items = JudgedLease.judge(found, context).map { .init(judged: $0, outcome: .held) }
    settle()
  }

  /// Reads rows again only where somebody committed; a locked index is asked again the next time.
  mutating func look(
    _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) {
    do throws(CacheError) {
      let now = try inspected.changeToken()
      if now != token {
        update(try rows(inspected))
        token = now
      }
    } catch  where error.code == .busy {
      token = nil
    }
    judge(context)
    settle()
  }

  private func rows(_ inspected: InspectedCache) throws(CacheError) -> [Lease] {
    switch target {
    case .entry(let id): return try inspected.leases(ofEntry: id)
    case .leases(let ids):
      let all = try inspected.leases()
      return ids.compactMap { id in all.first { $0.id == id } }
    }
  }

  /// What was held and has no row any more is released; a lease that came is waited for, too, where
  /// an entry is.
  private mutating func update(_ rows: [Lease]) {
    var rest = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    for place in items.indices where items[place].outcome == .held {
      if let row = rest.removeValue(forKey: items[place].judged.lease.id) {
        items[place].judged.lease = row
      } else {
        items[place].outcome = .released
        news.append(items[place])
      }
    }
    guard case .entry = target else { return }
    for row in rows where rest[row.id] != nil {
      let unjudged = Judgement(.unknown, "not looked at yet")
      items.append(.init(judged: JudgedLease(lease: row, judgement: unjudged), outcome: .held))
    }
  }

  private mutating func judge(_ context: ActionContext) {
    let held = items.indices.filter { items[$0].outcome == .held }
    let judged = JudgedLease.judge(held.map { items[$0].judged.lease }, context)
    for (place, judged) in zip(held, judged) { items[place].judged = judged }
  }

  /// A lease ends with its holder; an entry stays kept until the row is gone.
  private mutating func settle() {
    guard case .leases = target else { return }
    for place in items.indices where items[place].outcome == .held {
      let verdict = items[place].judged.judgement.verdict
      guard verdict.isProvablyStuck else { continue }
      items[place].outcome = verdict == .orphan ? .orphaned : .holderDied
      news.append(items[place])
    }
  }
}
