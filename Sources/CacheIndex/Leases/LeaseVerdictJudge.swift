extension LeaseVerdict {
  /// Decides what became of a lease's holder, from facts alone.
  ///
  /// A lease is stuck by proof only, never by age. Where the wall clock was set forward after the
  /// lease was taken, a living holder looks too young: a process that has the index open is
  /// therefore never called gone.
  ///
  /// - Parameters:
  ///   - lease: the row as it was read.
  ///   - probe: what is known about the process whose id the lease carries.
  ///   - namespaceCandidates: processes with that id in other PID namespaces; asked for only where
  ///     the verdict would otherwise be `dead`, `reused` or `zombie`.
  ///   - host: the clock, the boot and the namespace that the judgement holds for.
  ///   - oldAfter: seconds after which a living holder's lease is called old.
  public static func judge(
    _ lease: Lease, probe: ProcessProbe, namespaceCandidates: NamespaceCandidates = .none,
    host: HostFacts, oldAfter: Double = 6 * 3600
  ) -> Judgement {
    let question = LeaseQuestion(lease: lease, host: host, oldAfter: oldAfter)
    if let early = question.withoutProcess(probe) { return early }
    let judgement = question.judge(probe)
    guard judgement.verdict.isProvablyStuck else { return judgement }
    return question.inOtherNamespace(namespaceCandidates) ?? judgement
  }
}

/// One lease in front of the judge.
struct LeaseQuestion {
  let lease: Lease
  let host: HostFacts
  let oldAfter: Double
  let times: LeaseTimes
  let pid: Int64?

  init(lease: Lease, host: HostFacts, oldAfter: Double) {
    self.lease = lease
    self.host = host
    self.oldAfter = oldAfter
    times = LeaseTimes(lease)
    pid = lease.id.holderPID
  }

  /// The answers that no look at another process can change.
  func withoutProcess(_ probe: ProcessProbe) -> Judgement? {
    if let pin = DurablePin(lease.id) { return pinned(pin) }
    if lease.isEntryGone { return orphan }
    guard let pid, isValidProcessID(pid) else { return invalidProcessID }
    if isOwn(pid, probe) { return Judgement(.self, say.own(pid), holder: probe.facts) }
    if let beforeBoot { return beforeBoot }
    if let reason = blindness { return Judgement(.unknown, reason, holder: probe.facts) }
    return nil
  }

  /// The verdict on the process that has the id now, as if there were no other PID namespace.
  func judge(_ probe: ProcessProbe) -> Judgement {
    switch probe {
    case .absent: return Judgement(.dead, say.absent)
    case .hidden:
      return isSurelyBeforeBoot ? Judgement(.dead, say.beforeBoot) : Judgement(.unknown, say.hidden)
    case .present(let process):
      return gone(process) ?? undecidable(process) ?? alive(process)
    }
  }

  /// A process elsewhere that may be the holder takes the proof away.
  func inOtherNamespace(_ candidates: NamespaceCandidates) -> Judgement? {
    guard !lease.isEntryGone, !isSurelyBeforeBoot else { return nil }
    if let process = candidates.processes.first(where: mayBeHolder) {
      return Judgement(.namespace, say.namespace(process), holder: process)
    }
    return candidates.isComplete ? nil : Judgement(.unknown, say.incompleteSearch)
  }

  // MARK: Gone

  private func gone(_ process: ProcessFacts) -> Judgement? {
    if process.isThread { return Judgement(.reused, say.thread(process), holder: process) }
    if process.isExited { return Judgement(.zombie, say.zombie(process), holder: process) }
    if let start = process.startedAt {
      if let boot = host.bootTime, times.areBefore(boot) {
        return unlessUsing(process, Judgement(.dead, say.olderThanBoot(process), holder: process))
      }
      if times.areBefore(start) {
        return unlessUsing(process, Judgement(.reused, say.reused(process), holder: process))
      }
    }
    guard process.isKernelThread else { return nil }
    return Judgement(.reused, say.kernelThread(process), holder: process)
  }

  /// Start times move with the wall clock; an open index is a fact that does not.
  private func unlessUsing(_ process: ProcessFacts, _ judgement: Judgement) -> Judgement {
    if isProvedOther(process) || !mayUseIndex(process) { return judgement }
    return Judgement(.unknown, say.usesIndex(process), holder: process)
  }

  /// This process knows its own nonce, so a lease with its id and another nonce is not its own.
  private func isProvedOther(_ process: ProcessFacts) -> Bool {
    guard process.pid == host.selfPID, let own = host.ownNonce else { return false }
    return lease.id.nonce != nil && lease.id.nonce != own
  }

  private func mayUseIndex(_ process: ProcessFacts) -> Bool {
    process.opensIndex ?? process.isCacheProgram
  }

  private func mayBeHolder(_ process: ProcessFacts) -> Bool {
    if process.isExited { return false }
    if process.opensIndex == true { return true }
    guard let start = process.startedAt, times.areBefore(start) else { return true }
    return process.opensIndex == nil && process.isCacheProgram
  }

  // MARK: Not gone

  private func undecidable(_ process: ProcessFacts) -> Judgement? {
    if process.startedAt == nil {
      return Judgement(.unknown, say.noStartTime(process), holder: process)
    }
    if times.best == nil { return Judgement(.unknown, say.noLeaseTime(process), holder: process) }
    if times.areAfter(host.now) {
      return Judgement(.unknown, say.clockSetBack(process), holder: process)
    }
    return nil
  }

  private func alive(_ process: ProcessFacts) -> Judgement {
    if process.isStopped { return Judgement(.stopped, say.stopped(process), holder: process) }
    if !process.isCacheProgram { return Judgement(.alien, say.alien(process), holder: process) }
    let isOld = times.age(at: host.now).map { $0 > oldAfter } ?? false
    return Judgement(isOld ? .old : .live, say.alive(process), holder: process)
  }

  // MARK: Answers without a process

  private func isOwn(_ pid: Int64, _ probe: ProcessProbe) -> Bool {
    guard pid == host.selfPID else { return false }
    if let own = host.ownNonce, let nonce = lease.id.nonce { return own == nonce }
    // There the number is that of other processes, too, and a young lease is theirs.
    if !host.isInitialPIDNamespace, host.hasTakenNone { return false }
    guard let start = host.selfStartedAt, times.best != nil else { return false }
    return !times.areBefore(start)
  }

  private func pinned(_ pin: DurablePin) -> Judgement {
    var judgement = Judgement(.pin, say.pin(pin))
    judgement.pinnedBy = host.userNames[pin.uid]
    return judgement
  }

  private var orphan: Judgement { Judgement(.orphan, say.orphan) }
  private var invalidProcessID: Judgement { Judgement(.unknown, say.invalidProcessID) }

  /// Seconds that a clock may be set by soon after a boot.
  private static let clockStep = 300.0

  /// From inside a PID namespace no process of the host is seen, but none of them outlives its boot.
  private var beforeBoot: Judgement? {
    guard !host.isInitialPIDNamespace, isSurelyBeforeBoot else { return nil }
    return Judgement(.dead, say.beforeBoot)
  }

  private var isSurelyBeforeBoot: Bool {
    guard !host.isNetworkFileSystem, host.isBootTimeCertain, let boot = host.bootTime else {
      return false
    }
    return times.areBefore(boot - Self.clockStep)
  }

  /// Why nothing can be proved from here, whatever /proc shows.
  private var blindness: String? {
    if !host.isInitialPIDNamespace { return say.limitedView }
    if let name = host.networkFileSystem { return say.network(name) }
    switch host.procAccess {
    case .none: return say.noProc
    case .full, .limited: return nil
    }
  }

  private var say: LeaseEvidence { LeaseEvidence(lease: lease, times: times, host: host) }
}
