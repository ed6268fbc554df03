import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Whose cache it is, and how a damaged lease is let go.
  @Suite struct Safety {
    @Test(
      "T-I7: a folder of another user that is open to all is shown with a warning, never changed",
      .enabled(if: Machine.isRoot, "only root can give a folder away"), arguments: [0o777, 0o1777])
    func openRoot(mode: Int) async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      try FileManager.default.setAttributes(
        [.ownerAccountID: 65534, .posixPermissions: mode], ofItemAtPath: sandbox.cache.path)
      // Root works there with the file rights of the owner, who must reach the index and own it.
      try FileManager.default.setAttributes(
        [.ownerAccountID: 65534], ofItemAtPath: sandbox.index.path)
      try sandbox.setMode(0o755, of: sandbox.folder)
      try await sandbox.expectingNoChange {
        let findings = try await sandbox.report("status")["findings"].items
        #expect(findings.contains { $0["id"] == .text("root_open_to_all") })
        #expect(try await sandbox.report("entries")["entries"].items.isEmpty == false)
        try await sandbox.run("migrate", "--json").expectFailure("refused", status: 7)
      }
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: sandbox.cache.path)
      #expect(try await sandbox.run("migrate").status == 0)
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: sandbox.cache.path)
      for verb in [["pin", "1"], ["unpin", "1"], ["release", "--stuck"]] {
        let result = try await Shell.run(
          Binary.path, verb + ["--json"], environment: sandbox.environment)
        try result.expectFailure("refused", status: 7)
      }
    }

    @Test(
      "T-A17: what a user may not change names the exact command of the owner",
      .enabled(if: Machine.isRoot, "only root can play another user"))
    func ownersCommand() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let binary = sandbox.folder.appending(path: "cachescope").path
      try FileManager.default.copyItem(atPath: Binary.path, toPath: binary)
      for folder in [sandbox.folder, sandbox.cache] {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      }
      let result = try await Shell.runAsNobody(
        sandbox, binary: binary, ["pin", "1", "--reason", "a b", "--json"])
      let hint = try JSON(result.text)["error"]["hint"].text ?? ""
      #expect(
        hint.hasSuffix(
          "sudo -u root cachescope pin 1 --reason 'a b' --json --cache \(sandbox.cache.path)"),
        "\(hint)")
    }

    @Test("T-D18: a lease whose row is damaged is released by the name that `leases` prints")
    func damagedLease() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      try await sandbox.sqlite("UPDATE leases SET holder_nonce = 'x', holder_pid = 'y'")
      let words = try await sandbox.run("leases").text.split(whereSeparator: \.isWhitespace)
      let name = try #require(words.first { $0.contains(":-:-") })
      let refused = try await sandbox.run("release", String(name), "--json")
      try refused.expectFailure("refused", status: 7)
      let released = try await sandbox.run(
        "release", "--force", String(name), String(name), "--json")
      #expect(released.status == 0, "\(released.text)")
      #expect(try JSON(released.text)["released"] == .integer(1))
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
      #expect(try await sandbox.sqlite("SELECT sum(pinned) FROM entries") == "0")
      try await sandbox.run("release", "-:1:1", "--json").expectUsage(hint: "`--`")
    }

    @Test("T-C1: a lease of an old schema has a name, and asks for the migration first")
    func oldLease() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let words = try await sandbox.run("leases").text.split(whereSeparator: \.isWhitespace)
      let name = try #require(words.first { $0.hasSuffix(":-") })
      try await sandbox.run("release", "--force", String(name), "--json")
        .expectFailure("pending_migrations", status: 7)
    }
  }
}
