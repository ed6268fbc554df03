import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// The indexes that are kept, and going back to one.
  @Suite struct Backups {
    /// An old cache that was migrated, with one entry more since.
    private func sandbox() async throws -> (Sandbox, String) {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      #expect(try await sandbox.run("migrate").status == 0)
      let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      return (sandbox, try #require(names.first { $0.contains(".bak-") && !$0.hasPrefix(".") }))
    }

    private func schema(_ sandbox: Sandbox) async throws -> String {
      try await sandbox.sqlite("SELECT group_concat(name) FROM pragma_table_info('leases')")
    }

    @Test("each backup is listed with its time, reason, size and schema, and nothing is written")
    func list() async throws {
      let (sandbox, name) = try await sandbox()
      let mine = sandbox.cache.appending(path: "index.sqlite.bak-mine")
      try Data("x".utf8).write(to: mine)
      let found = try await sandbox.expectingNoChange {
        try await sandbox.report("backups")["backups"].items
      }
      #expect(found.count == 1 && found[0]["name"].text == name, "\(found)")
      #expect(found[0]["reason"].text == "migrate" && (found[0]["bytes"].integer ?? 0) > 0)
      #expect(found[0]["kept_at"].integer != nil && found[0]["problem"] == .null)
      let text = try await sandbox.run("backups")
      #expect(text.text.contains("migrate") && text.text.contains(name.dropFirst(13)))
    }

    @Test("pins that came after a backup are named before it is put back, and in the answer")
    func lostPins() async throws {
      let (sandbox, name) = try await sandbox()
      let id = try await sandbox.sqlite("SELECT min(id) FROM entries")
      let backup = try await sandbox.run("migrate", "--json")
      #expect(backup.status == 0)
      #expect(try await sandbox.run("pin", id).status == 0)
      let told = try await sandbox.run("backups", "--restore", name, "--dry-run")
      #expect(told.text.contains("it lacks the durable pin on entry \(id)"), "\(told.text)")
      let done = try await sandbox.report("backups", "--restore", name, "--yes")
      #expect(done["lost_pins"].items.first?["entry_id"].integer.map(String.init) == id)
    }

    @Test("a backup takes the place of the index, which is kept and can be put back in turn")
    func restore() async throws {
      let (sandbox, name) = try await sandbox()
      let migrated = try await schema(sandbox)
      let before = sandbox.snapshot()
      for arguments in [["backups", "--restore", name], ["backups", "--restore", name, "--json"]] {
        let asked = try await Shell.run(
          Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
        #expect(asked.status == 64, "without --yes: \(asked.text)")
      }
      let refused = try await sandbox.run("backups", "--restore", name, "--yes", "--read-only")
      #expect(refused.status == 7)
      let told = try await sandbox.report("backups", "--restore", name, "--dry-run")
      #expect(told["dry_run"] == .bool(true) && told["kept"] == .null)
      #expect(sandbox.snapshot() == before)
      let done = try await sandbox.report("backups", "--restore", name, "--yes")
      let old = try await schema(sandbox)
      #expect(old != migrated, "the old schema is back")
      let kept = try #require(done["kept"].text).split(separator: "/").last.map(String.init) ?? ""
      #expect(kept.hasPrefix("index.sqlite.replaced-"))
      let again = try await sandbox.run("backups", "--restore", kept, "--yes")
      #expect(again.status == 0, "\(again.errorText)")
      #expect(try await schema(sandbox) == migrated)
      #expect(try await sandbox.sqlite("PRAGMA integrity_check") == "ok")
    }

    @Test("nothing is put back that is damaged, unknown, or while somebody has the index open")
    func refusals() async throws {
      let (sandbox, name) = try await sandbox()
      let path = sandbox.cache.appending(path: name)
      let sound = try Data(contentsOf: path)
      let unknown = try await sandbox.run("backups", "--restore", "../x", "--yes", "--json")
      try unknown.expectFailure("not_found", status: 1)
      let other = try await Writer(sandbox)
      let busy = try await sandbox.run("backups", "--restore", name, "--yes", "--json")
      try busy.expectFailure("busy", status: 3)
      let tried = try await sandbox.run("backups", "--restore", name, "--dry-run", "--json")
      try tried.expectFailure("busy", status: 3)
      try await other.kill()
      try Data(sound.prefix(sound.count / 2)).write(to: path)
      let damaged = try await sandbox.run("backups", "--restore", name, "--yes", "--json")
      try damaged.expectFailure("damaged", status: 4)
    }

    @Test(
      "a restore that is killed at any call leaves an index, and both of them",
      .enabled(if: Machine.hasStrace), arguments: ["rename", "link", "fsync", "unlinkat", "mkdir"])
    func killed(call: String) async throws {
      let (sandbox, name) = try await sandbox()
      let backup = try Data(contentsOf: sandbox.cache.appending(path: name))
      var ends = false
      for place in 1...40 where !ends {
        let result = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=SIGKILL:when=\(place)", Binary.path, "backups", "--restore",
            name,
            "--yes",
          ], environment: sandbox.environment, folder: sandbox.folder)
        ends = result.status == 0
        #expect(
          try await sandbox.sqlite("PRAGMA quick_check") == "ok", "killed at \(call) \(place)")
        let rows = try await sandbox.sqlite("SELECT count(*) FROM entries")
        #expect(Int(rows) ?? 0 > 0, "killed at \(call) \(place)")
        let kept = try Data(contentsOf: sandbox.cache.appending(path: name))
        #expect(kept == backup, "killed at \(call) \(place)")
      }
      #expect(ends, "it never came to its end")
      let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      #expect(!left.contains { $0.hasPrefix(".cachescope-rebuild") })
    }

    @Test("backups are deleted by name, all of them or none")
    func delete() async throws {
      let (sandbox, name) = try await sandbox()
      let path = sandbox.cache.appending(path: name).path
      let missing = try await sandbox.run("backups", "--delete", name, "bak-x", "--yes")
      #expect(missing.status == 1 && FileManager.default.fileExists(atPath: path))
      let short = String(name.dropFirst("index.sqlite.".count))
      let told = try await sandbox.run("backups", "--delete", short, "--dry-run")
      #expect(told.status == 0 && FileManager.default.fileExists(atPath: path))
      let done = try await sandbox.report("backups", "--delete", short, "--yes")
      #expect(done["deleted"][0]["name"].text == name)
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(try await sandbox.report("backups")["backups"].items.isEmpty)
    }
  }
}
