import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Help, version, mistakes: what is said before a verb does anything.
  @Suite struct Verbs {
    private func run(_ sandbox: Sandbox, _ arguments: [String]) async throws -> Shell.Result {
      try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
    }

    /// Every verb, with those below it in full.
    private func verbs(_ sandbox: Sandbox) async throws -> [(command: JSON, path: [String])] {
      let dump = try JSON(try await sandbox.run("--experimental-dump-help").text)
      var found: [(command: JSON, path: [String])] = []
      func collect(_ command: JSON, _ path: [String]) {
        for inner in command["subcommands"].items {
          let name = inner["commandName"].text ?? ""
          guard name != "help" else { continue }
          found.append((inner, path + [name]))
          collect(inner, path + [name])
        }
      }
      collect(dump["command"], [])
      return found
    }

    @Test("the help of the program fits a screen of 80 by 24, and names every verb")
    func overview() async throws {
      let sandbox = try Sandbox()
      for arguments in [["--help"], ["-h"], ["help"]] {
        let help = try await run(sandbox, arguments)
        let lines = help.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(help.status == 0 && lines.count <= 24, "\(lines.count) lines")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(help.text)")
        for path in try await verbs(sandbox).map(\.path)
        where ![["inspect"], ["lnk"], ["manual"]].contains(path) {
          #expect(help.text.contains(path.joined(separator: " ")), "\(path)")
        }
      }
      for topic in ["verbs", "options", "codes", "config"] {
        let help = try await run(sandbox, ["help", topic])
        #expect(help.status == 0 && help.text.split(separator: "\n").count > 5, "\(topic)")
      }
    }

    @Test("the help of a verb begins with its own options, and ends with two examples")
    func ownOptionsFirst() async throws {
      let sandbox = try Sandbox()
      for path in try await verbs(sandbox).map(\.path) where path != ["manual"] {
        let help = try await run(sandbox, path + ["--help"]).text
        let examples = help.components(separatedBy: "EXAMPLES:\n").last ?? ""
        let lines = examples.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("  cachescope") }, "\(path)")
        guard path != ["lnk"] else { continue }
        let all = try #require(help.range(of: "OPTIONS OF EVERY VERB:"), "\(path)")
        let before = help[..<all.lowerBound]
        #expect(before.contains("\nOPTIONS:\n"), "\(path)")
        #expect(!before.contains("--proc-root"), "\(path): \(before)")
        #expect(help[all.upperBound...].contains("--proc-root"), "\(path)")
      }
    }

    @Test("every example of the help can be typed as it stands")
    func examples() async throws {
      let sandbox = try await Sandbox.demo()
      var environment = sandbox.environment
      let binary = URL(filePath: Binary.path).deletingLastPathComponent().path
      environment["PATH"] = binary + ":" + (environment["PATH"] ?? "")
      environment["TERM"] = "dumb"
      // Nothing is reached there, and at once.
      for name in ["http_proxy", "https_proxy"] { environment[name] = "http://127.0.0.1:1" }
      let backup = sandbox.cache.appending(path: "index.sqlite.bak-20261129T081500-migrate")
      try FileManager.default.copyItem(at: sandbox.index, to: backup)
      for path in try await verbs(sandbox).map(\.path) where path != ["manual"] {
        let help = try await run(sandbox, path + ["--help"]).text
        let examples = help.components(separatedBy: "EXAMPLES:\n").last ?? ""
        let lines = examples.split(separator: "\n").map { line in
          line.replacing("/tmp/demo", with: "../new").replacing("https:", with: "http:")
        }
        // Each verb on a copy of its own.
        let script =
          "rm -rf work && cp -r demo work && cd work/project && export FBUILD_CACHE_DIR=../cache; "
          + lines.map { "(\($0)) >/dev/null; echo $?" }.joined(separator: "; ")
        let result = try await Shell.run(
          "sh", ["-c", script], environment: environment, folder: sandbox.folder)
        let codes = result.text.split(separator: "\n").compactMap { Int($0) }
        #expect(codes.count == 2 && result.status == 0, "\(lines)")
        #expect(Set(codes).isSubset(of: [0, 1, 3, 6]), "\(lines): \(codes) \(result.errorText)")
      }
    }

    @Test("the version tells name, number, commit, SQLite and schema in one line")
    func version() async throws {
      let sandbox = try Sandbox()
      let version = try await run(sandbox, ["--version"])
      let words = /cachescope \d+\.\d+\.\d+, commit [0-9a-z+]+, SQLite 3\.\d+\.\d+, schema \S+\n/
      #expect(try words.wholeMatch(in: version.text) != nil, "\(version.text)")
      #expect(try await run(sandbox, ["status", "--version"]).text == version.text)
    }

    @Test("info tells where everything is and why, also without a cache")
    func info() async throws {
      let sandbox = try Sandbox()
      let report = try await sandbox.report("info")
      #expect(report["cache"].text == sandbox.cache.path)
      #expect(report["chosen_by"].text == "FBUILD_CACHE_DIR")
      #expect(report["newest_migration"].text?.isEmpty == false)
      let state = sandbox.folder.appending(path: "home/state/cachescope").path
      #expect(report["state"].text == state)
      #expect(report["journal"].text == state + "/journal.jsonl")
      let config = sandbox.folder.appending(path: "home/config/cachescope/config")
      #expect(report["configuration"][1]["path"].text == config.path)
      #expect(report["configuration"][1]["exists"] == .bool(false))
      try FileManager.default.createDirectory(
        at: config.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("--ascii\n".utf8).write(to: config)
      #expect(try await sandbox.report("info")["configuration"][1]["exists"] == .bool(true))
      let text = try await run(sandbox, ["info"])
      #expect(
        text.text.contains("\(config.path)  (read)")
          && text.text.contains("unknown commit") == (report["commit"] == .null))
    }

    @Test(
      "what cannot be used is said in words of ours, with 64",
      arguments: [
        (["statsu"], "unknown verb `statsu`; did you mean `status`?"),
        (["help", "statsu"], "unknown verb `statsu`; did you mean `status`?"),
        (["lnk", "lits"], "unknown verb `lits` below `lnk`; did you mean `lnk list`?"),
        (["entries", "--jsno"], "there is no option --jsno; did you mean --json?"),
        (["entries", "--zzzzzz"], "there is no option --zzzzzz"),
        (["entries", "--limit"], "--limit lacks its value: --limit N"),
        (["entries", "--limit", "x"], "--limit takes N, not 'x'"),
        (["entries", "--json=1"], "--json takes no value, not '1'"),
        (
          ["entries", "--color", "red"], "--color does not take 'red'; there are auto always never"
        ),
        (["entries", "--sort", "x"], "--sort does not take 'x'; there are id kind url name hash"),
        (["entries", "--columns", "id,x"], "--columns: no column 'x'; there are id kind url name"),
        (
          ["entries", "--filter", "x>1"], "--filter: 'x>1': no field x; there are added age hash id"
        ),
        (["leases", "--sort", "x"], "--sort: no column 'x'; there are verdict pid user"),
        (["leases", "--filter", "x:1"], "--filter: 'x:1': no field x; there are age entry holder"),
        (["leases", "--columns", "x"], "--columns: no column 'x'; there are verdict lease pid"),
        (["pin"], "missing argument: ID…"),
        (["pin", "x"], "'x' is not a valid ID"),
        (["lnk"], "a verb is missing below `lnk`: add, check, list, pull"),
        (["lnk", "--ascii"], "a verb is missing below `lnk`: add, check, list, pull"),
        (["entry", "1", "2"], "unexpected argument '2'"),
        (["entry", "1", "2", "3"], "unexpected arguments '2', '3'"),
        (["status", "--watch", "0"], "--watch takes a number of seconds from 0.2 to 86400"),
      ])
    func mistakes(arguments: [String], words: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await run(sandbox, arguments)
      #expect(result.status == 64 && result.text.isEmpty)
      #expect(result.errorText.hasPrefix("cachescope: \(words)"), "\(result.errorText)")
      #expect(result.errorText.contains("--help`"), "\(result.errorText)")
      let json = try await run(sandbox, arguments + ["--json"])
      // What lacks a value would take this for it, and columns are not for JSON.
      if arguments.last == "--limit" || arguments.contains("--columns") { return }
      try json.expectUsage(naming: words)
    }

    @Test("options may stand before any verb, and every option with a value is known for that")
    func optionsFirst() async throws {
      let sandbox = try await Sandbox.demo()
      let project = sandbox.folder.appending(path: "demo/project").path
      for (arguments, code) in [
        (["--json", "status"], 0),
        (["-v", "--cache", sandbox.cache.path, "lnk", "list", project], 0),
        (["-r", "lnk", "pull", project], 7), (["--color", "never", "-r", "pin", "1"], 7),
        (["--until", "30d", "--dry-run", "pin", "1"], 0), (["--columns", "id", "entries"], 0),
        (["--depth", "2", "host", "--disk"], 0),
      ] as [([String], Int32)] {
        let result = try await run(sandbox, arguments)
        #expect(result.status == code, "\(arguments): \(result.errorText)")
      }
      // One that is not known would take its value for a verb.
      for (verb, path) in try await verbs(sandbox) where verb["subcommands"].items.isEmpty {
        for argument in verb["arguments"].items where argument["kind"].text == "option" {
          // What `-w` has behind it is a number, or nothing of it.
          for name in argument["names"].items
          where !["w", "watch"].contains(name["name"].text) {
            let dashes = name["kind"].text == "short" ? "-" : "--"
            let option = dashes + (name["name"].text ?? "")
            let result = try await run(sandbox, [option, "zzzz"] + path + ["--help"])
            #expect(!result.errorText.contains("unknown verb `zzzz`"), "\(option) of \(path)")
          }
        }
      }
    }
  }

  /// Tables, their columns, order and filters.
  @Suite struct Listing {
    private func lines(_ sandbox: Sandbox, _ arguments: String...) async throws -> [String] {
      try await lines(sandbox, arguments)
    }

    private func lines(_ sandbox: Sandbox, _ arguments: [String]) async throws -> [String] {
      let result = try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result.text.split(separator: "\n").map(String.init)
    }

    @Test("entries: names alone, chosen columns, all of them, and a line that adds them up")
    func entries() async throws {
      let sandbox = try await Sandbox.demo()
      let entries = try await sandbox.report("entries")["entries"].items
      let ids = entries.compactMap { $0["id"].integer.map(String.init) }
      #expect(try await lines(sandbox, "entries", "-q") == ids)
      let two = try await lines(sandbox, "entries", "--columns", "name,id", "--limit", "1")
      #expect(two[0].split(separator: " ") == ["NAME", "ID"] && two.count == 3)
      #expect(two[2].hasPrefix("1 entry, "), "\(two)")
      let usual = try await lines(sandbox, "entries")
      #expect(
        usual[0].contains(" SIZE ") && usual.last?.hasPrefix("\(ids.count) entries, ") == true)
      let wide = try await lines(sandbox, "entries", "--wide", "--limit", "1")
      for title in ["URL", "HASH", "LEASES", "INSTALLED PATH"] { #expect(wide[0].contains(title)) }
      let names = entries.compactMap { $0["stem"].text }
      for name in names { #expect(usual.contains { $0.contains(name) }, "\(name) is cut") }
    }

    @Test("entries: who keeps each, in the words of the screen, and its place in GC's order")
    func kept() async throws {
      let sandbox = try await Sandbox.demo()
      let columns = ["--columns", "kept-by,gc-rank"]
      let kept = try await lines(
        sandbox, ["entries", "--sort", "kept-by", "--limit", "1"] + columns)
      #expect(kept[1].split(separator: " ").joined(separator: " ") == "pin: release builds -")
      let first = try await lines(
        sandbox, ["entries", "--sort", "gc-rank", "--limit", "2"] + columns)
      let places = first[1...2].map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
      #expect(places == ["- 1", "- 2"])
    }

    @Test(
      "X2: what another program took since somebody looked is told where its entry is asked for",
      arguments: [["status"], ["gc"], ["entry", "1"]])
    func missed(look: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-platform+lnk")
      _ = try await lines(sandbox, look)
      _ = try await sandbox.sqlite("DELETE FROM entries WHERE id = 2")
      let gone = try await sandbox.run("entry", "2")
      #expect(gone.status == 1 && gone.errorText.contains("was gone"), "\(gone.errorText)")
    }

    @Test("leases: the screen's filter and order, upside down and cut off")
    func leases() async throws {
      let sandbox = try await Sandbox.demo()
      let all = try await sandbox.report("leases")["leases"].items
      let stuck = Set(["dead", "reused", "zombie", "orphan"])
      let proven = all.filter { stuck.contains($0["verdict"].text ?? "") }
      #expect(try await sandbox.report("leases", "--stuck")["leases"].items.count == proven.count)
      let dead = try await sandbox.report("leases", "--filter", "verdict:dead")["leases"].items
      #expect(!dead.isEmpty && dead.allSatisfy { $0["verdict"].text == "dead" })
      let sorted = try await sandbox.report("leases", "--sort", "age")["leases"].items
      let times = sorted.map { $0["acquired_at"].integer ?? .min }
      #expect(times == times.sorted() && times.count == all.count, "the oldest first")
      let turned = try await sandbox.report("leases", "--sort", "age", "--reverse")["leases"].items
      #expect(turned.map { $0["acquired_at"].integer ?? .min } == times.sorted(by: >))
      #expect(try await sandbox.report("leases", "--limit", "2")["leases"].items.count == 2)
      let names = try await lines(sandbox, "leases", "-q", "--stuck")
      #expect(
        names.count == proven.count && names.allSatisfy { $0.split(separator: ":").count == 3 })
      let columns = try await lines(sandbox, "leases", "--columns", "pid,holder")
      #expect(columns[0].split(separator: " ") == ["PID", "HOLDER"])
      _ = try await lines(sandbox, "leases", "--sort", "lru")
    }

    @Test("a watch shows each change once, and ends by a signal")
    func watch() async throws {
      let sandbox = try await Sandbox.demo()
      let child = try Child(
        Binary.path, ["leases", "--stuck", "-w", "0.2"], environment: sandbox.environment,
        folder: sandbox.folder)
      defer { child.signal(SIGKILL) }
      func blocks() throws -> Int {
        try child.outputSoFar().components(separatedBy: "VERDICT").count - 1
      }
      _ = try await poll { try blocks() == 1 ? true : nil }
      #expect(try await sandbox.run("release", "--stuck").status == 0)
      _ = try await poll { try blocks() == 2 ? true : nil }
      child.signal(SIGINT)
      let result = try await child.result()
      #expect(
        result.status == 130 && result.text.contains("0 leases on 0 entries"), "\(result.text)")
    }
  }
}
