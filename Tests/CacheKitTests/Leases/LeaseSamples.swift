import CacheKit

/// A host that booted at 2026-11-01 00:00:00 and is looked at on 2026-11-19 12:00:00, in UTC.
let boot = 1_793_491_200.0
let noon = 1_795_089_600.0

func sampleHost(_ change: (inout HostFacts) -> Void = { _ in }) -> HostFacts {
  var host = HostFacts(now: noon, bootTime: boot)
  change(&host)
  return host
}

/// A lease on entry 88 that was taken `ago` seconds before the look.
func sampleLease(
  pid: Int64? = 4121, ago: Double = 600, nonce: Double?? = nil, acquired: Int64?? = nil,
  hasEntry: Bool = true
) -> Lease {
  let taken = noon - ago
  let seconds = nonce ?? taken
  return Lease(
    id: LeaseID(entryID: 88, holderPID: pid, nonce: seconds.map { UInt64($0 * 1e9) }), rowID: 1,
    refcount: 1, acquiredAt: acquired ?? Int64(taken),
    entry: hasEntry
      ? Lease.EntryName(kind: "lnk-blobs", stem: "site", version: "9f3a", bytes: 812) : nil)
}

/// A process that started `ago` seconds before the look.
func sampleProcess(
  pid: Int64 = 4121, ago: Double = 900, name: String = "fbuild", arguments: [String] = [],
  _ change: (inout ProcessFacts) -> Void = { _ in }
) -> ProcessFacts {
  var process = ProcessFacts(
    pid: pid, state: "S", startedAt: noon - ago, name: name,
    arguments: arguments.isEmpty ? [name] : arguments, opensIndex: false)
  change(&process)
  return process
}

func verdict(
  _ lease: Lease, _ probe: ProcessProbe, _ candidates: NamespaceCandidates = .none,
  host: HostFacts = sampleHost()
) -> LeaseVerdict {
  LeaseVerdict.judge(lease, probe: probe, namespaceCandidates: candidates, host: host).verdict
}

func evidence(
  _ lease: Lease, _ probe: ProcessProbe, _ candidates: NamespaceCandidates = .none,
  host: HostFacts = sampleHost()
) -> String {
  LeaseVerdict.judge(lease, probe: probe, namespaceCandidates: candidates, host: host).evidence
}
