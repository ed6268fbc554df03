import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Root in somebody else's cache.
  @Suite(.enabled(if: Machine.isRoot && Shell.find("python3") != nil, "needs root and python3"))
  struct Root {
    private static let nobody = "65534"
    private static let attack = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Attack/attack.py")

    private func give(_ sandbox: Sandbox) async throws {
      for arguments in [
        ["chmod", "755", sandbox.folder.path], ["chown", "-R", "65534:65534", sandbox.cache.path],
      ] {
        _ = try await Shell.run("env", arguments)
      }
    }

    @Test("K12: links that are swapped while root works lead to no write, chown or removal outside")
    func attacked() async throws {
      let result = try await Shell.run(
        "python3", [Self.attack.path, Binary.path, "4"], within: .seconds(120))
      #expect(result.status == 0, "\(result.text)\(result.errorText)")
    }

    @Test("K7: what root makes in somebody's cache belongs to the owner")
    func owners() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      try await give(sandbox)
      #expect(try await sandbox.run("migrate").status == 0)
      let writer = try await Writer(sandbox)
      try await writer.execute("SELECT count(*) FROM entries")
      #expect(try await sandbox.run("pin", "1").status == 0)
      let mine = try await Shell.run(
        "find",
        [sandbox.cache.path, "-not", "-name", "*-shm", "-not", "-name", "*-wal", "-user", "0"])
      #expect(mine.text.isEmpty, "\(mine.text)")
      let backups = try await Shell.run(
        "find",
        [sandbox.cache.path, "-name", "*.bak-*", "-user", Self.nobody, "-group", Self.nobody])
      #expect(!backups.text.isEmpty)
      try await writer.kill()
    }

    @Test(
      "K12: a root that is somebody else's link to root's cache is shown, and refused for changes")
    func foreignRoot() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let folder = sandbox.folder.appending(path: "theirs")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let door = folder.appending(path: "door").path
      _ = try await Shell.run("ln", ["-s", sandbox.cache.path, door])
      _ = try await Shell.run("chown", ["-h", Self.nobody, folder.path, door])
      try await sandbox.expectingNoChange {
        #expect(try await sandbox.run("status", "--cache", door).status == 0)
        for verb in [["pin", "1"], ["rebuild", "--yes"], ["gc", "--apply", "--yes"]] {
          let result = try await Shell.run(
            Binary.path, verb + ["--cache", door, "--json"], environment: sandbox.environment)
          try result.expectFailure("refused", status: 7)
          #expect(result.text.contains("is a symbolic link of nobody"), "\(result.text)")
        }
      }
    }

    @Test(
      "K12: a link of the owner where root would write is refused",
      arguments: ["archives", "staging", "quarantine", ".guard", ".cachescope.lock"])
    func planted(name: String) async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      try await give(sandbox)
      let outside = sandbox.folder.appending(path: "outside")
      try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
      let link = sandbox.cache.appending(path: name)
      try? FileManager.default.removeItem(at: link)
      _ = try await Shell.run("ln", ["-s", outside.path, link.path])
      _ = try await Shell.run("chown", ["-h", "65534:65534", link.path])
      let result = try await sandbox.run("migrate", "--json")
      try result.expectFailure("refused", status: 7)
      #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
    }

    @Test("K7: a log of root's beside a user's index is named, with its owner and what helps")
    func rootsLog() async throws {
      let sandbox = try await Sandbox.demo()
      try await give(sandbox)
      let writer = try await Writer(sandbox)
      try await writer.execute("UPDATE entries SET use_count = use_count + 1")
      _ = try await Shell.run("chown", ["0:0", sandbox.index.path + "-wal"])
      let result = try await Shell.run(
        "setpriv",
        ["--reuid=65534", "--regid=65534", "--clear-groups", Binary.path, "pin", "3", "--json"],
        environment: sandbox.environment)
      try result.expectFailure("permission", status: 1)
      let error = try JSON(result.text)["error"]
      #expect(error["message"].text?.contains("index.sqlite-wal") == true)
      #expect(error["message"].text?.contains("root") == true)
      #expect(error["hint"].text?.contains("chown nobody: ") == true)
      try await writer.kill()
    }
  }
}
