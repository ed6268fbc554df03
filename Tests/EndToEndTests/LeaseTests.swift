import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Leases of real processes; only where /proc shows every process is anything provable.
  @Suite(.enabled(if: Machine.isInitialPIDNamespace, "not the initial PID namespace"))
  struct Leases {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox(fixture: "2.5.47") }

    @Test("L1, T-D1, T-D2: a running holder is live; once killed it is dead, with evidence")
    func liveThenDead() async throws {
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      #expect(try await sandbox.verdicts() == [1: "live"])
      try await holder.kill()
      let lease = try await sandbox.report("leases")["leases"][0]
      #expect(lease["verdict"] == .text("dead"))
      #expect(lease["holder_nonce"] == .text("\(holder.nonce)"))
      #expect(lease["evidence"].text?.contains("\(holder.child.pid)") == true)
      #expect(lease["entry"]["kind"] == .text("lnk-blobs"))
    }

    @Test("L1, T-D4: a process that started after the lease was taken is not its holder")
    func reusedPID() async throws {
      let holder = try await Holder(sandbox, entry: 1, age: 60)
      defer { holder.child.signal(SIGKILL) }
      #expect(try await sandbox.verdicts() == [1: "reused"])
      let release = try await sandbox.report("release", "--stuck")
      #expect(release != .null)
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
    }

    @Test("L1: a stopped holder and a program that is not fbuild are named, and not stuck")
    func stoppedAndAlien() async throws {
      let stopped = try await Holder(sandbox, entry: 1)
      let alien = try await Holder(sandbox, entry: 2, name: "builder")
      defer { for holder in [stopped, alien] { holder.child.signal(SIGKILL) } }
      stopped.child.signal(SIGSTOP)
      #expect(try await sandbox.verdicts() == [1: "stopped", 2: "alien"])
      _ = try await sandbox.report("release", "--stuck")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "2")
    }

    @Test("L1, T-D3: a holder that ended and was not awaited is a zombie, and stuck")
    func zombie() async throws {
      let parent = try Child("sh", ["-c", "sleep 0 & echo $!; exec sleep 300"])
      defer { parent.signal(SIGKILL) }
      let pid = try await poll {
        try Int64(parent.outputSoFar().trimmingCharacters(in: .newlines))
      }
      _ = try await poll {
        let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return status?.contains(") Z ") == true ? true : nil
      }
      let now = Int(Date.now.timeIntervalSince1970)
      try await sandbox.addLease(
        entry: 1, pid: pid, nonce: UInt64(now) * 1_000_000_000, at: now)
      #expect(try await sandbox.verdicts() == [1: "zombie"])
    }

    @Test(
      "T-D12: impossible PIDs are never signalled and never stuck by guess",
      arguments: [0, -1, 1 << 31, 1 << 40] as [Int64])
    func impossiblePID(pid: Int64) async throws {
      try await sandbox.addLease(entry: 1, pid: pid, nonce: 5, at: 1)
      let result = try await sandbox.expectingNoChange { try await sandbox.run("leases", "--json") }
      #expect(result.status == 0)
      #expect(try JSON(result.text)["leases"][0]["holder_pid"] == .integer(pid))
    }

    @Test("T-D15: a lease of an entry that is gone is an orphan, and can be released")
    func orphan() async throws {
      try await sandbox.sqlite("INSERT INTO leases VALUES (77, 4242, 123, 1, 1)")
      #expect(try await sandbox.verdicts() == [77: "orphan"])
      _ = try await sandbox.report("release", "77:4242:123")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
    }

    @Test("L2: releasing the stuck ones frees exactly those, and recomputes pinned")
    func releaseStuck() async throws {
      let live = try await Holder(sandbox, entry: 1)
      let dead = try await Holder(sandbox, entry: 2)
      let other = try await Holder(sandbox, entry: 1, name: "fbuild-daemon")
      defer { for holder in [live, dead, other] { holder.child.signal(SIGKILL) } }
      try await dead.kill()
      try await other.kill()
      #expect(try await sandbox.pinned(1) == "2")
      _ = try await sandbox.report("release", "--stuck")
      let left = try await sandbox.sqlite("SELECT entry_id, holder_pid FROM leases")
      #expect(left == "1|\(live.child.pid)")
      #expect(try await sandbox.pinned(1) == "1")
      #expect(try await sandbox.pinned(2) == "0")
    }

    @Test("L3: a live holder is released only by its full id and with --force")
    func releaseLive() async throws {
      let live = try await Holder(sandbox, entry: 1)
      defer { live.child.signal(SIGKILL) }
      let refused = try await sandbox.expectingNoChange {
        try await sandbox.run("release", live.id, "--json")
      }
      try refused.expectFailure("refused", status: 7)
      _ = try await sandbox.report("release", live.id, "--force")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
      #expect(try await sandbox.pinned(1) == "0")
    }

    @Test("X12, L5: doctor names every finding with its fix, and --fix makes only the safe ones")
    func doctor() async throws {
      let live = try await Holder(sandbox, entry: 1)
      let dead = try await Holder(sandbox, entry: 2)
      defer { for holder in [live, dead] { holder.child.signal(SIGKILL) } }
      try await dead.kill()
      try await sandbox.sqlite("UPDATE entries SET pinned = 7 WHERE id = 3")
      let found = try await sandbox.expectingNoChange { try await sandbox.run("doctor", "--json") }
      #expect(found.status == 1)
      let findings = try JSON(found.text)["findings"].items.filter {
        $0["severity"] != .text("info")
      }
      #expect(findings.map { $0["id"].text } == ["lease_dead", "pinned_drift"])
      #expect(
        findings.map { $0["fix"].text }
          == ["cachescope release --stuck", "cachescope doctor --fix"])
      let fixed = try await sandbox.report("doctor", "--fix")
      #expect(fixed["released"] == .integer(1) && fixed["repaired"] == .integer(1))
      #expect(fixed["findings"].items.allSatisfy { $0["severity"] == .text("info") })
      #expect(try await sandbox.sqlite("SELECT holder_pid FROM leases") == "\(live.child.pid)")
      #expect(try await sandbox.sqlite("SELECT pinned FROM entries ORDER BY id") == "1\n0\n0")
      let refused = try await sandbox.run("doctor", "--fix", "--read-only", "--json")
      #expect(refused.status == 7)
    }

    @Test("L2: --one lowers a refcount by one and releases at the last")
    func releaseOne() async throws {
      let dead = try await Holder(sandbox, entry: 1)
      try await dead.kill()
      try await sandbox.sqlite("UPDATE leases SET refcount = 2; UPDATE entries SET pinned = 2")
      _ = try await sandbox.report("release", dead.id, "--one")
      #expect(try await sandbox.sqlite("SELECT refcount FROM leases") == "1")
      #expect(try await sandbox.pinned(1) == "1")
      _ = try await sandbox.report("release", dead.id, "--one")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
      #expect(try await sandbox.pinned(1) == "0")
    }
  }
}

/// Asks again and again until there is an answer.
func poll<Value>(_ question: () throws -> Value?) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(20)
  while true {
    if let value = try question() { return value }
    guard ContinuousClock.now < deadline else { throw ProgramError.failed("poll", -1, "deadline") }
    try await Task.sleep(for: .milliseconds(10))
  }
}
