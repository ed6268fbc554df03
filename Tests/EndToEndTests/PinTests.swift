import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  @Suite struct Pinning {
    /// Half of every durable pin's nonce; the other half is the user.
    private static let magic: Int64 = 0x6373_6370 << 32

    @Test("a pin is a row of pid 1 and one of pid 0 with our nonce, and unpin takes exactly those")
    func pinAndUnpin() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      _ = try await sandbox.report("pin", "2", "--reason", "release build")
      let nonce = Self.magic | Int64(getuid())
      let row = try await sandbox.sqlite(
        "SELECT entry_id, holder_pid, holder_nonce, refcount FROM leases ORDER BY holder_pid DESC")
      #expect(row == "2|1|\(nonce)|1\n2|0|\(nonce)|1")
      #expect(try await sandbox.pinned(2) == "2")
      #expect(try await sandbox.verdicts() == [2: "pin"])
      let evidence = try await sandbox.run("leases")
      #expect(evidence.text.contains("release build"))
      _ = try await sandbox.report("unpin", "2")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
      #expect(try await sandbox.pinned(2) == "0")
    }

    @Test("a pin cannot end before it begins")
    func past() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.run("pin", "1", "--until", "2020-01-01")
      #expect(result.status == 64)
      #expect(result.errorText.contains("--until 2020-01-01 is in the past"))
    }

    @Test("pinning twice holds once")
    func pinTwice() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      _ = try await sandbox.report("pin", "1", "3")
      _ = try await sandbox.report("pin", "1", "3")
      #expect(try await sandbox.sqlite("SELECT sum(refcount) FROM leases") == "4")
    }

    @Test("stuck leases are released and durable pins stay")
    func pinsAreNotStuck() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      _ = try await sandbox.report("pin", "1")
      _ = try await sandbox.report("release", "--stuck")
      let left = try await sandbox.sqlite(
        "SELECT group_concat(entry_id) FROM leases WHERE holder_pid = 1")
      #expect(left == "1")
    }

    @Test("an entry that does not exist is not found, and nothing is pinned in its place")
    func unknownEntry() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.run("pin", "99", "--json").expectFailure("not_found", status: 1)
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
    }

    @Test(
      "--read-only refuses every change and leaves the cache as it is",
      arguments: [["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"]])
    func readOnly(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let result = try await sandbox.expectingNoChange {
        try await Shell.run(
          Binary.path, verb + ["--read-only", "--json"], environment: sandbox.environment)
      }
      try result.expectFailure("read_only", status: 7)
    }

    @Test(
      "T-A2: a change to a cache that is not there creates nothing",
      arguments: [["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"]])
    func noCache(verb: [String]) async throws {
      let sandbox = try Sandbox()
      let result = try await Shell.run(
        Binary.path, verb + ["--json"], environment: sandbox.environment)
      try result.expectFailure("no_cache", status: 1)
      #expect(!FileManager.default.fileExists(atPath: sandbox.cache.path))
    }
  }
}
