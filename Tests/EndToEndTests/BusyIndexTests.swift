import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Another process that keeps the write lock (T-A24, G5).
  @Suite struct BusyIndex {
    @Test("T-A24: a held write lock keeps no reader waiting")
    func readersGoOn() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let writer = try await Writer(sandbox)
      try await writer.execute("BEGIN IMMEDIATE; UPDATE entries SET use_count = 5")
      let start = ContinuousClock.now
      let entries = try await sandbox.report("entries")
      #expect(ContinuousClock.now - start < .seconds(5))
      #expect(entries["entries"].items.count == 3)
      #expect(!entries["entries"].items.contains { $0["use_count"] == .integer(5) })
    }

    @Test("T-A24: an index locked exclusively is read by copy or is busy, within 5 s")
    func exclusiveLock() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let writer = try await Writer(sandbox)
      try await writer.execute(
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE entries SET use_count = 5")
      let start = ContinuousClock.now
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("entries", "--json")
      }
      #expect(ContinuousClock.now - start < .seconds(8))
      #expect([0, 3].contains(result.status))
      if result.status == 0 {
        #expect(try JSON(result.text)["entries"].items.count == 3)
      } else {
        try result.expectFailure("busy", status: 3)
      }
    }

    @Test(
      "T-A24, G5: a change waits for the lock, then says busy and changes nothing",
      arguments: [["pin", "1"], ["migrate"]])
    func writersWait(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-migrated-by-2.5.47")
      if verb[0] == "pin" { _ = try await sandbox.report("migrate") }
      let writer = try await Writer(sandbox)
      try await writer.execute("BEGIN IMMEDIATE")
      let start = ContinuousClock.now
      let result = try await Shell.run(
        Binary.path, verb + ["--json"], environment: sandbox.environment)
      let waited = ContinuousClock.now - start
      try result.expectFailure("busy", status: 3)
      #expect(waited > .seconds(2) && waited < .seconds(15), "waited \(waited)")
      try await writer.execute("ROLLBACK")
      let pins = try await sandbox.sqlite("SELECT count(*) FROM leases WHERE holder_pid = 1")
      #expect(pins == "0")
    }
  }
}
