/// The sentences that prove a verdict.
struct LeaseEvidence {
  let lease: Lease
  let times: LeaseTimes
  let host: HostFacts

  private var pid: String { lease.id.holderPID.map(String.init) ?? "?" }
  private var clock: ClockText { ClockText(zone: host.clockZone) }

  // MARK: No process

  func pin(_ pin: DurablePin) -> String {
    let user = host.userNames[pin.uid].map { "\(oneLine($0)) (uid \(pin.uid))" }
    let since = times.acquired.map { " since \(clock.time($0))" } ?? ""
    let who = "pinned by \(user ?? "uid \(pin.uid)")"
    return who + since + "; no process holds it" + pinEnd + missingHalf
  }

  private var pinEnd: String {
    guard let until = lease.pinUntil else { return "" }
    let time = clock.time(Double(until))
    return Double(until) > host.now ? "; until \(time)" : "; its end, \(time), is over"
  }

  private var missingHalf: String {
    lease.isHalfPin ? "; one of its two rows is missing: the next change puts it back" : ""
  }

  var orphan: String {
    guard let id = lease.id.entryID else {
      return "the row names no entry: the lease protects nothing"
    }
    return "entry \(id) is gone: the lease protects nothing"
  }

  var invalidProcessID: String {
    guard let value = lease.id.holderPID else {
      return "holder_pid is not an integer: the row is damaged"
    }
    return "\(value) is not a process id: the row is damaged"
  }

  func own(_ pid: Int64) -> String { "this process (pid \(pid)) holds it" }

  var limitedView: String {
    "limited view: cachescope runs in a PID namespace of its own and cannot see the host's processes"
  }

  func network(_ name: String) -> String {
    "the cache is on \(name), and a lease does not say which host pid \(pid) belongs to"
  }

  var noProc: String { "/proc is not readable, so pid \(pid) cannot be checked" }
  var hidden: String { "pid \(pid) exists, but its /proc entry is not readable" }

  var incompleteSearch: String {
    "pid \(pid) is not seen here, but /proc hides processes that may hold it from a container"
  }

  var absent: String { "no process \(pid); \(taken)\(ago)\(booted)" }

  var beforeBoot: String {
    let boot = clock.time(host.bootTime, besides: times.best)
    return "\(taken)\(ago), host booted \(boot): no process outlives a boot"
  }

  // MARK: A process that is not the holder

  func thread(_ process: ProcessFacts) -> String {
    let owner = process.threadGroup.map(String.init) ?? "?"
    return "\(pid) is now a thread of process \(owner) (\(name(process))); \(taken)"
  }

  func zombie(_ process: ProcessFacts) -> String {
    "\(described(process)) has exited (state \(process.state)) and waits for its parent "
      + "\(process.parent); \(taken)"
  }

  func olderThanBoot(_ process: ProcessFacts) -> String {
    let boot = clock.time(host.bootTime, besides: times.best)
    return "\(taken), host booted \(boot): older than boot; the id is now \(name(process))"
  }

  func reused(_ process: ProcessFacts) -> String {
    let lease = clock.time(times.best, besides: process.startedAt)
    return "\(described(process)) started \(clock.time(process.startedAt)), lease taken \(lease): "
      + "not the holder"
  }

  func kernelThread(_ process: ProcessFacts) -> String {
    "\(described(process)) is a kernel thread, which cannot hold a lease; \(taken)"
  }

  // MARK: A process that may be the holder

  func namespace(_ process: ProcessFacts) -> String {
    "alive in another PID namespace: pid \(pid) there is \(process.pid) here "
      + "(\(name(process))), started \(clock.time(process.startedAt)); \(taken)"
  }

  func usesIndex(_ process: ProcessFacts) -> String {
    let start = "\(described(process)) started \(clock.time(process.startedAt)), after the lease"
    let open = process.opensIndex == true ? "has the index open" : "may have the index open"
    return "\(start) of \(leaseTime(process)), but \(open): the clock may have been set forward"
  }

  func noStartTime(_ process: ProcessFacts) -> String {
    "\(described(process)) is alive, but the time it started cannot be read"
  }

  func noLeaseTime(_ process: ProcessFacts) -> String {
    "\(described(process)) is alive, and the lease carries no usable time to compare with"
  }

  func clockSetBack(_ process: ProcessFacts) -> String {
    "\(described(process)) is alive, and the \(taken) lies in the future: the clock was set back"
  }

  func stopped(_ process: ProcessFacts) -> String {
    "\(described(process)) is stopped (state \(process.state)); \(predates(process))"
  }

  func alien(_ process: ProcessFacts) -> String {
    "\(described(process)) is alive but is neither fbuild nor cachescope; \(predates(process))"
  }

  func alive(_ process: ProcessFacts) -> String {
    "\(described(process)) is alive; \(predates(process))\(ago)"
  }

  // MARK: Parts

  private func predates(_ process: ProcessFacts) -> String {
    "started \(clock.time(process.startedAt)), lease taken \(leaseTime(process))"
  }

  private func leaseTime(_ process: ProcessFacts) -> String {
    clock.time(times.best, besides: process.startedAt)
  }

  private var taken: String { "lease taken \(clock.time(times.best))" }

  private var ago: String {
    times.age(at: host.now).map { $0 >= 0 ? " (\(ClockText.age($0)) ago)" : "" } ?? ""
  }

  private var booted: String {
    guard let boot = host.bootTime, times.areBefore(boot) else { return "" }
    return ", before the host booted \(clock.time(boot, besides: times.best))"
  }

  private func described(_ process: ProcessFacts) -> String {
    "pid \(process.pid) (\(name(process)))"
  }

  private func name(_ process: ProcessFacts) -> String {
    process.name.isEmpty ? "no name" : oneLine(process.name)
  }
}
