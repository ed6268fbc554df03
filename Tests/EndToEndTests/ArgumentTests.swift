import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What is typed, byte for byte, and what is said of what cannot be used.
  @Suite struct Arguments {
    private func shell(_ sandbox: Sandbox, _ script: String) async throws -> Shell.Result {
      try await Shell.run(
        "sh", ["-c", script], environment: sandbox.environment, folder: sandbox.folder)
    }

    @Test("T-I6: a cache whose name is not UTF-8 is that one, and no other one is touched")
    func rawBytes() async throws {
      // What the bytes would be taken for.
      let sandbox = try Sandbox(cache: "c\u{FFFD}")
      let fixture = Fixtures.folder.appending(path: "legacy-VA-bc8ba93b").path
      try FileManager.default.copyItem(atPath: fixture, toPath: sandbox.cache.path)
      let before = sandbox.snapshot()
      let run = { (verb: String) in
        "raw=$(printf 'c\\377'); test -e \"$raw\" || cp -r '\(fixture)' \"$raw\"; "
          + "'\(Binary.path)' \(verb) --cache \"$raw\""
      }
      let json = try await shell(sandbox, run("status --json"))
      let encoded = try #require(try JSON(json.text)["cache"]["b64"].text)
      let bytes = try #require(Data(base64Encoded: encoded))
      #expect(bytes == Data((sandbox.folder.path + "/c").utf8) + [0xFF])
      let text = try await shell(sandbox, run("status"))
      #expect(text.status == 0 && text.text.contains(#"/c\xff  (--cache"#), "\(text.text)")
      for verb in ["migrate", "migrate --rehearse", "pin 1", "unpin 1"] {
        let result = try await shell(sandbox, run(verb))
        #expect(result.status == 0, "\(verb): \(result.errorText)")
      }
      #expect(sandbox.snapshot() == before)
      let names = try await shell(sandbox, "ls -a \"$(printf 'c\\377')\"")
      #expect(names.text.contains("index.sqlite.bak-"))
      let missing = try await shell(
        sandbox, "'\(Binary.path)' status --cache \"$(printf 'd\\376')\"")
      #expect(missing.status == 1 && missing.errorText.contains(#"/d\xfe "#))
    }

    @Test("T-I6: text that is not UTF-8 is refused, and a demo in such a folder too")
    func unusableBytes() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let filter = try await shell(
        sandbox, "'\(Binary.path)' entries --filter \"$(printf 'x\\377')\" --json")
      try filter.expectUsage(naming: "--filter", #"x\xff"#)
      let demo = try await shell(
        sandbox, "'\(Binary.path)' demo \"$(printf 'd\\377')\" --json; ls")
      #expect(demo.text.contains("not valid UTF-8") && !demo.text.contains("\u{FFFD}"))
    }

    @Test(
      "A common command line, which no parser reads, is answered as the parser's spelling of it",
      arguments: ["status", "leases", "entries", "inspect", ""], ["", "--json"])
    func common(verb: String, flag: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      func answer(_ cache: String) async throws -> Shell.Result {
        try await shell(sandbox, "'\(Binary.path)' \(verb) \(cache) \(flag) --no-config")
      }
      let plain = try await answer("--cache '\(sandbox.cache.path)'")
      let parsed = try await answer("--cache='\(sandbox.cache.path)'")
      #expect(plain.status == parsed.status && plain.status == 0)
      #expect(plain.errorText == parsed.errorText)
      // The disk's free bytes may differ, and an age may pass a second.
      let digits = { (text: String) in text.filter { !$0.isNumber } }
      #expect(digits(plain.text) == digits(parsed.text) && !plain.text.isEmpty)
    }

    @Test("The version is the same with and without the parser")
    func version() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let plain = try await sandbox.run("--version")
      let parsed = try await sandbox.run("status", "--version")
      #expect(plain.status == 0 && plain.text == parsed.text && !plain.text.isEmpty)
    }

    @Test(
      "S1: a wrong command line with --json is answered in JSON",
      arguments: [
        ["nonsense"], ["entry"], ["entries", "--limit", "x"], ["release", "1:2"], ["entry", "x"],
        ["release", "--stuck", "1:1:1"], ["status", "--color", "purple"], ["migrate", "--nope"],
      ])
    func usage(arguments: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        Binary.path, arguments + ["--json"], environment: sandbox.environment)
      try result.expectUsage()
      #expect(result.errorText.isEmpty)
    }

    @Test("A time that is refused is told with the units and the longest one")
    func time() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.run("report", "--since", "400d")
      #expect(result.status == 64)
      let rule = "a number with ms, s, m, h or d, at most 366d"
      #expect(result.errorText.contains("--since takes TIME, not '400d': \(rule)"))
    }

    @Test("S1: help and version are no errors, with --json either")
    func help() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let help = try await sandbox.run("entries", "--json", "--help")
      #expect(help.status == 0 && help.text.contains("USAGE:"))
      let version = try await sandbox.run("--version", "--json")
      #expect(version.status == 0 && version.text.split(separator: "\n").count == 1)
    }

    @Test("T-I8: without a verb and a terminal --json is the status", arguments: [[], ["inspect"]])
    func overview(verb: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        Binary.path, verb + ["--json"], environment: sandbox.environment)
      let (overview, status) = (try JSON(result.text), try await sandbox.report("status"))
      #expect(overview.keys == status.keys && overview["counts"] == status["counts"])
    }

    @Test("T-I8: an answer that cannot be written is named", arguments: ["status", "--version"])
    func fullOutput(verb: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await shell(sandbox, "'\(Binary.path)' \(verb) > /dev/full")
      #expect(result.status == 1)
      #expect(result.errorText.contains("standard output cannot be written: No space left"))
    }

    @Test(
      "T-A2: a cache that is no folder is told apart, with what chose it",
      arguments: ["status", "entries", "pin 1", "migrate", "leases"])
    func noFolder(verb: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await shell(
        sandbox, "'\(Binary.path)' \(verb) --json --cache '\(sandbox.index.path)'")
      try result.expectFailure("no_cache", status: 1)
      let error = try JSON(result.text)["error"]
      #expect(error["message"].text?.contains("a cache is a folder, and") == true)
      #expect(error["message"].text?.contains("(chosen by --cache)") == true)
      #expect(error["hint"].text?.hasSuffix("--cache \(sandbox.cache.path)") == true)
    }

    @Test(
      "S1: a filter that can match nothing is refused",
      arguments: ["size>abc", "bogus:3", "size>>3"])
    func filter(text: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.run("entries", "--json", "--filter", text).expectUsage(naming: text)
    }

    @Test(
      "S1: a number below zero is refused as a value, and not called missing",
      arguments: [
        ["entries", "--limit", "-1"], ["host", "--depth", "-1"], ["--now", "-1", "status"],
      ])
    func negativeValue(arguments: [String]) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
      let option = try #require(arguments.first { $0.hasPrefix("--") })
      #expect(result.status == 64)
      #expect(result.errorText.contains("\(option) takes "), "\(result.errorText)")
      #expect(result.errorText.contains("not '-1'"), "\(result.errorText)")
    }

    @Test("S1: a negative id says how it is written")
    func negativeID() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let text = try await sandbox.run("entry", "-1")
      #expect(text.status == 64 && text.errorText.contains("write `--` before a negative id"))
      try await sandbox.run("entry", "-1", "--json").expectUsage(hint: "`--`")
      try await sandbox.run("entry", "--json", "--", "-1").expectFailure("not_found", status: 1)
      try await sandbox.run("entry", "9223372036854775808", "--json")
        .expectUsage(naming: "9223372036854775808")
    }
  }
}

extension Shell.Result {
  /// Expects the answer to a command line that cannot be used.
  func expectUsage(
    naming words: String..., hint: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectFailure("usage", status: 64, sourceLocation: sourceLocation)
    let error = try JSON(text)["error"]
    for word in words {
      #expect(
        error["message"].text?.contains(word) == true, "\(text)", sourceLocation: sourceLocation)
    }
    #expect(
      hint.isEmpty || error["hint"].text?.contains(hint) == true, "\(text)",
      sourceLocation: sourceLocation)
  }
}
