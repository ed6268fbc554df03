extension ProcessTable {
  /// The verdict on a lease; other namespaces are searched only where it depends on them.
  public mutating func judge(_ lease: Lease, oldAfter: Double = 6 * 3600) -> Judgement {
    if let pin = DurablePin(lease.id), host.userNames[pin.uid] == nil {
      host.userNames[pin.uid] = userName(pin.uid)
    }
    let probe = lease.id.holderPID.map { self.probe($0) } ?? .absent
    let first = LeaseVerdict.judge(lease, probe: probe, host: host, oldAfter: oldAfter)
    guard first.verdict.isProvablyStuck, first.verdict != .orphan, let pid = lease.id.holderPID
    else { return first }
    let candidates = namespaceCandidates(pid)
    if candidates == .none { return first }
    return LeaseVerdict.judge(
      lease, probe: probe, namespaceCandidates: candidates, host: host, oldAfter: oldAfter)
  }
}
