import CacheKit
import Testing

@testable import CacheIndex

@Suite("Lease verdicts at the limits of what can be known")
struct LeaseVerdictLimitsTests {
  @Test("T-D9: a process of another PID namespace that predates the lease takes the proof away")
  func namespace() {
    let inside = sampleProcess(pid: 18234, ago: 800) { $0.namespacePIDs = [18234, 42] }
    let candidates = NamespaceCandidates([inside])
    let lease = sampleLease(pid: 42)
    #expect(verdict(lease, .absent, candidates) == .namespace)
    #expect(evidence(lease, .absent, candidates).contains("pid 42 there is 18234 here (fbuild)"))
    let kernel = sampleProcess(pid: 42, ago: noon - boot, name: "kworker") {
      $0.isKernelThread = true
    }
    let zombie = sampleProcess(pid: 42) { $0.state = "Z" }
    let recycled = sampleProcess(pid: 42, ago: 10, name: "sh")
    for process in [kernel, zombie, recycled] {
      #expect(verdict(lease, .present(process), candidates) == .namespace)
    }
  }

  @Test("T-D9: a process of another namespace that is younger or has exited is not the holder")
  func otherNamespaceProcess() {
    let lease = sampleLease(pid: 42)
    let young = sampleProcess(pid: 18234, ago: 10, name: "nginx")
    let exited = sampleProcess(pid: 18234, ago: 800) { $0.state = "Z" }
    for process in [young, exited] {
      #expect(verdict(lease, .absent, NamespaceCandidates([process])) == .dead)
    }
    let user = sampleProcess(pid: 18234, ago: 10, name: "nginx") { $0.opensIndex = true }
    #expect(verdict(lease, .absent, NamespaceCandidates([user])) == .namespace)
  }

  @Test("T-D11: where processes are hidden from the search nothing is provably stuck")
  func incompleteSearch() {
    let blind = NamespaceCandidates(isComplete: false)
    #expect(verdict(sampleLease(), .absent, blind) == .unknown)
    #expect(verdict(sampleLease(), .present(sampleProcess()), blind) == .live)
    #expect(verdict(sampleLease(hasEntry: false), .absent, blind) == .orphan)
  }

  @Test("T-D10: from inside a container only pins, orphans and own leases are certain")
  func observerInNamespace() {
    let host = sampleHost { $0.isInitialPIDNamespace = false }
    let later = sampleProcess(ago: 10, name: "sshd")
    for probe in [ProcessProbe.absent, .hidden, .present(later), .present(sampleProcess())] {
      #expect(verdict(sampleLease(), probe, host: host) == .unknown)
      #expect(evidence(sampleLease(), probe, host: host).hasPrefix("limited view"))
    }
  }

  @Test("b13: from inside a container a lease of before the host's boot is dead")
  func beforeBoot() {
    let host = sampleHost { $0.isInitialPIDNamespace = false }
    let old = sampleLease(ago: noon - boot + 3600)
    #expect(verdict(old, .absent, host: host) == .dead)
    #expect(verdict(old, .present(sampleProcess()), host: host) == .dead)
    #expect(evidence(old, .absent, host: host).hasSuffix("no process outlives a boot"))
    // The same where processes are hidden from an ordinary user.
    let blind = NamespaceCandidates(isComplete: false)
    #expect(verdict(old, .absent, blind) == .dead && verdict(old, .hidden) == .dead)
    let close = sampleLease(ago: noon - boot + 60)
    #expect(verdict(close, .absent, host: host) == .unknown)
    for change: (inout HostFacts) -> Void in [
      { $0.isBootTimeCertain = false }, { $0.networkFileSystem = "nfs" }, { $0.bootTime = nil },
    ] {
      var uncertain = host
      change(&uncertain)
      #expect(verdict(old, .absent, host: uncertain) == .unknown)
    }
  }

  @Test("On a network file system the holder may run on another host")
  func networkFileSystem() {
    let host = sampleHost {
      $0.networkFileSystem = "NFS"
      $0.selfPID = 7
      $0.selfStartedAt = boot
    }
    #expect(verdict(sampleLease(), .absent, host: host) == .unknown)
    #expect(
      evidence(sampleLease(), .absent, host: host)
        == "the cache is on NFS, and a lease does not say which host pid 4121 belongs to")
    #expect(verdict(sampleLease(pid: 7), .absent, host: host) == .`self`)
    let pin = Lease(
      id: LeaseID(entryID: 1, holderPID: 1, nonce: DurablePin.nonce(uid: 1000)), rowID: 1,
      refcount: 1, acquiredAt: 0, entry: sampleLease().entry)
    #expect(verdict(pin, .absent, host: host) == .pin)
  }

  @Test("T-D11: a process that cannot be read counts as alive, and so does a missing start time")
  func hidden() {
    #expect(verdict(sampleLease(), .hidden) == .unknown)
    let process = sampleProcess { $0.startedAt = nil }
    #expect(verdict(sampleLease(), .present(process)) == .unknown)
    let host = sampleHost { $0.procAccess = .none }
    #expect(verdict(sampleLease(), .absent, host: host) == .unknown)
  }

  @Test("T-D12: a number that is no process id is named as damage and never released by itself")
  func invalidProcessID() {
    for pid: Int64? in [nil, 0, -1, Int64(1) << 31, Int64(1) << 40, .min, .max] {
      #expect(verdict(sampleLease(pid: pid), .absent) == .unknown)
    }
    #expect(
      evidence(sampleLease(pid: -1), .absent) == "-1 is not a process id: the row is damaged")
    #expect(verdict(sampleLease(pid: Int64(Int32.max)), .absent) == .dead)
  }

  @Test("T-D13: process 1 without a pin's nonce is judged by its start like any other")
  func processOne() {
    let initial = sampleProcess(pid: 1, ago: noon - boot, name: "systemd")
    #expect(verdict(sampleLease(pid: 1), .present(initial)) == .alien)
    let restarted = sampleProcess(pid: 1, ago: 60, name: "fbuild")
    #expect(verdict(sampleLease(pid: 1), .present(restarted)) == .reused)
  }

  @Test("T-D14: a lease of this process says so, a recycled id of ours does not")
  func own() {
    let host = sampleHost {
      $0.selfPID = 4121
      $0.selfStartedAt = noon - 700
    }
    let running = sampleProcess(ago: 700, name: "cachescope") { $0.opensIndex = true }
    #expect(verdict(sampleLease(), .present(running), host: host) == .`self`)
    let earlier = sampleLease(ago: 5000)
    #expect(verdict(earlier, .present(running), host: host) == .unknown)
    // In a container the number is that of other processes, too.
    var inside = host
    inside.isInitialPIDNamespace = false
    inside.hasTakenNone = true
    #expect(verdict(sampleLease(), .present(running), host: inside) == .unknown)
    let knowing = sampleHost {
      $0.selfPID = 4121
      $0.selfStartedAt = noon - 700
      $0.ownNonce = UInt64((noon - 600) * 1e9)
    }
    #expect(verdict(earlier, .present(running), host: knowing) == .reused)
    #expect(verdict(sampleLease(), .present(running), host: knowing) == .`self`)
  }

  @Test("T-D15: a lease whose entry is gone protects nothing, even with a living holder")
  func orphan() {
    let lease = sampleLease(hasEntry: false)
    #expect(verdict(lease, .present(sampleProcess())) == .orphan)
    #expect(evidence(lease, .absent) == "entry 88 is gone: the lease protects nothing")
  }

  @Test("T-D18: a nonce with the top bit set is no time, and the lease's own time decides")
  func negativeNonce() {
    let id = LeaseID(entryID: 1, holderPID: 4121, nonce: UInt64(bitPattern: -5))
    let lease = Lease(
      id: id, rowID: 1, refcount: 1, acquiredAt: Int64(noon) - 600, entry: sampleLease().entry)
    #expect(verdict(lease, .present(sampleProcess())) == .live)
    #expect(verdict(lease, .present(sampleProcess(ago: 10, name: "sh"))) == .reused)
    #expect(LeaseID(id.description) == id)
  }

  @Test("A durable pin carries its user in the nonce, and only on processes 1 and 0")
  func durablePin() {
    for uid: UInt32 in [0, 1000, .max] {
      let nonce = DurablePin.nonce(uid: uid)
      #expect(nonce <= UInt64(Int64.max))
      #expect(DurablePin.uid(from: nonce) == uid)
      #expect(DurablePin(LeaseID(entryID: 1, holderPID: 1, nonce: nonce))?.uid == uid)
      #expect(DurablePin(LeaseID(entryID: 1, holderPID: 0, nonce: nonce))?.uid == uid)
      #expect(DurablePin(LeaseID(entryID: 1, holderPID: 2, nonce: nonce)) == nil)
    }
    #expect(DurablePin.uid(from: UInt64(noon * 1e9)) == nil)
    var lease = Lease(
      id: LeaseID(entryID: 1, holderPID: 1, nonce: DurablePin(uid: 1000).nonce), rowID: 1,
      refcount: 1, acquiredAt: Int64(noon), entry: sampleLease().entry)
    let host = sampleHost { $0.userNames = [1000: "ada"] }
    let words = "pinned by ada (uid 1000) since 2026-11-19 12:00:00; no process holds it"
    let missing = "; one of its two rows is missing: the next change puts it back"
    #expect(evidence(lease, .absent, host: host) == words + missing)
    lease.twin = PinTwin(rowID: 2, holderPID: 0, refcount: 1, acquiredAt: Int64(noon))
    #expect(evidence(lease, .absent, host: host) == words)
    lease.pinUntil = Int64(noon) + 86_400
    #expect(evidence(lease, .absent, host: host) == words + "; until 2026-11-20 12:00:00")
  }

  @Test("No time that a row can hold stops the judge, and its evidence stays one plain line")
  func hostileValues() {
    let name = "a\nb\u{1B}[31m\u{202E}\u{2028}c"
    for seconds: Int64? in [nil, .min, -1, 0, 1 << 40, .max] {
      for nonce: UInt64? in [nil, 0, 1, 1 << 63, .max] {
        for start in [nil, -Double.infinity, 0, noon, 1e300, .infinity, .nan] {
          let lease = Lease(
            id: LeaseID(entryID: 1, holderPID: 5, nonce: nonce), rowID: 1, refcount: 1,
            acquiredAt: seconds, entry: sampleLease().entry)
          let process = sampleProcess(name: name) { $0.startedAt = start }
          let line = evidence(lease, .present(process))
          #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && !(0x7F...0x9F ~= $0.value) })
          #expect(!line.contains("\u{202E}") && !line.contains("\u{2028}"))
        }
      }
    }
  }
}
