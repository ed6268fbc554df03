import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Indexes that are databases, and not whole.
  @Suite struct DamagedIndex {
    @Test("T-A5: damaged pages give the readable rows or say damaged, and stay as they are")
    func damagedPages() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      var generator = SystemRandomNumberGenerator()
      let noise = Data((0..<8192).map { _ in UInt8.random(in: 0...255, using: &generator) })
      try sandbox.overwriteIndex(at: 4096, with: noise)
      try await sandbox.expectRowsOrDamage()
    }

    @Test("T-A6: a truncated index gives the readable rows or says damaged")
    func truncated() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let size = try Data(contentsOf: sandbox.index).count
      try FileHandle(forUpdating: sandbox.index).truncate(atOffset: UInt64(size * 3 / 4))
      try await sandbox.expectRowsOrDamage()
    }

    @Test("T-A7: a damaged LRU index costs no row")
    func damagedSideIndex() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let page = try await sandbox.sqlite(
        "SELECT rootpage FROM sqlite_master WHERE name = 'idx_lru_archive'")
      let number = try #require(UInt64(page))
      try sandbox.overwriteIndex(
        at: (number - 1) * 4096, with: Data(repeating: 0xFF, count: 4096))
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("entries", "--json")
      }
      #expect(result.status == 0)
      #expect(try JSON(result.text)["entries"].items.count == 3)
    }

    @Test("T-A11: an index whose WAL was deleted still opens")
    func walDeleted() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease-hot-wal")
      try FileManager.default.removeItem(atPath: sandbox.index.path + "-wal")
      try await sandbox.expectRowsOrDamage()
    }

    @Test("T-A12: a WAL cut inside a frame is read up to its last good commit")
    func walCut() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease-hot-wal")
      let wal = URL(filePath: sandbox.index.path + "-wal")
      try FileHandle(forUpdating: wal).truncate(atOffset: 32 + 200 * (24 + 4096) + 100)
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("entries", "--json")
      }
      #expect(result.status == 0)
      #expect(try JSON(result.text)["source"] == .text("copy"))
      #expect(try JSON(result.text)["entries"].items.count == 3)
      let ignored = try #require(try JSON(result.text)["ignored_wal_frames"].integer)
      #expect(ignored > 0)
      let status = try await sandbox.report("status")
      #expect(status["ignored_wal_frames"] == .integer(ignored))
      for verb in ["status", "entries"] {
        let text = try await sandbox.run(verb)
        #expect((text.text + text.errorText).contains("of the WAL ignored"), "\(verb)")
      }
    }

    @Test("T-A13: the WAL of another database is read as SQLite reads it, on a copy")
    func foreignWAL() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-platform+lnk")
      try FileManager.default.copyItem(
        at: Fixtures.folder.appending(path: "2.5.47-stale-lease-hot-wal/index.sqlite-wal"),
        to: URL(filePath: sandbox.index.path + "-wal"))
      // The expectation comes from SQLite itself, on a copy that it may recover.
      let twin = try Sandbox(fixture: "2.5.47-platform+lnk")
      try FileManager.default.copyItem(
        atPath: sandbox.index.path + "-wal", toPath: twin.index.path + "-wal")
      let wanted = try await twin.sqlite("SELECT group_concat(id || stem) FROM entries NOT INDEXED")
      let report = try await sandbox.expectingNoChange { try await sandbox.report("entries") }
      let rows = report["entries"].items.map { "\($0["id"].integer ?? 0)\($0["stem"].text ?? "")" }
      #expect(rows.joined(separator: ",") == wanted)
    }

    @Test("T-A14: a garbage -shm is never trusted", arguments: [0, 100, 32768, 1 << 20])
    func garbageSharedMemory(size: Int) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease-hot-wal")
      let shm = URL(filePath: sandbox.index.path + "-shm")
      try Data(repeating: 0x5A, count: size).write(to: shm)
      let leases = try await sandbox.expectingNoChange { try await sandbox.report("leases") }
      #expect(leases["leases"].items.count == 1)
      #expect(leases["leases"][0]["entry_id"] == .integer(3))
    }

    @Test("T-A22: a sparse file of 64 GiB with a valid header is read at once")
    func sparse() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try FileHandle(forUpdating: sandbox.index).truncate(atOffset: 64 << 30)
      let result = try await sandbox.run("entries", "--json", within: .seconds(10))
      #expect([0, 4].contains(result.status))
    }

    @Test("T-A23: objects that only look like ours are reported, and nothing of them runs")
    func hostileSchema() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        """
        ALTER TABLE entries RENAME TO hidden;
        CREATE VIEW entries AS SELECT *, load_extension('/nonexistent') AS x FROM hidden;
        """)
      let results = try await sandbox.expectingNoChange { try await sandbox.inspectEverything() }
      let migrations = try #require(results["migrations"])
      #expect(migrations.status != 0 || migrations.text.contains("damaged"))
      let pin = try await sandbox.expectingNoChange { try await sandbox.run("pin", "1", "--json") }
      #expect(pin.status != 0)
    }
  }
}

extension Sandbox {
  /// Expects either rows or “damaged” from every verb, never a crash, and no change on disk.
  func expectRowsOrDamage(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let results = try await expectingNoChange(sourceLocation: sourceLocation) {
      try await inspectEverything()
    }
    for (verb, result) in results where result.status != 0 {
      #expect([1, 4].contains(result.status), "\(verb)", sourceLocation: sourceLocation)
      let code = try JSON(result.text)["error"]["code"].text
      #expect(["damaged", "no_index"].contains(code), "\(verb)", sourceLocation: sourceLocation)
    }
  }
}
