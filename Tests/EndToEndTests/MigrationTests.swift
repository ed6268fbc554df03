import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  @Suite struct Migrating {
    private static let ids = [
      "m001_initial_schema", "m002_add_leases_refcount", "cachescope_001_leases_holder_nonce",
    ]

    @Test(
      "M1, M6, T-C1: a legacy index migrates to the shape of a fresh one",
      arguments: Fixtures.legacy)
    func migrates(name: String) async throws {
      let sandbox = try Sandbox(fixture: name)
      let before = try await sandbox.report("migrations")
      #expect(before["migrations"].items.contains { $0["state"] != .text("applied") })
      _ = try await sandbox.report("migrate")
      let after = try await sandbox.report("migrations")
      #expect(after["migrations"].items.map { $0["id"].text } == Self.ids)
      #expect(after["migrations"].items.allSatisfy { $0["state"] == .text("applied") })
      let fresh = try Sandbox(fixture: "2.5.47")
      for table in ["entries", "leases", "cache_meta", "schema_migrations"] {
        let shape =
          "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('\(table)')"
          + " ORDER BY name"
        #expect(try await sandbox.sqlite(shape) == (try await fresh.sqlite(shape)), "\(table)")
      }
      #expect(try await sandbox.sqlite("PRAGMA integrity_check") == "ok")
    }

    @Test(
      "M2, T-C4: sixteen migrators at once all succeed, and the work is done once",
      arguments: Fixtures.legacy)
    func concurrentMigrators(name: String) async throws {
      let sandbox = try Sandbox(fixture: name)
      let children = try (0..<16).map { _ in
        try Child(Binary.path, ["migrate", "--json"], environment: sandbox.environment)
      }
      let pids = Set(children.map { Int64($0.pid) })
      for child in children {
        let result = try await child.result()
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
        for step in try JSON(result.text)["steps"].items {
          let isOthers = step["outcome"] == .text("already_applied")
          #expect(step["by_pid"].integer.map { pids.contains($0) && $0 != child.pid } ?? !isOthers)
        }
      }
      let ids = try await sandbox.sqlite("SELECT id FROM schema_migrations ORDER BY rowid")
      #expect(Set(ids.split(separator: "\n").map(String.init)) == Set(Self.ids))
      #expect(try await sandbox.sqlite("PRAGMA integrity_check") == "ok")
      let refcount = name.contains("VB") ? "2" : "1"
      #expect(try await sandbox.sqlite("SELECT sum(refcount) FROM leases") == refcount)
    }

    @Test(
      "X5: a rehearsal tells what would happen and changes nothing",
      arguments: Fixtures.legacy)
    func rehearses(name: String) async throws {
      let sandbox = try Sandbox(fixture: name)
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("migrate", "--rehearse", "--json")
      }
      #expect(result.status == 0, "\(result.text)")
      let pending = try await sandbox.report("migrations")
      #expect(pending["migrations"].items.contains { $0["state"] != .text("applied") })
    }

    @Test(
      "a hint names the cache that was named, so that it helps this one and no other",
      arguments: [["pin", "1"], ["release", "--stuck"], ["unpin", "1"]])
    func hints(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let root = sandbox.cache.resolvingSymlinksInPath().path
      let command = "Run `cachescope migrate --cache \(root)` first"
      var environment = sandbox.environment
      environment["FBUILD_CACHE_DIR"] = nil
      let text = try await Shell.run(
        Binary.path, verb + ["--cache", root], environment: environment)
      #expect(text.errorText.contains(command), "\(text.errorText)")
      let json = try await Shell.run(
        Binary.path, verb + ["--cache", root, "--json"], environment: environment)
      #expect(try JSON(json.text)["error"]["hint"] == .text(command))
      let plain = try await Shell.run(Binary.path, verb, environment: sandbox.environment)
      #expect(plain.errorText.contains("Run `cachescope migrate` first"))
    }

    @Test("M5: a migration leaves a backup that equals the index before it")
    func backup() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let before = try await sandbox.sqlite(".dump")
      _ = try await sandbox.report("migrate")
      let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      let backup = try #require(names.first { $0.hasPrefix("index.sqlite.bak-") })
      let dump = try await Shell.run(
        "sqlite3", [sandbox.cache.appending(path: backup).path, ".dump"])
      #expect(dump.text.trimmingCharacters(in: .newlines) == before)
    }

    @Test("M5: without a backup only when asked for")
    func noBackup() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      _ = try await sandbox.report("migrate", "--no-backup")
      let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      #expect(!names.contains { $0.contains(".bak-") })
    }

    @Test(
      "M3, T-C14: a newer schema is refused before any write, and can still be read",
      arguments: [["pin", "1"], ["migrate"], ["release", "--stuck"]])
    func newerSchema(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite("INSERT INTO schema_migrations VALUES ('m003_future', 1)")
      let entries = try await sandbox.report("entries")
      #expect(entries["entries"].items.count == 3)
      let listed = try await sandbox.report("migrations")["migrations"].items
      #expect(
        listed.contains { $0["id"] == .text("m003_future") && $0["state"] == .text("unknown") })
      let result = try await sandbox.expectingNoChange {
        try await Shell.run(Binary.path, verb + ["--json"], environment: sandbox.environment)
      }
      try result.expectFailure("newer_schema", status: 5)
    }

    @Test(
      "a schema that lacks a part is damaged, with a way out that works as printed",
      arguments: [
        "ALTER TABLE entries DROP COLUMN archive_sha256",
        "CREATE TRIGGER t AFTER UPDATE ON entries BEGIN SELECT 1; END",
        "ALTER TABLE cache_meta RENAME TO m; CREATE VIEW cache_meta AS SELECT * FROM m",
      ])
    func damagedSchema(sql: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(sql)
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("pin", "1", "--json")
      }
      try result.expectFailure("damaged", status: 4)
      let hint = try JSON(result.text)["error"]["hint"].text ?? ""
      #expect(hint.contains("`cachescope rebuild`") && hint.contains("`cachescope backups`"))
      #expect(!hint.contains("update cachescope"))
      let doctor = try await sandbox.run("doctor", "--json")
      let found = try JSON(doctor.text)["findings"].items
      #expect(found.contains { $0["id"] == .text("schema_damaged") }, "\(doctor.text)")
      #expect(try await sandbox.run("rebuild", "--yes").status == 0)
      #expect(try await sandbox.run("pin", "1").status == 0)
    }

    @Test(
      "T-C6: a migration killed at any write leaves the old schema or the new one",
      .enabled(if: Machine.hasStrace, "strace is not installed"))
    func killedMigration() async throws {
      for write in 1...12 {
        let sandbox = try Sandbox(fixture: "legacy-VA-migrated-by-2.5.47")
        _ = try await Shell.run(
          "strace",
          ["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e"]
            + ["inject=pwrite64:signal=SIGKILL:when=\(write)", Binary.path, "migrate"],
          environment: sandbox.environment)
        #expect(try await sandbox.sqlite("PRAGMA integrity_check") == "ok", "write \(write)")
        let columns = try await sandbox.sqlite(
          "SELECT group_concat(name) FROM pragma_table_info('leases')")
        let recorded = try await sandbox.sqlite(
          "SELECT count(*) FROM schema_migrations WHERE id LIKE 'cachescope%'")
        #expect(columns.contains("holder_nonce") == (recorded == "1"), "write \(write)")
        _ = try await sandbox.report("migrate")
        let after = try await sandbox.report("migrations")["migrations"].items
        #expect(after.allSatisfy { $0["state"] == .text("applied") }, "write \(write)")
      }
    }
  }
}
