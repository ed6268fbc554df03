import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  @Suite struct Rebuild {
    /// The blobs and trees of a fixture without its index, and the rows that they give.
    private static func sandbox() async throws -> (Sandbox, [String]) {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let unpacked = try await Shell.run(
        "tar",
        ["-xzf", sandbox.cache.appending(path: "tree.tar.gz").path, "-C", sandbox.cache.path])
      guard unpacked.status == 0 else { throw ProgramError.failed("tar", 1, unpacked.errorText) }
      try FileManager.default.removeItem(at: sandbox.index)
      let told = try await sandbox.run("rebuild", "--dry-run", "--json")
      let added = try JSON(told.text)["added"].items.compactMap { $0["version"].text }
      return (sandbox, added.sorted())
    }

    private static func lose(_ sandbox: Sandbox) throws {
      for name in try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      where name.hasPrefix("index.sqlite") {
        try FileManager.default.removeItem(at: sandbox.cache.appending(path: name))
      }
    }

    @Test("S1: without --yes or a terminal nothing is done; a dry run writes nothing")
    func asks() async throws {
      let (sandbox, added) = try await Self.sandbox()
      try #require(!added.isEmpty)
      let codes = try await sandbox.expectingNoChange {
        [
          try await sandbox.run("rebuild").status,
          try await sandbox.run("rebuild", "--json").status,
          try await sandbox.run("rebuild", "--read-only", "--yes").status,
          try await sandbox.run("rebuild", "--dry-run").status,
        ]
      }
      #expect(codes == [64, 64, 7, 0])
      let done = try await sandbox.report("rebuild", "--yes")
      #expect(done["rebuilt"] == .bool(true))
      let versions = try await sandbox.sqlite("SELECT version FROM entries ORDER BY version")
      #expect(versions.split(separator: "\n").map(String.init) == added)
      let again = try await sandbox.report("rebuild", "--yes")
      #expect(again["rebuilt"] == .bool(false) && again["needed"] == .bool(false))
    }

    @Test("R6: a row with an identity of no text stays, and the leases on it")
    func oddIdentity() async throws {
      let (sandbox, _) = try await Self.sandbox()
      _ = try await sandbox.report("rebuild", "--yes")
      try await sandbox.sqlite(
        """
        UPDATE entries SET kind = x'00ff' WHERE id = 1;
        INSERT INTO leases VALUES (1, 1, 7, 3, 1);
        DELETE FROM entries WHERE id = 2
        """)
      let done = try await sandbox.report("rebuild", "--yes")
      #expect(done["rebuilt"] == .bool(true))
      let row = try await sandbox.sqlite(
        "SELECT hex(kind), refcount FROM entries JOIN leases ON entry_id = entries.id WHERE id = 1")
      #expect(row == "00FF|3")
    }

    @Test("R6: a file that is no database is told of with what helps, kept, and replaced")
    func notADatabase() async throws {
      let (sandbox, added) = try await Self.sandbox()
      let junk = Data(repeating: 0x41, count: 9000)
      try junk.write(to: sandbox.index)
      let done = try await sandbox.report("rebuild", "--yes")
      let kept = try #require(done["kept"].text)
      #expect(try Data(contentsOf: URL(filePath: kept)) == junk)
      #expect(done["damage"].text?.isEmpty == false)
      let count = try await sandbox.sqlite("SELECT count(*) FROM entries")
      #expect(count == "\(added.count)")
    }

    @Test(
      "R6: a folder or file that cannot be read is told of with its reason, and is not taken for nothing",
      .enabled(if: Machine.hasStrace), arguments: ["openat", "getdents64", "newfstatat"])
    func unreadable(call: String) async throws {
      let (sandbox, added) = try await Self.sandbox()
      let top = sandbox.cache.appending(path: "archives/lnk-blobs").path
      for options in [["--json"], []] {
        let result = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-P", top, "-e", "trace=\(call)", "-e",
            "inject=\(call):error=EIO", Binary.path, "rebuild", "--dry-run",
          ] + options, environment: sandbox.environment, folder: sandbox.folder)
        #expect(result.status == 1, "\(result.errorText)")
        guard !options.isEmpty else {
          #expect(result.text.contains("not searched    \(top): Input/output error"))
          continue
        }
        let report = try JSON(result.text)
        #expect(report["added"].items.count < added.count)
        #expect(report["unreadable"].items.map { $0["path"].text } == [top])
      }
    }

    private static let calls = [
      "write", "pwrite64", "fdatasync", "fsync", "rename", "link", "unlinkat", "mkdir",
    ]

    @Test(
      "J (T-J1, T-J6): a rebuild that is killed at any call loses nothing that the next one needs",
      .enabled(if: Machine.hasStrace), arguments: Rebuild.calls)
    func killed(call: String) async throws {
      let (sandbox, added) = try await Self.sandbox()
      let junk = Data(repeating: 0x41, count: 9000)
      var ends = false
      // SQLite writes each page by a call of its own: only some of them are tried.
      let step = call.hasSuffix("write") || call == "pwrite64" ? 5 : 1
      for place in stride(from: 1, through: 400, by: step) where !ends {
        try Self.lose(sandbox)
        try junk.write(to: sandbox.index)
        let result = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):signal=SIGKILL:when=\(place)", Binary.path, "rebuild", "--yes",
          ], environment: sandbox.environment, folder: sandbox.folder)
        ends = result.status == 0
        try await check(sandbox, junk, added, "killed at \(call) \(place)")
      }
      #expect(ends, "it never came to its end")
    }

    private func check(
      _ sandbox: Sandbox, _ junk: Data, _ added: [String], _ place: String
    ) async throws {
      // Either the old file is still the index, or it is kept beside the new one.
      let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      let files = names.filter { $0.hasPrefix("index.sqlite") }
      let contents = files.map { try? Data(contentsOf: sandbox.cache.appending(path: $0)) }
      #expect(contents.contains(junk), "\(place): the old index is gone")
      let next = try await sandbox.run("rebuild", "--yes")
      #expect(next.status == 0, "\(place): \(next.errorText)")
      let versions = try await sandbox.sqlite("SELECT version FROM entries ORDER BY version")
      #expect(versions.split(separator: "\n").map(String.init) == added, "\(place)")
      #expect(try await sandbox.sqlite("PRAGMA quick_check") == "ok", "\(place)")
      let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.cache.path)
      #expect(!left.contains { $0.hasPrefix(".cachescope-rebuild") }, "\(place): a draft is left")
    }
  }
}
