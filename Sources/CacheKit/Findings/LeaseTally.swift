/// The leases of each verdict: how many, and what they keep.
public struct LeaseTally: Sendable, Hashable {
  public struct Group: Sendable, Hashable {
    public var count = 0
    /// Of their entries, each counted once; stays at the largest integer.
    public var bytes: Int64 = 0
    /// The first of them.
    public var ids: [String] = []
  }

  public private(set) var groups: [LeaseVerdict: Group] = [:]

  public init(_ leases: some Sequence<JudgedLease>) {
    var seen: [LeaseVerdict: Set<Int64>] = [:]
    for item in leases {
      let verdict = item.judgement.verdict
      let isNew = item.lease.id.entryID.map { seen[verdict, default: []].insert($0).inserted }
      groups[verdict, default: Group()].add(item.lease, countsBytes: isNew ?? false)
    }
  }
}

extension LeaseTally.Group {
  fileprivate mutating func add(_ lease: Lease, countsBytes: Bool) {
    count += 1
    if ids.count < Finding.Place.idLimit { ids.append(lease.id.description) }
    guard countsBytes, let entry = lease.entry else { return }
    bytes = Saturating.add(bytes, entry.bytes).value
  }
}

extension FindingFacts {
  /// Leases that nobody will give back, each with the proof in its verdict.
  var stuckFindings: [Finding] {
    let causes: [(LeaseVerdict, String)] = [
      (.dead, "holder process is gone"), (.reused, "PID belongs to another process now"),
      (.zombie, "holder has exited and waits for its parent"), (.orphan, "entry is gone"),
    ]
    return causes.flatMap {
      leaseFinding($0, .error, $1, fix: .init(["release", "--stuck"], .safe))
    }
  }

  /// Leases that nobody can vouch for: only a person can decide.
  var doubtfulFindings: [Finding] {
    let causes: [(LeaseVerdict, String)] = [
      (.namespace, "holder may live in another PID namespace"),
      (.unknown, "nothing can be proved about the holder"), (.stopped, "holder is stopped"),
      (.alien, "holder is not fbuild"),
    ]
    return causes.flatMap { leaseFinding($0, .warning, $1, fix: .init(["leases"], .shows)) }
  }

  private func leaseFinding(
    _ verdict: LeaseVerdict, _ severity: Finding.Severity, _ message: String, fix: Finding.Fix
  ) -> [Finding] {
    guard let group = leases?.groups[verdict] else { return [] }
    return [
      Finding(
        "lease_\(verdict.rawValue)", severity, Finding.count(group.count, "lease"), message,
        impact: "blocks", bytes: group.bytes,
        at: .init(.leases, ids: group.ids, filter: "verdict:\(verdict.rawValue)"), fix: fix)
    ]
  }
}
