import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What is printed is on the disk, while another program has the index open.
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct Durability {
    static let changes = [
      ["pin", "3", "--reason", "why"], ["unpin", "1"], ["release", "--stuck"], ["doctor", "--fix"],
      ["lnk", "pull", "../project/data"], ["migrate"],
    ]

    private func sandbox(_ verb: [String]) async throws -> Sandbox {
      verb == ["migrate"]
        ? try Sandbox(fixture: "legacy-VA-migrated-by-2.5.47") : try await Sandbox.demo()
    }

    private func run(
      _ verb: [String], _ sandbox: Sandbox, _ options: [String]
    ) async throws -> Shell.Result {
      try await Shell.run(
        "strace", ["-f", "-qq", "-y"] + options + [Binary.path] + verb,
        environment: sandbox.environment, folder: sandbox.cache)
    }

    @Test(
      "K13: the index's log and the journal are synced before the first word is printed",
      .enabled(if: Machine.isInitialPIDNamespace), arguments: Durability.changes)
    func order(verb: [String]) async throws {
      let sandbox = try await sandbox(verb)
      let writer = try await Writer(sandbox)
      try await writer.execute("SELECT count(*) FROM entries")
      let log = sandbox.folder.appending(path: "trace").path
      let calls = "trace=write,pwrite64,fsync,fdatasync"
      let result = try await run(verb, sandbox, ["-o", log, "-e", calls])
      // The demo's doctor has something left to tell.
      let expected: Int32 = verb[0] == "doctor" ? 1 : 0
      #expect(result.status == expected, "\(result.text)\(result.errorText)")
      let trace = SyncTrace(try String(contentsOfFile: log, encoding: .utf8))
      #expect(trace.written.contains { $0.hasSuffix("-wal") }, "\(verb) changed nothing")
      #expect(trace.owed == [], "\(verb)")
      try await writer.kill()
    }

    @Test("K13: a sync of the index or of the journal that fails is a failure", arguments: 1...3)
    func failing(sync: Int) async throws {
      let sandbox = try await sandbox(["pin"])
      let writer = try await Writer(sandbox)
      try await writer.execute("UPDATE entries SET use_count = use_count + 1 WHERE id = 3")
      let journal = sandbox.folder.appending(path: "home/state/cachescope/journal.jsonl").path
      let result = try await run(
        ["pin", "3", "--json"], sandbox,
        [
          "-o", "/dev/null", "-P", sandbox.index.path + "-wal", "-P", journal,
          "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=\(sync)",
        ])
      try result.expectFailure("io", status: 1)
      // A pin is two leases.
      let isPinned = try await sandbox.pinned(3) == "2"
      // The line, the change, the outcome: only the last one fails when the change was made.
      #expect(isPinned == (sync == 3))
      let message = try #require(try JSON(result.text)["error"]["message"].text)
      #expect(message.contains("was made") == isPinned, "\(message)")
      try await writer.kill()
    }

    /// The entries whose pin the journal tells as made.
    private func finished(_ sandbox: Sandbox) throws -> [String] {
      let path = sandbox.folder.appending(path: "home/state/cachescope/journal.jsonl").path
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let parsed = try lines.map { try JSON(String($0)) }
      let done = parsed.filter { $0["outcome"] == .text("done") }.compactMap { $0["id"].text }
      return parsed.filter { done.contains($0["id"].text ?? "") }.compactMap {
        $0["command"][1].text
      }
    }

    @Test("K13: a change that a kill interrupts has a line exactly where it was made")
    func killed() async throws {
      let clean = try await sandbox(["pin"])
      var fates: Set<String> = []
      for call in 1...12 {
        try? FileManager.default.removeItem(at: clean.folder.appending(path: "home/state"))
        try await clean.sqlite("DELETE FROM leases WHERE entry_id = 3")
        let writer = try await Writer(clean)
        let inject = "inject=write,pwrite64,fdatasync:signal=SIGKILL:when=\(call)"
        _ = try await run(
          ["pin", "3"], clean,
          ["-o", "/dev/null", "-e", "trace=write,pwrite64,fdatasync", "-e", inject])
        try await writer.kill()
        let leases = try await clean.sqlite("SELECT count(*) FROM leases WHERE entry_id = 3")
        #expect(["0", "2"].contains(leases), "a pin is two leases or none")
        let isMade = leases == "2"
        // Any change of ours settles what was left.
        _ = try await clean.run("pin", "4")
        #expect(isMade == (try finished(clean).contains("3")), "killed at call \(call)")
        fates.insert("\(isMade)")
      }
      #expect(fates.count == 2, "kills before and after the commit")
    }
  }
}

/// The writes and syncs of a traced run, up to the first write to its output.
private struct SyncTrace {
  /// Files of the cache and the journal that were written.
  var written: Set<String> = []
  /// Those that were not synced when the first word was printed.
  var owed: Set<String> = []

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let match = line.firstMatch(of: /(write|pwrite64|fsync|fdatasync)\((\d+)<([^>]*)>/)
      else { continue }
      if match.2 == "1" { return }
      let path = String(match.3)
      guard path.contains("index.sqlite") || path.hasSuffix("journal.jsonl") else { continue }
      if match.1.hasSuffix("sync") {
        owed.remove(path)
      } else if !path.hasSuffix("-shm") {
        written.insert(path)
        owed.insert(path)
      }
    }
  }
}
