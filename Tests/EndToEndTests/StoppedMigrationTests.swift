import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Migrations that the disk stops.
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct StoppedMigration {
    private func migrate(
      _ sandbox: Sandbox, _ injection: String, _ options: String...
    ) async throws -> Shell.Result {
      try await Shell.run(
        "strace",
        ["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fsync,fdatasync", "-e"]
          + ["inject=\(injection)", Binary.path, "migrate"] + options,
        environment: sandbox.environment)
    }

    @Test("T-C7, T-I1: a full disk is called one, with the file system and what is free")
    func fullDisk() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let result = try await migrate(sandbox, "pwrite64:error=ENOSPC:when=1+", "--json")
      try result.expectFailure("disk_full", status: 7)
      let message = try #require(try JSON(result.text)["error"]["message"].text)
      #expect(message.contains("bytes are free on"), "\(message)")
    }

    @Test("T-I2, T-C7: a sync that fails names the system's error")
    func failingSync() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let result = try await migrate(sandbox, "fsync,fdatasync:error=EIO:when=1+", "--json")
      try result.expectFailure("io", status: 1)
      let message = try #require(try JSON(result.text)["error"]["message"].text)
      #expect(message.contains("Input/output error") && message.contains("sync"), "\(message)")
      #expect(!message.contains("not an error"))
    }

    @Test("M4: a migration that stops half way names what was applied, and the backup")
    func halfWay() async throws {
      var stopped: (json: Shell.Result, write: Int)?
      for write in 1...120 {
        let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
        let result = try await migrate(sandbox, "pwrite64:error=EIO:when=\(write)+", "--json")
        if result.status == 0 { break }
        if try JSON(result.text)["steps"].items.isEmpty { continue }
        stopped = (result, write)
        break
      }
      let (result, write) = try #require(stopped)
      let report = try JSON(result.text)
      #expect(report["steps"][0]["outcome"] == .text("applied"))
      let message = report["error"]["message"].text ?? ""
      let hint = report["error"]["hint"].text ?? ""
      #expect(message.contains("failed") && message.contains("applied before that, and kept: m00"))
      #expect(hint.contains("cachescope migrate"))
      #expect(hint.contains(report["backup"].text ?? "no backup"))
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let text = try await migrate(sandbox, "pwrite64:error=EIO:when=\(write)+")
      #expect(text.status == 1)
      #expect(text.text.contains("applied: m00") && text.text.contains("backup: "))
      #expect(text.errorText.contains("kept: m00") && text.errorText.contains(".bak-"))
      #expect(try await sandbox.run("migrate").status == 0)
    }
  }
}
