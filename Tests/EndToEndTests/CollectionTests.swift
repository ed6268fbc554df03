import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  struct Collection {
    private static let limits = [
      "--installed-budget", "0", "--archive-budget", "0", "--high", "0",
    ]

    private static func path(_ id: Int) -> String { "installed/packages/s/h\(id)/\(id)" }

    private func sandbox(_ count: Int) async throws -> Sandbox {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite("DELETE FROM leases; DELETE FROM entries")
      for id in 1...count { try await add(id, to: sandbox) }
      return sandbox
    }

    private func add(_ id: Int, to sandbox: Sandbox) async throws {
      let folder = sandbox.cache.appending(path: Self.path(id))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "sub"), withIntermediateDirectories: true)
      for name in ["a", "sub/b"] {
        try Data(count: 3000).write(to: folder.appending(path: name))
      }
      try await sandbox.sqlite(
        """
        INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, installed_path,
          installed_bytes)
        VALUES (\(id), 'packages', 'u', 's', 'h\(id)', 'v', \(id), '\(Self.path(id))', 6000)
        """)
    }

    private static func run(_ sandbox: Sandbox, _ arguments: [String]) async throws -> Shell.Result
    {
      try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
    }

    /// Plays keys on the screen of a cache whose limits are 0, and gives its last picture.
    private static func play(_ sandbox: Sandbox, _ keys: String) async throws -> String {
      var environment = sandbox.environment
      for name in ["INSTALLED_BUDGET", "ARCHIVE_BUDGET", "HIGH_WATERMARK"] {
        environment["FBUILD_CACHE_\(name)"] = "0"
      }
      let result = try await Shell.run(
        Binary.path, ["--script", keys, "--dump", "-", "--size", "120x40"],
        environment: environment, folder: sandbox.folder)
      #expect(result.status == 0, "\(result.errorText)")
      return result.text
    }

    @Test("the screen carries out the plan that it shows, without what is skipped")
    func screen() async throws {
      let sandbox = try await sandbox(3)
      #expect(try await Self.play(sandbox, "6").contains("[6 GC 3]"))
      let screen = try await Self.play(sandbox, "6j Ce")
      #expect(screen.contains("2 steps made, 0 left"), "\(screen)")
      #expect(try await sandbox.sqlite("SELECT id FROM entries") == "2")
      #expect(exists(Self.path(2), sandbox) && !exists(Self.path(1), sandbox))
    }

    @Test("u puts back what a run of the screen keeps, in the same program or the next")
    func screenUndo() async throws {
      let sandbox = try await sandbox(3)
      #expect(try await Self.play(sandbox, "6Cke").contains("u puts it back"))
      #expect(try await sandbox.sqlite("SELECT count(*) FROM entries") == "0")
      #expect(!exists(Self.path(1), sandbox) && exists(".cachescope-trash", sandbox))
      #expect(try await Self.play(sandbox, "6ut").contains("put back: entry 3 (installed)"))
      #expect(try await sandbox.sqlite("SELECT count(*) FROM entries") == "3")
      #expect(exists(Self.path(1) + "/sub/b", sandbox))
    }

    @Test("G7: d on Entries evicts the entry under the cursor, and no other")
    func screenEvict() async throws {
      let sandbox = try await sandbox(3)
      #expect(try await Self.play(sandbox, "2jDe").contains("removed entry 2 (installed)"))
      #expect(try await sandbox.sqlite("SELECT group_concat(id) FROM entries") == "1,3")
    }

    private func exists(_ path: String, _ sandbox: Sandbox) -> Bool {
      FileManager.default.fileExists(atPath: sandbox.cache.appending(path: path).path)
    }

    @Test(
      "K: the plan by its id, then nothing left to do; without --yes or a terminal none is carried out"
    )
    func planThenApply() async throws {
      let sandbox = try await sandbox(3)
      let shown = try await Self.run(sandbox, ["gc", "--json"] + Self.limits)
      let plan = try JSON(shown.text)["plan"]
      let id = try #require(plan["id"].text)
      let refused = try await Self.run(sandbox, ["gc", "--apply"] + Self.limits)
      #expect(refused.status == 64)
      for more in [[], ["--json"]] {
        let asked = try await Self.run(sandbox, ["gc", "--ask-daemon"] + more)
        #expect(asked.status == 64, "a daemon is not let loose unasked")
      }
      let applied = try await Self.run(sandbox, ["gc", "--apply", id, "--json"])
      #expect(applied.status == 0, "\(applied.text)\(applied.errorText)")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM entries") == "0")
      #expect(!exists(Self.path(1), sandbox) && !exists(".cachescope-trash", sandbox))
      let again = try await Self.run(sandbox, ["gc", "--apply", id])
      #expect(again.status == 0 && again.text.contains("0 steps made"), "\(again.errorText)")
    }

    @Test("T-E17: of several collectors at once each step is one's alone, and counted once")
    func race() async throws {
      let sandbox = try await sandbox(30)
      let texts = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<3 {
          group.addTask {
            try await Self.run(sandbox, ["gc", "--apply", "--yes", "--json"] + Self.limits).text
          }
        }
        return try await group.reduce(into: [String]()) { $0.append($1) }
      }
      var removed: [String] = []
      for text in texts {
        for outcome in try JSON(text)["applied"]["outcomes"].items
        where outcome["result"].text == "removed" {
          removed.append("\(outcome["entry_id"])")
        }
      }
      #expect(removed.count == 30 && Set(removed).count == 30)
      #expect(try await sandbox.sqlite("SELECT count(*) FROM entries") == "0")
      #expect(!exists(".cachescope-trash", sandbox))
    }

    private static let calls = [
      "write", "pwrite64", "fdatasync", "renameat2", "unlinkat", "mkdirat", "unlink", "openat",
    ]

    @Test(
      "J (T-J1, T-J2, T-J6): an eviction that is killed at any call leaves a row with its files or neither",
      .enabled(if: Machine.hasStrace), arguments: Collection.calls)
    func killed(call: String) async throws {
      let sandbox = try await sandbox(1)
      var fates: Set<String> = []
      // Opening is mostly looking: only some of its calls are tried.
      let step = call == "openat" ? 7 : 1
      for place in stride(from: 1, through: 400, by: step) {
        if try await sandbox.sqlite("SELECT count(*) FROM entries WHERE id = 1") == "0" {
          try await add(1, to: sandbox)
        }
        let result = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=SIGKILL:when=\(place)", Binary.path, "evict", "1",
          ], environment: sandbox.environment, folder: sandbox.cache)
        try await check(sandbox, "killed at \(call) \(place)")
        fates.insert("\(exists(Self.path(1), sandbox))")
        if result.status == 0 { break }
      }
      #expect(fates.contains("false"), "it never came to its end")
    }

    @Test(
      "J: an undo that is killed at any call can be done again, and then all is back",
      .enabled(if: Machine.hasStrace),
      arguments: ["renameat2", "pwrite64", "fdatasync", "unlinkat"])
    func killedUndo(call: String) async throws {
      let sandbox = try await sandbox(1)
      let rows = "SELECT * FROM entries"
      let before = try await sandbox.sqlite(rows)
      for place in 1...40 {
        let kept = try await Self.run(sandbox, ["evict", "1", "--keep", "1h"])
        #expect(kept.status == 0, "\(kept.errorText)")
        let result = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=SIGKILL:when=\(place)", Binary.path, "undo",
          ], environment: sandbox.environment, folder: sandbox.cache)
        _ = try await Self.run(sandbox, ["undo"])
        #expect(try await sandbox.sqlite(rows) == before, "killed at \(call) \(place)")
        for name in ["a", "sub/b"] {
          #expect(exists(Self.path(1) + "/" + name, sandbox), "killed at \(call) \(place)")
        }
        if result.status == 0 { return }
      }
      Issue.record("it never came to its end")
    }

    /// What has to hold after any kill, and after the next change.
    private func check(_ sandbox: Sandbox, _ place: String) async throws {
      let rows = try await sandbox.sqlite("SELECT count(*) FROM entries WHERE id = 1")
      if rows == "1" {
        for name in ["a", "sub/b"] {
          #expect(exists(Self.path(1) + "/" + name, sandbox), "\(place): a row without its files")
        }
      }
      try await add(2, to: sandbox)
      let next = try await Self.run(sandbox, ["evict", "2"])
      #expect(next.status == 0, "\(place): \(next.errorText)")
      #expect(!exists(".cachescope-trash", sandbox), "\(place): trash is left")
      if rows == "0" {
        #expect(!exists(Self.path(1), sandbox), "\(place): files without a row")
      }
      #expect(try await sandbox.sqlite("PRAGMA quick_check") == "ok")
    }
  }
}
