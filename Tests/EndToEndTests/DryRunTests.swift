import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What a change would do is said by the change itself, and nothing is written.
  @Suite struct DryRun {
    /// A cache with something to do for every verb, and an eviction that can be taken back.
    private func sandbox() async throws -> Sandbox {
      let sandbox = try await Sandbox.smallDemo()
      let kept = try await sandbox.run("evict", "5", "--phase", "installed", "--keep", "1h")
      #expect(kept.status == 0, "\(kept.errorText)")
      _ = try backup(sandbox)
      try leaveBehind(sandbox)
      return sandbox
    }

    /// What installs and pulls leave when they are killed: files that a doctor may take away.
    private func leaveBehind(_ sandbox: Sandbox) throws {
      let shelf = sandbox.cache.appending(path: "toolchains/arduino-tools/08e1a7271edb2765")
      let old = Date.now.addingTimeInterval(-30 * 86_400)
      for (folder, file, text) in [
        (
          shelf.appending(path: ".7.3.0.install.lock"), "owner.txt",
          "pid=0\nexe_stem=fbuild\npackage=avr-gcc\nversion=7.3.0\n"
        ),
        (shelf.appending(path: "7.3.0_staging"), "half", "half"),
        (sandbox.cache.appending(path: "staging"), "download.partial", "half"),
      ] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: file)
        try Data(text.utf8).write(to: path)
        for place in [path, folder] {
          try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: place.path)
        }
      }
    }

    private func run(_ sandbox: Sandbox, _ arguments: [String]) async throws -> Shell.Result {
      try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
    }

    /// A file as a migration names it.
    private func backup(_ sandbox: Sandbox) throws -> String {
      let name = "index.sqlite.bak-20261122T140231-migrate"
      let path = sandbox.cache.appending(path: name)
      if !FileManager.default.fileExists(atPath: path.path) {
        try FileManager.default.copyItem(at: sandbox.index, to: path)
      }
      return name
    }

    private func stuck(_ sandbox: Sandbox) async throws -> String {
      let leases = try await sandbox.report("leases")["leases"].items
      let lease = try #require(leases.first { $0["verdict"].text == "dead" })
      return
        "\(lease["entry_id"].integer ?? 0):\(lease["holder_pid"].integer ?? 0):"
        + "\(lease["holder_nonce"].text ?? "")"
    }

    /// By its name in `--help`: what a run of the verb is given.
    private func changes(_ sandbox: Sandbox) async throws -> [String: [[String]]] {
      let project = sandbox.folder.appending(path: "demo/project").path
      let pointer = project + "/models/model-q8.bin.fetch"
      let into = sandbox.folder.appending(path: "demo/blobs").path
      let legacy = sandbox.folder.appending(path: "demo/legacy-cache").path
      let dead = try await stuck(sandbox)
      return [
        "pin": [["pin", "1", "2", "--reason", "why"]],
        "unpin": [["unpin", "1"]],
        "release": [["release", dead], ["release", "--stuck"]],
        "migrate": [["migrate"], ["migrate", "--cache", legacy]],
        "pull": [["lnk", "pull", project], ["lnk", "pull", pointer, "--into", into]],
        "add": [
          ["lnk", "add", "http://127.0.0.1:1/a.bin", "-o", "new.fetch"]
        ],
        "gc": [
          ["gc"], ["gc", "--apply", "--high", "1M"],
          ["gc", "--apply", "--high", "1M", "--keep", "1h"],
        ],
        "evict": [["evict", "3"], ["evict", "3", "--keep", "1h"]],
        "undo": [["undo"]],
        "doctor": [["doctor", "--fix"]],
        "rebuild": [["rebuild", "--project", project]],
        "backups": [["backups", "--delete", try backup(sandbox)]],
      ]
    }

    @Test("every changing verb has a dry run, and it leaves cache, state and project as they were")
    func nothingIsWritten() async throws {
      let sandbox = try await sandbox()
      let before = look(sandbox)
      for arguments in try await changes(sandbox).values.joined() {
        let json = try await run(sandbox, arguments + ["--dry-run", "--json"])
        #expect([0, 1].contains(json.status), "\(arguments): \(json.text)\(json.errorText)")
        let isTold = try JSON(json.text)["dry_run"] == .bool(true)
        #expect(isTold, "\(arguments): \(json.text)")
        let text = try await run(sandbox, arguments + ["--dry-run"])
        #expect(text.status == json.status, "\(arguments): \(text.errorText)")
        #expect(text.text.hasPrefix("dry run: nothing is changed"), "\(arguments): \(text.text)")
        for (now, then) in zip(look(sandbox), before) {
          let changed = now.difference(from: then)
          #expect(changed.isEmpty, "\(arguments) changed \(changed)")
        }
      }
    }

    private func look(_ sandbox: Sandbox) -> [Snapshot] {
      ["demo", "home", "tmp"].map { Snapshot(sandbox.folder.appending(path: $0)) }
        .enumerated().map { place, found in place == 2 ? found.withoutTimes : found }
    }

    @Test("a verb that has the option is tried above, and each one that changes has it")
    func everyVerb() async throws {
      let sandbox = try await sandbox()
      let dump = try JSON(try await sandbox.run("--experimental-dump-help").text)
      var found: Set<String> = []
      func collect(_ command: JSON) {
        let names = command["arguments"].items.flatMap { $0["names"].items }
        if names.contains(where: { $0["name"].text == "dry-run" }) {
          found.insert(command["commandName"].text ?? "")
        }
        for inner in command["subcommands"].items { collect(inner) }
      }
      collect(dump["command"])
      #expect(found == Set(try await changes(sandbox).keys))
    }

    @Test("what a dry run says is what the change then says")
    func sameAnswer() async throws {
      let sandbox = try await sandbox()
      let dead = try await stuck(sandbox)
      // Ages are told in seconds.
      let now = ["--now", "\(Int(Date.now.timeIntervalSince1970))"]
      for arguments in [
        ["undo"], ["pin", "2", "--reason", "why"], ["unpin", "2"], ["release", dead],
        ["release", "--stuck"], ["evict", "3"], ["gc", "--apply", "--high", "1M", "--yes"],
      ] {
        let told = try await run(sandbox, arguments + now + ["--dry-run", "--json"])
        let done = try await run(sandbox, arguments + now + ["--json"])
        #expect(told.status == done.status, "\(arguments)")
        let words = told.text.replacing("\"dry_run\":true,", with: "")
        #expect(words == done.text, "\(arguments)")
      }
    }

    @Test("a doctor that is only tried counts what it would mend, and mends nothing")
    func doctor() async throws {
      let sandbox = try await sandbox()
      let before = sandbox.snapshot()
      let told = try JSON(try await run(sandbox, ["doctor", "--fix", "--dry-run", "--json"]).text)
      #expect(sandbox.snapshot() == before)
      let done = try JSON(try await run(sandbox, ["doctor", "--fix", "--json"]).text)
      for key in [
        "released", "repaired", "pins_completed", "unpinned", "locks_removed", "rewritten",
      ] {
        #expect(told[key] == done[key], "\(key)")
      }
      #expect((done["released"].integer ?? 0) > 0 && done["locks_removed"] == .integer(1))
    }

    @Test("what refuses a change refuses its dry run, by the same code")
    func refusals() async throws {
      let sandbox = try await sandbox()
      let live = try await Holder(sandbox, entry: 3)
      defer { live.child.signal(SIGKILL) }
      for arguments in [
        ["pin", "9999"], ["release", live.id], ["evict", "3"], ["pin", "1", "--read-only"],
        ["gc", "--apply", "--read-only"], ["undo", "0000"], ["rebuild", "--read-only"],
        ["lnk", "add", "ftp://x/y"], ["lnk", "pull", "nowhere"],
      ] {
        let told = try await run(sandbox, arguments + ["--dry-run", "--json"])
        let done = try await run(sandbox, arguments + (arguments[0] == "gc" ? ["--yes"] : []))
        #expect(told.status != 0, "\(arguments)")
        let real = arguments[0] == "rebuild" ? 7 : done.status
        #expect(told.status == real, "\(arguments): \(told.text) \(done.errorText)")
      }
    }
  }
}
