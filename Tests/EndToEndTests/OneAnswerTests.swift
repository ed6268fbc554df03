import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Whoever is asked, the problems of a cache are the same ones, in the same order.
  @Suite struct OneAnswer {
    /// The ids of the problems that a verb names.
    private func problems(_ sandbox: Sandbox, _ verb: String...) async throws -> [String] {
      let result = try await Shell.run(
        Binary.path, verb + ["--json"], environment: sandbox.environment, folder: sandbox.folder)
      return try JSON(result.text)["findings"].items
        .filter { $0["severity"] != .text("info") }.compactMap { $0["id"].text }
    }

    /// How many the overview counts.
    private func shown(_ sandbox: Sandbox) async throws -> Int {
      let screen = try await sandbox.run("--script", "", "--size", "160x50")
      if screen.text.contains("No problems.") { return 0 }
      let heading = try #require(screen.text.firstRange(of: "PROBLEMS "), "\(screen.text)")
      return try #require(Int(screen.text[heading.upperBound...].prefix { $0.isNumber }))
    }

    private func expectOneAnswer(_ sandbox: Sandbox) async throws -> [String] {
      let status = try await problems(sandbox, "status")
      #expect(try await problems(sandbox, "doctor") == status)
      #expect(try await shown(sandbox) == status.count)
      let plain = try await sandbox.run("--plain")
      #expect(plain.text.split(separator: "\n").count { $0.hasPrefix("Problem ") } == status.count)
      return status
    }

    @Test("K10: status, doctor and overview of the demo name the same problems")
    func demo() async throws {
      let sandbox = try await Sandbox.demo()
      let found = try await expectOneAnswer(sandbox)
      #expect(found.contains("pinned_drift") && found.count >= 4)
    }

    @Test("K10: those of a legacy cache begin with what every other fix needs")
    func legacy() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      try await sandbox.sqlite(
        "INSERT INTO leases (entry_id, holder_pid, acquired_at) SELECT 777, 4194305, 1")
      let found = try await expectOneAnswer(sandbox)
      #expect(found.first?.hasPrefix("migration_") == true, "\(found)")
      // In the order in which they are printed, each as it stands.
      for _ in 0..<8 {
        let report = try await sandbox.run("status", "--json")
        let fixes = try JSON(report.text)["findings"].items.filter {
          $0["fix_class"] == .text("safe") || $0["fix_class"] == .text("asks")
        }
        guard let fix = fixes.first?["fix"].text else { break }
        let typed = fix.replacingOccurrences(of: "cachescope ", with: "\"$0\" ")
        let done = try await Shell.run(
          "sh", ["-c", typed, Binary.path], environment: sandbox.environment)
        #expect(done.status == 0, "\(fix): \(done.text)\(done.errorText)")
      }
      let left = try await sandbox.run("status", "--json")
      #expect(
        try JSON(left.text)["findings"].items.allSatisfy { $0["fix_class"] != .text("safe") })
    }

    @Test("K10: those of a damaged index")
    func damaged() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-platform+lnk")
      let pages = try await sandbox.sqlite(
        "SELECT pageno FROM dbstat WHERE name = 'entries' AND pagetype = 'leaf' LIMIT 1")
      let page = UInt64(pages) ?? 2
      let handle = try FileHandle(forWritingTo: sandbox.index)
      try handle.seek(toOffset: (page - 1) * 4096 + 8)
      try handle.write(contentsOf: Data((0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }))
      try handle.close()
      let status = try await sandbox.run("status", "--json")
      guard !(try JSON(status.text)["findings"].items.isEmpty) else { return }
      _ = try await expectOneAnswer(sandbox)
    }

    @Test("K10: the pointers of a project count for status as they do on the screen")
    func project() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let folder = sandbox.folder
      try Data().write(to: folder.appending(path: "platformio.ini"))
      try Data("{".utf8).write(to: folder.appending(path: "bad.fetch"))
      let url = "https://example.com/a.bin"
      let sha = String(repeating: "a", count: 64)
      try Data("{\"v\":1,\"url\":\"\(url)\",\"sha256\":\"\(sha)\"}".utf8)
        .write(to: folder.appending(path: "new.fetch"))
      let found = try await expectOneAnswer(sandbox)
      #expect(found == ["pointer_malformed"], "one that is not fetched yet is no problem")
    }

    @Test("K10: each verb counts an entry with several leases once")
    func severalLeases() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        """
        INSERT INTO leases VALUES (1, 4194305, 5, 1, 1), (1, 4194306, 6, 1, 1);
        UPDATE entries SET pinned = 2 WHERE id = 1;
        """)
      let bytes = try await sandbox.sqlite(
        "SELECT COALESCE(archive_bytes, 0) + COALESCE(installed_bytes, 0) FROM entries WHERE id = 1"
      )
      let status = try await sandbox.run("status", "--json")
      let finding = try #require(
        try JSON(status.text)["findings"].items.first { $0["where"]["rows"] == .text("leases") })
      #expect(finding["bytes"] == .integer(Int64(bytes) ?? -1))
      #expect(finding["where"]["ids"].items.count == 2)
    }
  }
}
