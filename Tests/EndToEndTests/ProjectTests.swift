import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What projects need of a cache.
  @Suite struct Projects {
    /// The demo's project, with the entry that the first of its cached pointers names.
    private func demo() async throws -> (sandbox: Sandbox, project: String, entry: Int64) {
      let sandbox = try await Sandbox.demo()
      let project = sandbox.folder.appending(path: "demo/project").path
      let links = try JSON(try await sandbox.run("lnk", "list", project, "--json").text)["links"]
        .items
      let entry = try #require(
        links.first { $0["state"] == .text("cached") }?["entry_id"].integer)
      return (sandbox, project, entry)
    }

    @Test("host tells what a project has, lacks and would lose; an entry tells its projects")
    func needs() async throws {
      let (sandbox, project, entry) = try await demo()
      let found = try await sandbox.report("host", "--project", project)["projects"].items
      #expect(found.count == 1)
      #expect(
        found[0].keys == [
          "folder", "pointers", "there", "missing", "broken", "entries", "gc_takes", "packages",
        ])
      #expect(found[0]["folder"] == .text(project) && found[0]["packages"] == .null)
      #expect(found[0]["entries"].items.contains { $0["entry_id"] == .integer(entry) })
      let sum = ["there", "missing", "broken"].compactMap { found[0][$0].integer }.reduce(0, +)
      #expect(sum <= found[0]["pointers"].integer ?? 0 && sum > 0)
      let used = try await sandbox.report("entry", String(entry), "--project", project)
      #expect(used["projects"][0]["folder"] == .text(project))
      #expect((used["projects"][0]["pointers"].integer ?? 0) >= 1)
      let text = try await sandbox.run("entry", String(entry), "--project", project).text
      #expect(text.contains("projects that need it"))
      #expect(!(try await sandbox.report("host").keys.contains("projects")))
    }

    @Test("a plan of GC warns before it takes what a project needs")
    func plan() async throws {
      let (sandbox, project, _) = try await demo()
      let arguments = ["--archive-budget", "0", "--high", "0"]
      let json = try await Shell.run(
        Binary.path, ["gc", "--project", project, "--json"] + arguments,
        environment: sandbox.environment)
      let takes = try JSON(json.text)["projects"][0]["gc_takes"].items
      #expect(!takes.isEmpty)
      let planned = try JSON(json.text)["plan"]["steps"].items.map { $0["entry_id"] }
      #expect(takes.allSatisfy { planned.contains($0["entry_id"]) })
      let text = try await Shell.run(
        Binary.path, ["gc", "--project", project] + arguments, environment: sandbox.environment)
      #expect(text.text.contains("warning: \(project): GC would take"))
      let none = try await Shell.run(
        Binary.path,
        [
          "gc", "--project", project, "--archive-budget", "1T", "--high", "1T",
          "--installed-budget", "1T",
        ], environment: sandbox.environment)
      #expect(!none.text.contains("warning:"))
    }

    @Test(
      "the build folder of a project counts in host --disk, and fbuild is asked on request alone")
    func folders() async throws {
      let (sandbox, project, _) = try await demo()
      try Data().write(to: URL(filePath: project).appending(path: "platformio.ini"))
      let build = URL(filePath: project).appending(path: ".fbuild/build")
      try FileManager.default.createDirectory(at: build, withIntermediateDirectories: true)
      try Data(count: 9000).write(to: build.appending(path: "main.o"))
      let disk = try await sandbox.report("host", "--disk", "--project", project)
      let du = try await Shell.run(
        "du", ["-sc", "--block-size=1", sandbox.cache.path, project + "/.fbuild"])
      let total = du.text.split(separator: "\n").last?.split(separator: "\t").first ?? ""
      #expect(disk["total_bytes"].integer == Int64(total))
      #expect(
        disk["folders"].items.contains {
          $0["path"] == .text(project + "/.fbuild") && $0["removed_by"] == .text("clean")
        })
      let asked = sandbox.folder.appending(path: "asked")
      let fbuild = sandbox.folder.appending(path: "fbuild")
      try Data("#!/bin/sh\necho x >> '\(asked.path)'\necho '{\"environments\":[]}'\n".utf8)
        .write(to: fbuild)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fbuild.path)
      _ = try await sandbox.report("host", "--project", project, "--fbuild", fbuild.path)
      #expect(!FileManager.default.fileExists(atPath: asked.path))
      let answer = try await sandbox.report(
        "host", "--project", project, "--ask-fbuild", "--fbuild", fbuild.path)
      #expect(FileManager.default.fileExists(atPath: asked.path))
      #expect(answer["projects"][0]["packages"] == .array([]))
      try await sandbox.run(
        "host", "--project", project, "--ask-fbuild", "--fbuild", fbuild.path, "-r", "--json"
      ).expectFailure("read_only", status: 7)
      #expect(try await sandbox.run("host", "--ask-fbuild").status == 64)
    }

    @Test("the plan is of the order that asking fbuild leaves, and a dry run does not ask")
    func order() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      // A project without a pointer, below the folder that is named.
      let project = sandbox.folder.appending(path: "work/blink")
      try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
      try Data().write(to: project.appending(path: "platformio.ini"))
      let index = sandbox.cache.appending(path: "index.sqlite").path
      let rows = (1...2).map { id in
        "INSERT INTO entries (id, kind, url, stem, hash, version, installed_path, installed_bytes, "
          + "last_used_at, use_count, pinned) VALUES (90\(id), 'toolchains', 'u\(id)', 's', 'h', "
          + "'\(id)', 'toolchains/s/h/\(id)', 100, \(id), 0, 0);"
      }
      _ = try await Shell.run("sqlite3", [index, rows.joined()])
      // As real `install --check` does with what is there.
      let fbuild = sandbox.folder.appending(path: "fbuild")
      try Data(
        """
        #!/bin/sh
        sqlite3 '\(index)' 'UPDATE entries SET last_used_at = 4000000000 WHERE id = 901'
        echo '{"environments":[]}'

        """.utf8
      ).write(to: fbuild)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fbuild.path)
      let plan = [
        "gc", "--installed-budget", "0", "--project", sandbox.folder.path + "/work",
        "--ask-fbuild", "--fbuild", fbuild.path,
      ]
      let refused = try await sandbox.run(plan + ["--apply", "--dry-run", "--json"])
      try refused.expectFailure("refused", status: 7)
      let shown = try JSON(try await sandbox.run(plan + ["--json"]).text)
      #expect(shown["projects"][0]["folder"].text?.hasSuffix("/work/blink") == true)
      let steps = shown["plan"]["steps"].items.compactMap { $0["entry_id"].integer }
      #expect(steps.filter { $0 > 900 } == [902, 901])
    }

    @Test(
      "doctor --fix takes leftovers where nothing of fbuild runs, and a broken package by its name")
    func leftovers() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let shelf = sandbox.cache.appending(path: "toolchains/tools/08e1")
      let staging = shelf.appending(path: "7.3.0_staging")
      let broken = shelf.appending(path: "8.0.0/bin")
      for folder in [staging, broken] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(count: 9000).write(to: folder.appending(path: "x"))
      }
      let found = try JSON(try await sandbox.run("doctor", "--json").text)["findings"].items
      let ids = found.map { $0["id"].text }
      #expect(ids.contains("staging_left") && ids.contains("package_incomplete"))
      let package = found.first { $0["id"] == .text("package_incomplete") }
      #expect(package?["fix"].text?.contains("doctor --fix toolchains/tools/08e1/8.0.0") == true)
      let fixed = try JSON(try await sandbox.run("doctor", "--fix", "--json").text)
      // Another test's process may be called fbuild, which then serves another cache in another home.
      #expect(fixed["leftovers_removed"] == .integer(1), "\(fixed["kept"])")
      #expect((fixed["leftover_bytes"].integer ?? 0) >= 9000)
      #expect(!FileManager.default.fileExists(atPath: staging.path))
      #expect(FileManager.default.fileExists(atPath: broken.path))
      let named = try await sandbox.run("doctor", "--fix", "toolchains/tools/08e1/8.0.0")
      #expect(named.text.contains("removed toolchains/tools/08e1/8.0.0"))
      #expect(!FileManager.default.fileExists(atPath: broken.path))
      #expect(try await sandbox.run("doctor", "toolchains/tools/08e1/8.0.0").status == 64)
    }
  }
}
