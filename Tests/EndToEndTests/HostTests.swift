import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What builds wait for, by the program as it is run.
  @Suite struct Host {
    private static let shelf = "toolchains/arduino-tools/08e1a7271edb2765"

    /// The lock of a version, as fbuild leaves it.
    private func lock(_ sandbox: Sandbox, _ version: String, pid: Int64, ago: Int = 0) throws -> URL
    {
      let folder = sandbox.cache.appending(path: "\(Self.shelf)/.\(version).install.lock")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let time = Int(Date.now.timeIntervalSince1970) - ago
      let text =
        "pid=\(pid)\nexe_stem=fbuild\npackage=avr-gcc\nversion=\(version)\n"
        + "started_unix_nanos=\(time)000000000\n"
      try Data(text.utf8).write(to: folder.appending(path: "owner.txt"))
      return folder
    }

    @Test("what cannot be read is no empty list: host says so, with the code of the cause")
    func damaged() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      var bytes = try Data(contentsOf: sandbox.index)
      for place in 4096..<min(bytes.count, 34_096) { bytes[place] = 0xA5 }
      try bytes.write(to: sandbox.index)
      let text = try await sandbox.run("host")
      #expect(text.status == 4 && text.text.contains("the leases cannot be read"))
      let report = try await sandbox.run("host", "--json")
      #expect(try JSON(report.text)["error"]["code"] == .text("damaged"))
      #expect(report.status == 4)
    }

    @Test(
      "folders that a user may not read are named, where locks may be",
      .enabled(if: !Machine.isRoot, "root may read all"))
    func unreadable() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let folder = sandbox.cache.appending(path: "toolchains/private")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try sandbox.setMode(0, of: folder)
      let report = try await sandbox.report("host")
      #expect(report["unreadable"] == .array([.text("toolchains/private")]))
      let text = try await sandbox.run("host")
      #expect(text.text.contains("toolchains/private cannot be read"))
      try sandbox.setMode(0o700, of: folder)
    }

    @Test("S1: host has exactly the keys of the contract, and changes nothing")
    func keys() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      _ = try lock(sandbox, "7.3.0", pid: 0)
      let before = sandbox.snapshot()
      let report = try await sandbox.report("host")
      #expect(
        report.keys == [
          "schema", "cache", "source", "host", "install_locks", "waiting", "daemons", "holders",
          "next_gc", "compile_caches", "users", "complete", "leases",
        ])
      #expect(
        report["install_locks"][0].keys == [
          "path", "package", "version", "owner_pid", "owner_program", "taken_at", "changed_at",
          "verdict", "evidence", "fbuild", "holder", "container",
        ])
      #expect(report["install_locks"][0]["fbuild"]["does"] == .text("reclaims_now"))
      #expect(report["install_locks"][0]["package"] == .text("avr-gcc"))
      let text = try await sandbox.run("host")
      #expect(text.status == 0 && text.text.contains("avr-gcc 7.3.0"))
      let disk = try await sandbox.report("host", "--disk")
      #expect(disk.keys == ["schema", "cache", "source", "total_bytes", "complete", "folders"])
      #expect(disk["folders"][0]["bytes"] == disk["total_bytes"])
      #expect(sandbox.snapshot() == before)
    }

    private func program(_ sandbox: Sandbox, _ arguments: [String]) async throws -> String {
      try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder
      ).text
    }

    @Test("compile caches of the home are of the cache that the environment names, and of no other")
    func home() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let store = sandbox.folder.appending(path: "home/.fbuild/prod/zccache")
      for version in ["v1.15.8", "v1.16.0"] {
        let folder = store.appending(path: version)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(count: 40_000).write(to: folder.appending(path: "object"))
      }
      _ = try await Shell.run(
        "/usr/bin/find",
        ["\(store.path)/v1.15.8", "-exec", "touch", "-d", "30 days ago", "{}", "+"],
        environment: sandbox.environment, folder: sandbox.folder)
      for isNamed in [false, true] {
        let options = isNamed ? ["--cache", sandbox.cache.path] : []
        let disk = try JSON(
          try await program(sandbox, ["host", "--disk", "--json"] + options))
        let folders = disk["folders"].items.compactMap { $0["path"].text }
        #expect(folders.contains(store.path) == !isNamed)
        let found = try JSON(try await program(sandbox, ["doctor", "--json"] + options))
        let ids = found["findings"].items.compactMap { $0["id"].text }
        #expect(ids.contains("compile_cache_retired") == !isNamed)
      }
    }

    @Test(
      "a lock of a process that is gone is shown, a finding, and removed by doctor --fix alone",
      .enabled(if: Machine.isInitialPIDNamespace, "not the initial PID namespace"))
    func stuckLock() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      // Its id was another process's when the lock was taken; fbuild goes by the program's name alone.
      let reused = try lock(sandbox, "7.3.0", pid: Int64(holder.child.pid), ago: 3600)
      let alive = try lock(sandbox, "7.4.0", pid: Int64(holder.child.pid))
      let locks = try await sandbox.report("host")["install_locks"].items
      #expect(locks.map { $0["verdict"] } == [.text("reused"), .text("alive")])
      #expect(locks.map { $0["fbuild"]["does"] } == [.text("waits"), .text("waits")])
      let found = try JSON(try await sandbox.run("doctor", "--json").text)["findings"].items
      #expect(found.first?["id"] == .text("install_lock_stuck"))
      #expect(FileManager.default.fileExists(atPath: reused.path))
      let fixed = try JSON(try await sandbox.run("doctor", "--fix", "--json").text)
      #expect(fixed["locks_removed"] == .integer(1))
      #expect(!FileManager.default.fileExists(atPath: reused.path))
      #expect(FileManager.default.fileExists(atPath: alive.appending(path: "owner.txt").path))
      #expect(!fixed["findings"].items.contains { $0["id"] == .text("install_lock_stuck") })
    }

    @Test("a package that fbuild can neither use nor repair makes doctor end with 1")
    func brokenPackage() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let folder = sandbox.cache.appending(path: "\(Self.shelf)/7.3.0/bin")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: folder.appending(path: "avr-gcc"))
      let doctor = try await sandbox.run("doctor", "--json")
      let found = try JSON(doctor.text)["findings"].items.first
      #expect(doctor.status == 1 && found?["id"] == .text("package_incomplete"))
      #expect(found?["where"]["ids"][0] == .text("\(Self.shelf)/7.3.0"))
      #expect((found?["bytes"].integer ?? 0) > 0)
    }
  }
}
