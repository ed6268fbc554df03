/// The leases of each verdict: how many, and what they keep.
public struct LeaseTally: Sendable, Hashable {
  /// The leases of one verdict.
  public struct Group: Sendable, Hashable {
    /// How many there are.
    public var count = 0
    /// Of their entries, each counted once; stays at the largest integer.
    public var bytes: Int64 = 0
    /// The first of them.
    public var ids: [String] = []
  }

  /// By verdict.
  public private(set) var groups: [LeaseVerdict: Group] = [:]

  /// Nothing is made of a lease but its name, and that of the first ones only.
  public init(_ leases: JudgedLeases) {
    for verdict in leases.counts.keys {
      let group = leases.group(verdict)
      groups[verdict] = Group(count: group.count, bytes: group.bytes)
    }
    for place in leases.indices {
      let verdict = leases.verdict(at: place)
      guard let known = groups[verdict]?.ids.count, known < Finding.Place.idLimit else { continue }
      groups[verdict]?.ids.append(leases.name(at: place).description)
    }
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
