import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Names, keys and exit codes that scripts rely on.
  @Suite struct Contract {
    private static let entryKeys: Set = [
      "id", "kind", "url", "stem", "hash", "version", "archive_path", "archive_bytes",
      "archive_sha256", "installed_path", "installed_bytes", "installed_at", "archived_at",
      "last_used_at", "use_count", "pinned", "leases", "refcount", "problems",
    ]
    private static let leaseKeys: Set = [
      "entry_id", "holder_pid", "holder_nonce", "refcount", "acquired_at", "verdict", "evidence",
      "holder", "entry",
    ]

    @Test("S1: entries have exactly the keys of the contract, and the values of the index")
    func entries() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-platform+lnk")
      let report = try await sandbox.report("entries")
      #expect(report["schema"] == .integer(1))
      let entries = report["entries"].items.sorted {
        ($0["id"].integer ?? 0) < ($1["id"].integer ?? 0)
      }
      #expect(entries.count == 2)
      for entry in entries { #expect(entry.keys == Self.entryKeys) }
      #expect(entries[0]["kind"] == .text("platforms"))
      #expect(entries[0]["stem"] == .text("127-ArduinoCore-avr-1"))
      #expect(entries[0]["archive_path"] == .null)
      #expect(entries[0]["installed_bytes"] == .integer(37))
      #expect(entries[0]["installed_at"] == .integer(1_795_391_422))
      #expect(entries[1]["archive_bytes"] == .integer(100_000))
      #expect(entries[1]["leases"] == .integer(0))
    }

    @Test("S1: leases have exactly the keys of the contract")
    func leases() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let leases = try await sandbox.report("leases")["leases"].items
      #expect(leases.count == 1)
      #expect(leases[0].keys == Self.leaseKeys)
      #expect(leases[0]["holder_nonce"] == .text("1795394060904566250"))
      #expect(leases[0]["holder_pid"] == .integer(10973))
      #expect(leases[0]["refcount"] == .integer(1))
      #expect(leases[0]["acquired_at"] == .integer(1_795_394_060))
      #expect(leases[0]["entry"].keys == ["kind", "stem", "version"])
    }

    @Test("S1: migrations have exactly the keys of the contract")
    func migrations() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let report = try await sandbox.report("migrations")
      for migration in report["migrations"].items {
        #expect(migration.keys == ["id", "state", "applied_at", "summary"])
      }
      #expect(report["migrations"][0]["applied_at"] == .integer(1_795_394_060))
      #expect(report.keys.contains("legacy_schema_version"))
    }

    @Test("S1: an entry is shown by its id, and an unknown one is not found")
    func entry() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      #expect(try await sandbox.run("entry", "2", "--json").status == 0)
      try await sandbox.run("entry", "99", "--json").expectFailure("not_found", status: 1)
    }

    @Test("S1: sorting, reversing, filtering and limiting choose the rows")
    func choosing() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      func bytes(_ arguments: String...) async throws -> [Int64?] {
        let result = try await Shell.run(
          Binary.path, ["entries", "--json"] + arguments, environment: sandbox.environment)
        return try JSON(result.text)["entries"].items.map { $0["archive_bytes"].integer }
      }
      let ascending = try await bytes("--sort", "archive")
      #expect(Set(ascending) == [12, 218, 100_000])
      #expect(try await bytes("--sort", "archive", "--reverse") == ascending.reversed())
      #expect(try await bytes("--filter", "small.txt") == [12])
      #expect(try await bytes("--sort", "archive", "--limit", "1") == [ascending[0]])
      #expect(try await sandbox.run("entries", "--sort", "nonsense").status == 64)
    }

    @Test(
      "S1: a wrong command line ends with 64",
      arguments: [
        ["nonsense"], ["entry"], ["pin"], ["entries", "--limit", "x"], ["release", "1:2"],
      ])
    func usage(arguments: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment)
      #expect(result.status == 64)
    }

    @Test("the cache in use is chosen as fbuild chooses it")
    func choice() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let home = sandbox.folder.appending(path: "home")
      for mode in ["prod", "dev"] {
        let root = home.appending(path: ".fbuild/\(mode)/cache")
        try FileManager.default.createDirectory(
          at: root.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: sandbox.cache, to: root)
        var variables = sandbox.environment
        variables["FBUILD_CACHE_DIR"] = nil
        variables["FBUILD_DEV_MODE"] = mode == "dev" ? "1" : "true"
        let result = try await Shell.run(
          Binary.path, ["status", "--json"], environment: variables)
        #expect(try JSON(result.text)["cache"] == .text(root.path))
      }
      let explicit = try await sandbox.run(
        "status", "--json", "--cache", home.path + "/.fbuild/dev/cache")
      #expect(try JSON(explicit.text)["cache"] == .text(home.path + "/.fbuild/dev/cache"))
    }

    @Test("T-I8: without a terminal there is no colour, unless asked for, and no waiting")
    func noTerminal() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let plain = try await sandbox.run("leases")
      #expect(plain.status == 0 && !plain.text.contains("\u{1B}"))
      let coloured = try await sandbox.run("leases", "--color", "always")
      #expect(coloured.text.contains("\u{1B}["))
      let inspector = try await Shell.run(
        Binary.path, [], environment: sandbox.environment, within: .seconds(10))
      #expect(inspector.status == 0)
      #expect(!inspector.text.isEmpty && !inspector.text.contains("\u{1B}"))
    }

    @Test("T-I8: a closed pipe ends a listing quietly")
    func closedPipe() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        "sh", ["-c", "'\(Binary.path)' entries --json | true; echo ok"],
        environment: sandbox.environment)
      #expect(result.text == "ok\n" && result.errorText.isEmpty)
    }
  }
}
