extension InstallLock {
  /// What fbuild 2.5.47 makes of a lock that it meets.
  public enum Outlook: Sendable, Hashable {
    /// It removes the lock and goes on.
    case reclaimsNow
    /// It does so after so many seconds.
    case reclaimsIn(Double)
    /// It waits without a word for so many seconds at most.
    case waits(Double)
    /// It waits, and fails in the end.
    case never
  }

  /// What is proved of the owner.
  public enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// The owner runs, and may be installing.
    case alive
    /// No such process, or one that has exited.
    case dead
    /// The id belongs to a process that cannot be the owner.
    case reused
    /// The process runs another program than the one that took the lock.
    case otherProgram = "other_program"
    /// Nobody is named, for longer than fbuild takes to name itself.
    case empty
    /// Nothing can be proved; the evidence says why.
    case unknown

    /// True where removing the lock provably takes nothing away from anybody.
    public var isGone: Bool { self != .alive && self != .unknown }
  }

  /// Both verdicts on a lock.
  public struct Judgement: Sendable, Hashable {
    public var verdict: Verdict
    /// One line without control characters.
    public var evidence: String
    public var outlook: Outlook
    /// The process that has the owner's id now.
    public var process: ProcessFacts?
  }

  /// What is known of the process that the lock names.
  struct Suspect {
    var probe: ProcessProbe
    /// The file of its program, as the kernel says.
    var program: RawText?
    var elsewhere: NamespaceCandidates

    init(
      _ probe: ProcessProbe, program: RawText? = nil, elsewhere: NamespaceCandidates = .none
    ) {
      self.probe = probe
      self.program = program
      self.elsewhere = elsewhere
    }
  }

  /// Pure: both verdicts from facts alone.
  func judge(
    _ suspect: Suspect, _ host: HostFacts, staleAfter: Double = InstallLockAge.usual
  ) -> Judgement {
    let question = InstallLockQuestion(
      lock: self, suspect: suspect, host: host, staleAfter: staleAfter)
    let (verdict, evidence) = question.verdict
    return Judgement(
      verdict: verdict, evidence: evidence, outlook: question.outlook,
      process: question.namesake ?? suspect.probe.facts)
  }

  /// Looks at the owner, and judges.
  func judge(
    _ processes: inout ProcessTable, staleAfter: Double = InstallLockAge.usual
  ) -> Judgement {
    guard let pid = owner?.pid else {
      return judge(Suspect(.absent), processes.host, staleAfter: staleAfter)
    }
    let probe = processes.probe(pid)
    var suspect = Suspect(probe, program: processes.program(pid))
    if processes.host.isInitialPIDNamespace {
      suspect.elsewhere = processes.namespaceCandidates(pid)
    }
    return judge(suspect, processes.host, staleAfter: staleAfter)
  }
}

/// One lock in front of the judge.
struct InstallLockQuestion {
  let lock: InstallLock
  let suspect: InstallLock.Suspect
  let host: HostFacts
  /// Older locks fbuild reclaims whoever holds them.
  var staleAfter = InstallLockAge.usual

  /// A lock without an owner's file counts that long, whatever is set.
  static let namelessFor = 30.0
  /// Start times are rounded, and move a little with the clock.
  static let slack = 5.0
  /// Seconds that a clock may be set by soon after a boot.
  static let clockStep = 300.0

  private var age: Double { host.now - lock.changedAt }

  // MARK: fbuild's

  var outlook: InstallLock.Outlook {
    switch lock.content {
    case .notAFolder, .blocking: return .never
    case .closed: return untilStale(then: .never)
    case .empty, .foreign, .unreadable: return namelessOutlook
    case .owner(let owner) where !owner.isText: return namelessOutlook
    case .owner(let owner): return isGoneForFbuild(owner) ? reclaims : untilStale(then: reclaims)
    }
  }

  private var namelessOutlook: InstallLock.Outlook {
    age > Self.namelessFor || lock.isSealed ? reclaims : .reclaimsIn(Self.namelessFor - age)
  }

  private func untilStale(then end: InstallLock.Outlook) -> InstallLock.Outlook {
    age > staleAfter ? end : .waits(staleAfter - age)
  }

  /// Where it may not remove the lock, it tries again and again.
  private var reclaims: InstallLock.Outlook {
    lock.isSealed ? untilStale(then: .never) : .reclaimsNow
  }

  /// A process is there for it where a signal could be sent, be it a zombie or a thread.
  private func isGoneForFbuild(_ owner: InstallLock.Owner) -> Bool {
    guard let pid = owner.pid else { return false }
    if pid == 0 { return true }
    if case .absent = suspect.probe { return true }
    guard let program = suspect.program, let stem = owner.program else { return false }
    return Self.stem(program.readable) != stem
  }

  // MARK: Ours

  var verdict: (InstallLock.Verdict, String) {
    if let reason = blindness { return (.unknown, reason) }
    if let link = lock.link {
      return (.unknown, "\(link.rawValue) is a symbolic link, which is for a person to remove")
    }
    switch lock.content {
    case .notAFolder(let what):
      return (.unknown, "\(what) stands where the lock's folder belongs: move it away")
    case .closed: return (.unknown, "the lock's folder cannot be read")
    case .unreadable: return (.unknown, "owner.txt cannot be read")
    case .blocking: return (.unknown, "owner.txt is a FIFO: fbuild opens it, and sleeps for good")
    case .foreign: return (.unknown, "it names no owner, and holds other things")
    case .empty: return nameless
    case .owner(let owner): return verdict(owner)
    }
  }

  private var blindness: String? {
    if let name = host.networkFileSystem {
      return "the cache is on \(name), and a lock does not say which host its owner is on"
    }
    return host.procAccess == .none ? "/proc is not readable" : nil
  }

  private var nameless: (InstallLock.Verdict, String) {
    guard age > Self.namelessFor + Self.slack else {
      return (.unknown, "it is \(ClockText.age(age)) old, and its owner may be naming itself")
    }
    return (.empty, "nobody has named itself for \(ClockText.age(age)); fbuild does so at once")
  }

  private func verdict(_ owner: InstallLock.Owner) -> (InstallLock.Verdict, String) {
    guard let pid = owner.pid else {
      let reason = owner.isText ? "names no process" : "is no UTF-8, and fbuild reads none of it"
      return (.unknown, "owner.txt \(reason)")
    }
    if let early = beforeBoot { return (.dead, early) }
    guard host.isInitialPIDNamespace else {
      return (
        .unknown, "seen from a PID namespace of its own, where pid \(pid) may be somebody else"
      )
    }
    if let namesake {
      let name = oneLine(namesake.name)
      return (.unknown, "pid \(pid) of another PID namespace is \(namesake.pid) here (\(name))")
    }
    let found = verdict(pid, owner)
    guard found.0.isGone, !suspect.elsewhere.isComplete else { return found }
    return (.unknown, "/proc hides processes that may own it from a container")
  }

  /// No process outlives a boot, in whichever namespace it was.
  private var beforeBoot: String? {
    guard !host.isInitialPIDNamespace, host.isBootTimeCertain, let boot = host.bootTime,
      max(lock.takenAt, lock.changedAt) + Self.clockStep < boot
    else { return nil }
    return "taken \(time(lock.takenAt)), host booted \(time(boot)): no process outlives a boot"
  }

  private func verdict(
    _ pid: Int64, _ owner: InstallLock.Owner
  ) -> (InstallLock.Verdict, String) {
    switch suspect.probe {
    case .absent: return (.dead, "no process \(pid); taken \(time(lock.takenAt))\(ago)")
    case .hidden: return (.unknown, "pid \(pid) exists, but its /proc entry is not readable")
    case .present(let process): return verdict(process, owner)
    }
  }

  private func verdict(
    _ process: ProcessFacts, _ owner: InstallLock.Owner
  ) -> (InstallLock.Verdict, String) {
    let who = "pid \(process.pid) (\(oneLine(process.name)))"
    if process.isExited { return (.dead, "\(who) has exited and waits for its parent") }
    if process.isKernelThread { return (.reused, "\(who) is a kernel thread") }
    if process.isThread {
      return (.reused, "\(process.pid) is a thread of process \(process.threadGroup ?? 0)")
    }
    // Start times move with the wall clock; an open file is a fact that does not.
    if process.opensIndex ?? process.isCacheProgram {
      let use = process.opensIndex == true ? "has files of the cache open" : "may use the cache"
      return (.alive, "\(who) is alive and \(use); taken \(time(lock.takenAt))\(ago)")
    }
    if let start = process.startedAt, lock.takenAt + Self.slack < start {
      return (
        .reused, "\(who) started \(time(start)), lock taken \(time(lock.takenAt)): not the owner"
      )
    }
    if let stem = owner.program, let program = suspect.program.map({ Self.current($0.readable) }),
      program != stem
    {
      return (.otherProgram, "\(who) runs \(oneLine(program)), not \(oneLine(stem))")
    }
    return (.alive, "\(who) is alive; taken \(time(lock.takenAt))\(ago)")
  }

  /// A process in a container that has the owner's id there, where the one that has it here is not known to be
  /// the owner. It is asked for first: the id is that of another process on any host.
  var namesake: ProcessFacts? {
    guard host.isInitialPIDNamespace, blindness == nil, lock.link == nil, let owner = lock.owner,
      owner.pid != nil, !isOwner(suspect.probe.facts, owner)
    else { return nil }
    let found = suspect.elsewhere.processes.filter { process in
      !process.isExited && (process.startedAt.map { $0 <= lock.takenAt + Self.slack } ?? true)
    }
    return found.first { $0.opensIndex == true } ?? found.first(where: \.isCacheProgram)
      ?? found.first
  }

  /// True for a process that runs, was there before, and is what the lock says.
  private func isOwner(_ process: ProcessFacts?, _ owner: InstallLock.Owner) -> Bool {
    guard let process, !process.isExited, !process.isThread, !process.isKernelThread else {
      return false
    }
    if process.opensIndex == true { return true }
    if let start = process.startedAt, lock.takenAt + Self.slack < start { return false }
    if let program = suspect.program, let stem = owner.program {
      return Self.current(program.readable) == stem
    }
    return process.isCacheProgram
  }

  // MARK: Words

  /// By the time that stands beside it, which may be another one than the folder's.
  private var ago: String {
    let span = host.now - lock.takenAt
    return span >= 0 ? " (\(ClockText.age(span)) ago)" : ""
  }

  private func time(_ seconds: Double) -> String { ClockText(zone: host.clockZone).time(seconds) }

  /// The file's name without its extension, as Rust's library has it.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  /// The same for a program whose file was replaced while it ran, which fbuild takes for another one.
  static func current(_ path: String) -> String {
    let mark = " (deleted)"
    return stem(path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path)
  }
}
