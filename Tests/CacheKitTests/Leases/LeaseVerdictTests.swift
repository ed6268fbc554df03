import CacheKit
import Testing

@Suite("Lease verdicts from facts")
struct LeaseVerdictTests {
  @Test("Four verdicts of twelve are provably stuck, under the words of the JSON contract")
  func words() {
    let stuck = LeaseVerdict.allCases.filter(\.isProvablyStuck).map(\.rawValue)
    #expect(stuck == ["dead", "reused", "zombie", "orphan"])
    #expect(
      LeaseVerdict.allCases.filter { !$0.isProvablyStuck }.map(\.rawValue) == [
        "live", "self", "pin", "old", "stopped", "alien", "namespace", "unknown",
      ])
  }

  @Test("T-D1: a holder that runs since before the lease is live")
  func live() {
    let lease = sampleLease()
    #expect(verdict(lease, .present(sampleProcess())) == .live)
    #expect(
      evidence(lease, .present(sampleProcess()))
        == "pid 4121 (fbuild) is alive; started 2026-11-19 11:45:00, "
        + "lease taken 11:50:00 (10m ago)")
  }

  @Test("A long lease of a living holder is old and never stuck", arguments: [7.0, 2000, 300])
  func old(hours: Double) {
    let lease = sampleLease(ago: hours * 3600)
    let process = sampleProcess(ago: hours * 3600 + 5)
    #expect(verdict(lease, .present(process)) == (hours * 3600 < noon - boot ? .old : .dead))
  }

  @Test("A long-lived daemon inside its limit is live by the caller's own limit")
  func oldAfter() {
    let judgement = LeaseVerdict.judge(
      sampleLease(ago: 7 * 3600), probe: .present(sampleProcess(ago: 8 * 3600)),
      host: sampleHost(), oldAfter: 8 * 3600)
    #expect(judgement.verdict == .live)
  }

  @Test("T-D2: no process with the id is dead, with the times as proof")
  func dead() {
    #expect(verdict(sampleLease(), .absent) == .dead)
    #expect(
      evidence(sampleLease(), .absent)
        == "no process 4121; lease taken 2026-11-19 11:50:00 (10m ago)")
  }

  @Test("T-D3: a zombie holder is gone, one whose other threads run is not")
  func zombie() {
    let lease = sampleLease()
    let zombie = sampleProcess {
      $0.state = "Z"
      $0.threadCount = 1
      $0.parent = 50090
    }
    #expect(verdict(lease, .present(zombie)) == .zombie)
    #expect(evidence(lease, .present(zombie)).contains("waits for its parent 50090"))
    let running = sampleProcess {
      $0.state = "Z"
      $0.threadCount = 3
    }
    #expect(verdict(lease, .present(running)) == .live)
  }

  @Test("X3, T-D4: a recycled id is reused, with both times as proof")
  func reused() {
    let later = sampleProcess(ago: 300, name: "sshd")
    #expect(verdict(sampleLease(), .present(later)) == .reused)
    #expect(
      evidence(sampleLease(), .present(later))
        == "pid 4121 (sshd) started 2026-11-19 11:55:00, lease taken 11:50:00: not the holder")
  }

  @Test("A start within the uncertainty of the clocks proves nothing", arguments: [0.0, 2, 4.9])
  func slack(seconds: Double) {
    let process = sampleProcess(ago: 600 - seconds)
    #expect(verdict(sampleLease(), .present(process)) == .live)
  }

  @Test("A later lease of the same nonce keeps a process that started between from being reused")
  func bothTimes() {
    let lease = sampleLease(nonce: noon - 600, acquired: Int64(noon) - 10)
    #expect(verdict(lease, .present(sampleProcess(ago: 300))) == .live)
  }

  @Test("T-D5: without a nonce the time of the lease decides, with two seconds of slack")
  func noNonce() {
    for nonce in [nil, 0.0, 1_500_000_000.0] {
      let lease = sampleLease(nonce: .some(nonce))
      #expect(verdict(lease, .present(sampleProcess(ago: 597))) == .reused)
      #expect(verdict(lease, .present(sampleProcess(ago: 599))) == .live)
      let timeless = sampleLease(nonce: .some(nonce), acquired: .some(nil))
      #expect(verdict(timeless, .present(sampleProcess(ago: 1))) == .unknown)
      #expect(verdict(timeless, .absent) == .dead)
    }
  }

  @Test("T-D6: a lease from before the boot is dead, whoever has the id now")
  func olderThanBoot() {
    let lease = sampleLease(nonce: boot - 3600, acquired: Int64(boot) - 3600)
    let process = sampleProcess(ago: noon - boot - 10, name: "cron")
    #expect(verdict(lease, .present(process)) == .dead)
    #expect(
      evidence(lease, .present(process))
        == "lease taken 2026-10-31 23:00:00, host booted 2026-11-01 00:00:00: older than boot; "
        + "the id is now cron")
    #expect(evidence(lease, .absent).contains("before the host booted"))
  }

  @Test("T-D7: after the clock was set back no living holder is called dead")
  func clockSetBack() {
    let lease = sampleLease(ago: -3600)
    let process = sampleProcess()
    #expect(verdict(lease, .present(process)) == .unknown)
    #expect(evidence(lease, .present(process)).contains("the clock was set back"))
  }

  @Test("T-D7: after the clock was set forward a process that uses the index is not called gone")
  func clockSetForward() {
    let lease = sampleLease(ago: 7200)
    let holder = sampleProcess(ago: 3600, name: "python3") { $0.opensIndex = true }
    #expect(verdict(lease, .present(holder)) == .unknown)
    #expect(evidence(lease, .present(holder)).contains("has the index open"))
    let unreadable = sampleProcess(ago: 3600) { $0.opensIndex = nil }
    #expect(verdict(lease, .present(unreadable)) == .unknown)
    let stranger = sampleProcess(ago: 3600, name: "sshd") { $0.opensIndex = nil }
    #expect(verdict(lease, .present(stranger)) == .reused)
    let booted = sampleLease(nonce: boot - 3600, acquired: Int64(boot) - 3600)
    #expect(verdict(booted, .present(holder)) == .unknown)
  }

  @Test("T-D8: a holder that slept through eight hours of suspend is still alive")
  func suspend() {
    let lease = sampleLease(ago: 8 * 3600 + 60)
    #expect(verdict(lease, .present(sampleProcess(ago: 8 * 3600 + 90))) == .old)
  }

  @Test("A stopped holder is not gone")
  func stopped() {
    for state: Character in ["T", "t"] {
      let process = sampleProcess { $0.state = state }
      #expect(verdict(sampleLease(), .present(process)) == .stopped)
    }
    let recycled = sampleProcess(ago: 10, name: "vim") { $0.state = "T" }
    #expect(verdict(sampleLease(), .present(recycled)) == .reused)
  }

  @Test("A process that predates the lease and is no fbuild may embed the cache: alien")
  func alien() {
    #expect(verdict(sampleLease(), .present(sampleProcess(name: "sshd"))) == .alien)
    for (name, arguments) in [
      ("fbuild-daemon", []), ("main", ["/opt/bin/fbuild", "build"]), ("cachescope", []),
      ("python3", ["/usr/bin/python3.13", "/venv/bin/fbuild", "build"]),
    ] {
      let process = sampleProcess(name: name, arguments: arguments)
      #expect(verdict(sampleLease(), .present(process)) == .live)
    }
    let editor = sampleProcess(name: "vim", arguments: ["vim", "/src/fbuild.toml"])
    #expect(verdict(sampleLease(), .present(editor)) == .alien)
  }

  @Test("A kernel thread never holds a lease")
  func kernelThread() {
    let thread = sampleProcess(ago: noon - boot, name: "kworker/0:1", arguments: [""]) {
      $0.isKernelThread = true
    }
    #expect(verdict(sampleLease(), .present(thread)) == .reused)
    #expect(
      verdict(sampleLease(nonce: 0, acquired: .some(nil)), .present(thread)) == .reused)
  }

  @Test("An id that is now a thread of another process is reused, whatever the clock says")
  func thread() {
    let thread = sampleProcess {
      $0.threadGroup = 4100
      $0.opensIndex = true
    }
    #expect(verdict(sampleLease(), .present(thread)) == .reused)
    #expect(evidence(sampleLease(), .present(thread)).contains("a thread of process 4100"))
  }
}
