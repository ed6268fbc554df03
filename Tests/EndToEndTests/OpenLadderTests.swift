import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// How an index is opened without writing: live, immutable or by copy (R3).
  @Suite struct OpenLadder {
    @Test(
      "R1, R3: every fixture is read without a change, and the rung is named",
      arguments: Fixtures.all)
    func fixtures(name: String) async throws {
      let sandbox = try Sandbox(fixture: name)
      let results = try await sandbox.expectingNoChange { try await sandbox.inspectEverything() }
      let rung = name.hasSuffix("hot-wal") ? "copy" : "immutable"
      for (verb, result) in results {
        #expect(result.status == 0, "\(verb)")
        #expect(try JSON(result.text)["source"] == .text(rung), "\(verb)")
        #expect(try JSON(result.text)["cache"] == .text(sandbox.cache.path), "\(verb)")
      }
    }

    @Test("T-A9: a hot WAL without -shm is read through a private copy, its rows included")
    func hotWAL() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease-hot-wal")
      let entries = try await sandbox.expectingNoChange { try await sandbox.report("entries") }
      #expect(entries["source"] == .text("copy"))
      #expect(entries["entries"].items.count == 3)
      #expect(entries["entries"][2]["use_count"] == .integer(254))
    }

    /// The main file cut to nothing beside a WAL with every page, which SQLite deletes when it opens them.
    private func cutIndex(withSharedMemory: Bool) async throws -> Sandbox {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let writer = try await Writer(sandbox)
      try await writer.execute("PRAGMA wal_autocheckpoint = 0")
      try await writer.execute("VACUUM")
      let kept = ["-wal", "-shm"].map { sandbox.index.path + $0 }
      for path in kept { try FileManager.default.copyItem(atPath: path, toPath: path + ".kept") }
      try await writer.kill()
      for path in kept {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
      }
      if !withSharedMemory { try FileManager.default.removeItem(atPath: kept[1]) }
      try Data().write(to: sandbox.index)
      return sandbox
    }

    @Test(
      "R1, R3: of an empty index beside a full WAL all rows are shown, and the WAL stays, with its damage named",
      arguments: [true, false])
    func loneLog(withSharedMemory: Bool) async throws {
      let sandbox = try await cutIndex(withSharedMemory: withSharedMemory)
      try await sandbox.expectingNoChange {
        for verb in [["entries"], ["status"], ["gc"], ["leases"], ["doctor"], ["snapshot"]] {
          let result = try await Shell.run(
            Binary.path, verb + ["--json"], environment: sandbox.environment)
          #expect(result.status == 4 || verb == ["snapshot"], "\(verb): \(result.status)")
          let report = try JSON(result.text)
          #expect(report["source"] == .text("copy"), "\(verb)")
          if verb == ["entries"] { #expect(report["entries"].items.count == 3) }
        }
        for change in [["pin", "1"], ["release", "--stuck"], ["migrate"], ["evict", "1"]] {
          let result = try await Shell.run(
            Binary.path, change + ["--json"], environment: sandbox.environment)
          try result.expectFailure("damaged", status: 4)
        }
      }
    }

    @Test("K3: with few descriptors each look ends, and leaves no folder behind", arguments: 4...12)
    func descriptors(limit: Int) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      for verb in ["verify", "status", "snapshot"] {
        // The second limit ends a run that would go on for ever.
        let result = try await Shell.run(
          "sh", ["-c", "ulimit -n \(limit); ulimit -t 20; exec \"$0\" \(verb)", Binary.path],
          environment: sandbox.environment)
        #expect(result.status < 128, "\(verb): \(result.status)")
        let temporary = sandbox.folder.appending(path: "tmp").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
      }
    }

    @Test("R6: the rows that only a WAL has come back by `rebuild`")
    func rebuiltLog() async throws {
      let sandbox = try await cutIndex(withSharedMemory: true)
      let result = try await sandbox.run("rebuild", "--yes", "--json")
      #expect(result.status == 0, "\(result.text)")
      #expect(try await sandbox.report("entries")["entries"].items.count == 3)
    }

    @Test("R3: with a writer at work the index is read live")
    func live() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let writer = try await Writer(sandbox)
      try await writer.execute("UPDATE entries SET use_count = 7 WHERE id = 1")
      let entries = try await sandbox.expectingNoChange { try await sandbox.report("entries") }
      #expect(entries["source"] == .text("live"))
      #expect(entries["entries"].items.contains { $0["use_count"] == .integer(7) })
    }

    @Test("T-A19: user_version and application_id of others are tolerated")
    func otherPragmas() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite("PRAGMA user_version = 9; PRAGMA application_id = 77;")
      let entries = try await sandbox.report("entries")
      #expect(entries["entries"].items.count == 3)
    }

    @Test("T-A20: a hot rollback journal is applied to the copy, never in place")
    func hotJournal() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let journal = sandbox.index.path + "-journal"
      // The files are taken from the middle of a transaction that has spilled to disk.
      let script = sandbox.folder.appending(path: "script.sql")
      let lines =
        """
        PRAGMA journal_mode = DELETE;
        PRAGMA cache_size = 2;
        BEGIN;
        UPDATE entries SET use_count = 99;
        CREATE TABLE filler (x);
        INSERT INTO filler SELECT randomblob(4000) FROM entries, entries b, entries c, entries d;
        .shell cp '\(sandbox.index.path)' '\(sandbox.folder.path)/db'
        .shell cp '\(journal)' '\(sandbox.folder.path)/journal'
        ROLLBACK;
        """
      try lines.write(to: script, atomically: true, encoding: .utf8)
      try await sandbox.sqlite(".read '\(script.path)'")
      for (from, to) in [("db", sandbox.index.path), ("journal", journal)] {
        try Data(contentsOf: sandbox.folder.appending(path: from)).write(to: URL(filePath: to))
      }
      let entries = try await sandbox.expectingNoChange { try await sandbox.report("entries") }
      #expect(entries["source"] == .text("copy"))
      #expect(entries["entries"].items.map { $0["use_count"] } == [0, 0, 0].map(JSON.integer))
    }

    @Test(
      "T-A21: other page sizes, vacuum modes and encodings read the same",
      arguments: [
        "PRAGMA page_size = 512", "PRAGMA page_size = 65536", "PRAGMA auto_vacuum = 1",
        "PRAGMA encoding = 'UTF-16le'",
      ])
    func otherFormats(pragma: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let wanted = try await sandbox.report("entries")["entries"]
      let dump = try await sandbox.sqlite(".dump")
      try FileManager.default.removeItem(at: sandbox.index)
      let script = sandbox.folder.appending(path: "dump.sql")
      try "\(pragma);\nPRAGMA journal_mode = WAL;\n\(dump)\n"
        .write(to: script, atomically: true, encoding: .utf8)
      try await sandbox.sqlite(".read '\(script.path)'")
      #expect(try await sandbox.report("entries")["entries"] == wanted)
    }

    @Test(
      "R4: looking never writes to the index, not even as the last connection",
      .enabled(if: Machine.hasStrace, "strace is not installed"),
      arguments: inspectingVerbs + [["entry", "1"]])
    func noCheckpoint(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let writer = try await Writer(sandbox)
      try await writer.execute("UPDATE entries SET use_count = 5")
      // Killed, it leaves a hot WAL and its -shm behind: the next last close could checkpoint.
      try await writer.kill()
      let log = sandbox.folder.appending(path: "strace")
      let before = sandbox.snapshot()
      let result = try await Shell.run(
        "strace",
        ["-f", "-y", "-o", log.path, "-e", "trace=pwrite64,pwritev,write,ftruncate,unlink,rename"]
          + [Binary.path] + verb, environment: sandbox.environment, folder: sandbox.folder)
      #expect(result.status == 0)
      #expect(sandbox.snapshot().difference(from: before).isEmpty)
      let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
      let writes = lines.filter {
        $0.contains(sandbox.index.path) && !$0.contains("index.sqlite-shm")
      }
      #expect(writes.isEmpty)
    }
  }
}
