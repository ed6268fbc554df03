import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What does not depend on how a cache is reached, and what stands in the place of a file.
  @Suite struct OddPlaces {
    @Test(
      "K14: what is no file is not verified, and the end says so", arguments: SpecialFile.allCases)
    func verify(file: SpecialFile) async throws {
      let sandbox = try await Sandbox.smallDemo()
      let path = try await sandbox.sqlite("SELECT archive_path FROM entries WHERE id = 29")
      try FileManager.default.removeItem(atPath: path)
      try file.make(at: path)
      let result = try await sandbox.run("verify", "29", "--json")
      #expect(result.status == 1, "\(result.text)")
      #expect(try JSON(result.text)["failed"].integer == 1)
    }

    @Test("K2: pulling and adding pointers migrates nothing unasked")
    func legacyPull() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let project = sandbox.folder.appending(path: "project")
      try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
      try Data("{".utf8).write(to: project.appending(path: "x.fetch"))
      for arguments in [
        ["lnk", "pull", project.path], ["lnk", "pull", project.path, "--dry-run"],
        ["lnk", "add", "http://127.0.0.1:1/a.bin", "-o", project.path + "/a.fetch"],
      ] {
        try await sandbox.expectingNoChange {
          let result = try await Shell.run(
            Binary.path, arguments + ["--json"], environment: sandbox.environment,
            folder: sandbox.folder)
          try result.expectFailure("pending_migrations", status: 7)
        }
      }
    }

    @Test("T-I11: no time zone, and no year after 2038 or 2106, changes a verdict or an answer")
    func times() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      for now in ["2147483648", "4294967296", "253402300800", "9223372036854775807"] {
        let plain = try await sandbox.run("leases", "--json", "--now", now, adding: ["TZ": "UTC"])
        let text = try await sandbox.run("leases", "--now", now, adding: ["TZ": "UTC"])
        #expect(plain.status == 0 && text.status == 0 && text.text.contains("DEAD"))
        for zone in ["No/Where", "", ":/etc/passwd", "AAA"] {
          let other = try await sandbox.run("leases", "--json", "--now", now, adding: ["TZ": zone])
          #expect(other.text == plain.text, "\(zone) at \(now)")
          let words = try await sandbox.run("leases", "--now", now, adding: ["TZ": zone])
          #expect(words.status == 0 && words.text == text.text, "\(zone) at \(now)")
        }
      }
    }

    @Test("K10: a change through a link is known under the real path, too")
    func linkedJournal() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let link = sandbox.folder.appending(path: "linked").path
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: sandbox.cache.path)
      #expect(try await sandbox.run("pin", "1", "--cache", link).status == 0)
      let entry = try await sandbox.run("entry", "1", "--cache", sandbox.cache.path)
      #expect(entry.text.contains("pinned by"), "\(entry.text)")
      let snapshot = try await sandbox.report("snapshot", "--cache", sandbox.cache.path)
      #expect(snapshot["journal"].items.map { $0["command"][0].text } == ["pin"])
    }

    @Test("the arguments count also where there is no /proc", .enabled(if: getuid() == 0))
    func withoutProc() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let script = "mount -t tmpfs none /proc && exec '\(Binary.path)' "
      let probe = try await Shell.run("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /proc"])
      try #require(probe.status == 0, "this machine allows no mounts: \(probe.errorText)")
      let version = try await Shell.run(
        "unshare", ["-m", "sh", "-c", script + "--version"], environment: sandbox.environment)
      #expect(version.text.hasPrefix("cachescope "), "\(version.errorText)")
      let pin = try await Shell.run(
        "unshare", ["-m", "sh", "-c", script + "pin 99 --json"], environment: sandbox.environment)
      #expect(pin.status != 0)
    }
  }
}
