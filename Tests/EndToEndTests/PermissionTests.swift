import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Caches that this user may read but not write, or not even read.
  @Suite(.enabled(if: Machine.isRoot, "only root can play another user"))
  struct Permission {
    private let sandbox: Sandbox
    private let binary: String

    init() throws {
      sandbox = try Sandbox(fixture: "2.5.47-stale-lease-hot-wal")
      // The other user may not be allowed into the build folder.
      binary = sandbox.folder.appending(path: "cachescope").path
      try FileManager.default.copyItem(atPath: Binary.path, toPath: binary)
      try sandbox.setMode(0o755, of: sandbox.folder, sandbox.cache)
      try sandbox.setMode(0o777, of: sandbox.folder.appending(path: "tmp"))
      try sandbox.setMode(0o644, of: sandbox.index, URL(filePath: sandbox.index.path + "-wal"))
    }

    @Test("T-A10: a hot WAL of another user is read by copy, all rows included")
    func otherUsersWAL() async throws {
      let result = try await sandbox.expectingNoChange {
        try await Shell.runAsNobody(sandbox, binary: binary, ["leases", "--json"])
      }
      let report = try JSON(result.text)
      #expect(result.status == 0)
      #expect(report["source"] == .text("copy"))
      #expect(report["leases"].items.count == 1)
    }

    @Test("T-A17: an index without read permission is named, with the right that is missing")
    func unreadable() async throws {
      try sandbox.setMode(0o000, of: sandbox.index)
      let result = try await sandbox.expectingNoChange {
        try await Shell.runAsNobody(sandbox, binary: binary, ["entries", "--json"])
      }
      try result.expectFailure("permission", status: 1)
      #expect(try JSON(result.text)["error"]["message"].text?.contains("index.sqlite") == true)
    }

    @Test("T-A17: a folder that cannot be written is read without a WAL, immutably")
    func readOnlyFolder() async throws {
      try FileManager.default.removeItem(atPath: sandbox.index.path + "-wal")
      try sandbox.replaceIndex(byFixture: "2.5.47")
      try sandbox.setMode(0o555, of: sandbox.cache)
      let result = try await sandbox.expectingNoChange {
        try await Shell.runAsNobody(sandbox, binary: binary, ["entries", "--json"])
      }
      let report = try JSON(result.text)
      #expect(result.status == 0)
      #expect(report["source"] == .text("immutable"))
      #expect(report["entries"].items.count == 3)
    }

    @Test(
      "T-A17: a change to a cache that cannot be written is refused, and says what helps",
      arguments: [["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"]])
    func noWriting(verb: [String]) async throws {
      try sandbox.setMode(0o555, of: sandbox.cache)
      let result = try await sandbox.expectingNoChange {
        try await Shell.runAsNobody(sandbox, binary: binary, verb + ["--json"])
      }
      #expect((1..<64).contains(result.status))
      let error = try JSON(result.text)["error"]
      #expect(["read_only", "permission"].contains(error["code"].text))
      #expect(error["hint"].text?.isEmpty == false)
    }

    @Test(
      "a plan tells how real GC fails when this user runs it: before anything, or after the first tree",
      arguments: [
        ("65534", "WAL", "GC failed: attempt to write a readonly database"),
        ("65534", "DELETE", "failed to open disk cache: attempt to write a readonly database"),
        ("0", "WAL", "failed to open disk cache: attempt to write a readonly database"),
      ])
    func foreignIndex(folderOwner: String, mode: String, words: String) async throws {
      try FileManager.default.removeItem(atPath: sandbox.index.path + "-wal")
      try sandbox.replaceIndex(byFixture: "2.5.47")
      try await sandbox.sqlite("PRAGMA journal_mode = \(mode); UPDATE entries SET pinned = 0")
      _ = try await Shell.run("chown", [folderOwner, sandbox.cache.path])
      let verb = [
        "gc", "--installed-budget", "0", "--archive-budget", "0", "--high", "0", "--json",
      ]
      let result = try await sandbox.expectingNoChange {
        try await Shell.runAsNobody(sandbox, binary: binary, verb)
      }
      let plan = try JSON(result.text)["plan"]
      #expect(plan["real_error"] == .text(words) && plan["frees"] == .integer(0))
      #expect(plan["steps"].items.allSatisfy { $0["ours_alone"] == .bool(true) })
      let root = try await Shell.run(Binary.path, verb, environment: sandbox.environment)
      let own = try JSON(root.text)["plan"]
      #expect(own["real_error"] == .null)
      #expect(own["steps"].items.count == plan["steps"].items.count)
    }

    @Test("T-A18: on a read-only mount a hot WAL is read by copy and a change ends with 7")
    func readOnlyMount() async throws {
      let cache = sandbox.cache.path
      let mount = "mount --bind '\(cache)' '\(cache)' && mount -o remount,ro,bind '\(cache)'"
      let probe = try await Shell.run("unshare", ["-m", "sh", "-c", mount])
      try #require(probe.status == 0, "this machine allows no mounts: \(probe.errorText)")
      func onReadOnlyMount(_ verb: String) async throws -> Shell.Result {
        try await Shell.run(
          "unshare", ["-m", "sh", "-c", "\(mount) && exec '\(binary)' \(verb) --json"],
          environment: sandbox.environment)
      }
      let leases = try await onReadOnlyMount("leases")
      #expect(leases.status == 0)
      #expect(try JSON(leases.text)["source"] == .text("copy"))
      #expect(try JSON(leases.text)["leases"].items.count == 1)
      try await onReadOnlyMount("pin 1").expectFailure("read_only", status: 7)
    }
  }
}

extension Sandbox {
  func setMode(_ mode: Int, of files: URL...) throws {
    for file in files {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }
  }

  func replaceIndex(byFixture name: String) throws {
    let source = Fixtures.folder.appending(path: name).appending(path: "index.sqlite")
    try FileManager.default.removeItem(at: index)
    try FileManager.default.copyItem(at: source, to: index)
    try setMode(0o644, of: index)
  }
}
