import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// `cachescope wait`, on real holders.
  @Suite(.enabled(if: Machine.isInitialPIDNamespace, "not the initial PID namespace"))
  struct Wait {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox(fixture: "2.5.47") }

    /// The wait as it runs beside the test.
    private func start(_ arguments: String...) throws -> Child {
      try Child(
        Binary.path, ["wait", "--interval", "100ms", "--timeout", "60s"] + arguments,
        environment: sandbox.environment, folder: sandbox.folder)
    }

    /// Waits until the program has read the leases and sleeps between two looks.
    private func untilAsleep(_ child: Child) async throws {
      _ = try await poll {
        let calls = try? String(contentsOfFile: "/proc/\(child.pid)/wchan", encoding: .utf8)
        let opened = try? FileManager.default.contentsOfDirectory(
          atPath: "/proc/\(child.pid)/fd")
        return calls?.contains("poll") == true && (opened?.count ?? 0) > 3 ? true : nil
      }
    }

    @Test("L1: it ends with 0 when the holder dies, and says by which verdict; R1 holds")
    func holderDies() async throws {
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      let result = try await sandbox.expectingNoChange {
        let wait = try start("--lease", holder.id, "--json")
        defer { wait.signal(SIGKILL) }
        try await untilAsleep(wait)
        try await holder.kill()
        return try await wait.result()
      }
      #expect(result.status == 0)
      let report = try JSON(result.text)
      #expect(report["timed_out"] == .bool(false))
      let lease = report["leases"][0]
      #expect(lease["outcome"] == .text("holder_died"))
      #expect([.text("dead"), .text("zombie")].contains(lease["verdict"]))
      #expect(lease["holder_nonce"] == .text("\(holder.nonce)"))
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "1")
    }

    @Test("Of several leases it waits for the last, whichever way each one ends")
    func several() async throws {
      let first = try await Holder(sandbox, entry: 1)
      let second = try await Holder(sandbox, entry: 2)
      defer { for holder in [first, second] { holder.child.signal(SIGKILL) } }
      let wait = try start("--lease", first.id, "--lease", second.id, "--lease", first.id)
      defer { wait.signal(SIGKILL) }
      try await untilAsleep(wait)
      try await sandbox.sqlite("DELETE FROM leases WHERE entry_id = 1")
      try await second.kill()
      let result = try await wait.result()
      #expect(result.status == 0, "\(result.errorText)")
      let lines = result.text.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("released: \(first.id)") == true)
      // Until its parent has waited for it, a process that was killed is a zombie.
      let ends = ["DEAD", "ZOMBIE"].map { "holder is gone: \(second.id)  \($0): " }
      #expect(ends.contains { lines.last?.hasPrefix($0) == true })
    }

    @Test("A lease that stays held ends the wait with 3, and names what still holds it")
    func timeOut() async throws {
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("wait", "--lease", holder.id, "--timeout", "200ms", "--json")
      }
      try result.expectFailure("busy", status: 3)
      let report = try JSON(result.text)
      #expect(report["timed_out"] == .bool(true))
      #expect(report["leases"][0]["outcome"] == .text("held"))
      #expect(report["leases"][0]["verdict"] == .text("live"))
      let text = try await sandbox.run("wait", "--lease", holder.id, "--timeout", "0")
      #expect(text.status == 3 && text.text.contains("still held: \(holder.id)  LIVE"))
    }

    @Test("An entry is waited for until its last lease is gone, that of a dead holder too")
    func entry() async throws {
      #expect(try await sandbox.run("wait", "--entry", "2").text == "no lease on entry 2\n")
      let holder = try await Holder(sandbox, entry: 1)
      try await holder.kill()
      let stuck = try await sandbox.run("wait", "--entry", "1", "--timeout", "0", "--json")
      try stuck.expectFailure("busy", status: 3)
      #expect(try JSON(stuck.text)["error"]["hint"].text?.contains("release --stuck") == true)
      let wait = try start("--entry", "1", "--json")
      defer { wait.signal(SIGKILL) }
      try await untilAsleep(wait)
      #expect(try await sandbox.run("release", "--stuck").status == 0)
      let result = try await wait.result()
      #expect(result.status == 0)
      #expect(try JSON(result.text)["leases"][0]["outcome"] == .text("released"))
    }

    @Test("S2: ^C and SIGTERM end it at once, with 128 + n", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      let wait = try Child(
        Binary.path, ["wait", "--lease", holder.id, "--interval", "1h"],
        environment: sandbox.environment, folder: sandbox.folder)
      defer { wait.signal(SIGKILL) }
      try await untilAsleep(wait)
      wait.signal(signal)
      let result = try await wait.result()
      #expect(result.status == 128 + signal && result.text.isEmpty)
    }

    @Test("A lease or entry that is not there ends it with 1, a name that is none with 64")
    func unknown() async throws {
      try await sandbox.run("wait", "--lease", "1:2:3", "--json")
        .expectFailure("not_found", status: 1)
      try await sandbox.run("wait", "--entry", "99", "--json").expectFailure("not_found", status: 1)
      for arguments in [
        ["--lease", "1:2"], [], ["--entry", "1", "--lease", "1:2:3"],
        ["--entry", "1", "--interval", "1ms"], ["--entry", "1", "--timeout", "soon"],
        ["--entry", "1", "--timeout", "-1"], ["--entry", "1", "--timeout", "1e9"],
      ] {
        let result = try await Shell.run(
          Binary.path, ["wait"] + arguments, environment: sandbox.environment)
        #expect(result.status == 64, "\(arguments)")
      }
    }
  }
}
