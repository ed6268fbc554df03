import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What a person is told to type has to work as it stands.
  @Suite struct Fixes {
    @Test("X12: a cache that was named by --cache is named in its fixes, for a shell")
    func cacheOption() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let odd = sandbox.folder.appending(path: "a cache's")
      try FileManager.default.moveItem(at: sandbox.cache, to: odd)
      let index = odd.appending(path: "index.sqlite").path
      let broken = try await Shell.run("sqlite3", [index, "UPDATE entries SET pinned = 7"])
      #expect(broken.status == 0)
      for verb in ["status", "doctor"] {
        let result = try await sandbox.run(verb, "--cache", odd.path, "--json")
        let finding = try JSON(result.text)["findings"].items.first {
          $0["id"] == .text("pinned_drift")
        }
        let fix = try #require(finding?["fix"].text)
        #expect(fix.hasPrefix("cachescope doctor --fix --cache "))
        let text = try await sandbox.run(verb, "--cache", odd.path)
        #expect(text.text.contains(fix))
        let plain = try await sandbox.run("--plain", "--cache", odd.path)
        #expect(plain.text.contains(fix))
        guard verb == "doctor" else { continue }
        // As it stands, by a shell.
        let typed = fix.replacingOccurrences(of: "cachescope ", with: "\"$0\" ")
        let fixed = try await Shell.run(
          "sh", ["-c", typed, Binary.path], environment: sandbox.environment)
        #expect(fixed.status == 0, "\(fixed.text)\(fixed.errorText)")
      }
      let named = try await sandbox.run("status", "--json", adding: ["FBUILD_CACHE_DIR": odd.path])
      #expect(!named.text.contains("--cache"))
    }

    /// Where an archive may lie, its folder made.
    private static func blobPlace(_ sandbox: Sandbox) throws -> URL {
      let file = sandbox.cache.appending(path: "archives/x/blob.bin")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      return file
    }

    @Test(
      "R5, T-A28: doctor notes an affected SQLite beside an index in WAL mode, and is still clean")
    func walReset() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let status = try await sandbox.report("status")
      let version = try #require(status["sqlite"].text)
      let isOld = version.split(separator: ".").compactMap { Int($0) }
        .lexicographicallyPrecedes([3, 44, 6])
      let doctor = try await sandbox.run("doctor", "--json")
      let notes = try JSON(doctor.text)["findings"].items
      #expect(doctor.status == 0, "a note is no problem")
      #expect(status["findings"].items.isEmpty)
      #expect(notes.allSatisfy { $0["severity"] == .text("info") })
      let gone = ["gone_files"]
      #expect(notes.map { $0["id"].text } == gone + (isOld ? ["sqlite_wal_reset"] : []))
      try await sandbox.sqlite("PRAGMA journal_mode = DELETE")
      let quiet = try await sandbox.run("doctor", "--json")
      #expect(try JSON(quiet.text)["findings"].items.map { $0["id"].text } == gone)
    }

    @Test("a package that is named and stays is no success")
    func namedPackage() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.run("doctor", "--fix", "toolchains/none")
      #expect(result.status == 7 && result.errorText.contains("toolchains/none stays"))
    }

    @Test("A3: doctor tells where an archive is not as long as its row says, and only there")
    func sizes() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try Self.blobPlace(sandbox)
      try await sandbox.sqlite(
        "UPDATE entries SET archive_path = 'archives/x/blob.bin', archive_bytes = 5 WHERE id = 1")
      func found(_ text: String) async throws -> [JSON] {
        try Data(text.utf8).write(to: file)
        return try JSON(try await sandbox.run("doctor", "--json").text)["findings"].items
          .filter { $0["id"] == .text("archive_size") }
      }
      #expect(try await found("whole").isEmpty)
      let cut = try await found("who")
      #expect(cut.first?["where"]["ids"].items == [.text("1")], "\(cut)")
      #expect(cut.first?["fix"].text?.hasSuffix("verify 1") == true, "\(cut)")
      #expect(try await found("whole and more").count == 1)
      try FileManager.default.removeItem(at: file)
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
      let folder = try JSON(try await sandbox.run("doctor", "--json").text)["findings"].items
      #expect(folder.allSatisfy { $0["id"] != .text("archive_size") })
    }

    @Test("A row that begins with the relative path of its cache is not shown with it twice")
    func relativeRow() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try Self.blobPlace(sandbox)
      try Data("x".utf8).write(to: file)
      let name = "\(sandbox.folder.lastPathComponent)/cache/archives/x/blob.bin"
      try await sandbox.sqlite("UPDATE entries SET archive_path = '\(name)' WHERE id = 1")
      let archive = try await sandbox.report("entry", "1")["files"]["archive"]
      #expect(archive["path"] == .text(file.path) && archive["state"] == .text("present"))
      try await sandbox.sqlite(
        "UPDATE entries SET archive_path = 'archives/x/blob.bin' WHERE id = 1")
      let usual = try await sandbox.report("entry", "1")["files"]["archive"]
      #expect(usual["path"] == .text(file.path))
    }
  }
}
