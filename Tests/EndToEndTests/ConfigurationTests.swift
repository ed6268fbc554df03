import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// The configuration files.
  @Suite struct Configuration {
    @Test("an option goes before the environment, that before the user's file")
    func order() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let other = try Sandbox(fixture: "2.2.1")
      let file = try sandbox.configure("# mine\n\n  --cache \(other.cache.path)  \r\n")
      let byFile = try await sandbox.status(adding: ["FBUILD_CACHE_DIR": nil])
      #expect(byFile["cache"].text == other.cache.path)
      #expect(byFile["chosen_by"].text == "\(file):3")
      let byEnvironment = try await sandbox.status()
      #expect(byEnvironment["chosen_by"].text == "FBUILD_CACHE_DIR")
      let byOption = try await sandbox.status("--cache", sandbox.cache.path)
      #expect(byOption["chosen_by"].text == "--cache")
    }

    @Test("fbuild's development mode is the environment's choice, too")
    func developmentMode() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try sandbox.configure("--cache \(sandbox.cache.path)")
      let result = try await sandbox.run(
        "status", without: ["FBUILD_CACHE_DIR"], adding: ["FBUILD_DEV_MODE": "1"])
      #expect(result.status == 1 && result.errorText.contains("/.fbuild/dev/cache"))
    }

    @Test("--no-config skips the file, even a bad one; ~ is the home folder")
    func skipped() async throws {
      let sandbox = try Sandbox(cache: "home/cache")
      try sandbox.replaceCache(byFixture: "2.5.47")
      try sandbox.configure("--cache ~/cache")
      let report = try await sandbox.status(adding: ["FBUILD_CACHE_DIR": nil])
      #expect(report["cache"].text == sandbox.cache.path)
      let skipped = try await sandbox.run(
        "status", "--no-config", without: ["FBUILD_CACHE_DIR"])
      #expect(skipped.status == 1)
      try sandbox.configure("nonsense")
      #expect(try await sandbox.run("status", "--no-config").status == 0)
      #expect(try await sandbox.run("--no-config", "status").status == 0)
      #expect(try await sandbox.run("--version").status == 0)
      #expect(try await sandbox.run("help", "config").text.contains("cachescope/config"))
    }

    @Test("colour: option, then NO_COLOR, then the file")
    func colour() async throws {
      let sandbox = try await Sandbox.demo()
      try sandbox.configure("--color=always")
      let hasColour = { (result: Shell.Result) in result.text.contains("\u{1B}[") }
      #expect(hasColour(try await sandbox.run("leases")))
      #expect(!hasColour(try await sandbox.run("leases", adding: ["NO_COLOR": "1"])))
      #expect(hasColour(try await sandbox.run("leases", adding: ["NO_COLOR": ""])))
      #expect(!hasColour(try await sandbox.run("leases", "--color", "never")))
    }

    @Test(
      "a bad line is named with its file and number, as text and as JSON, with 64",
      arguments: [
        "--theme blue", "--theme", "--color sometimes", "theme cvd", "--ascii yes",
        "--ascii --plain",
        "--cache relative/path", "--cache", "--saved-filter x", "--saved-filter =x", "-x", "--",
        "--unknown", "--theme cvd\u{1B}[31m", "-r=2", "status",
      ])
    func badLine(line: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try sandbox.configure("--ascii\n# a comment\n\(line)\n")
      let text = try await sandbox.run("status")
      #expect(text.status == 64 && text.text.isEmpty)
      #expect(text.errorText.hasPrefix("cachescope: \(file):3: "), "\(text.errorText)")
      #expect(!text.errorText.contains("\u{1B}"))
      let json = try await sandbox.run("status", "--json")
      try json.expectFailure("invalid_input", status: 64)
      #expect(try JSON(json.text)["error"]["message"].text?.hasPrefix("\(file):3: ") == true)
    }

    @Test(
      "bytes that are no text, a folder, a FIFO, and a file that is too long are refused in words")
    func badFile() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try sandbox.configure("")
      try Data([0x2D, 0x2D, 0xFF, 0x0A]).write(to: URL(filePath: file))
      #expect(
        try await sandbox.run("status").errorText.contains("\(file):1: the line is not UTF-8"))
      try Data(repeating: 0x0A, count: 2 << 20).write(to: URL(filePath: file))
      #expect(try await sandbox.run("status").errorText.contains("too long"))
      for make in [{ mkdir(file, 0o755) }, { mkfifo(file, 0o644) }] {
        try FileManager.default.removeItem(atPath: file)
        #expect(make() == 0)
        let result = try await sandbox.run("status")
        #expect(result.status == 64 && result.errorText.contains("not a regular file"))
      }
      try FileManager.default.removeItem(atPath: file)
      #expect(try await sandbox.run("status").status == 0)
    }

    @Test("looks in the file leave every verb as it is")
    func everyVerb() async throws {
      let sandbox = try await Sandbox.demo()
      try sandbox.configure(
        "--theme cvd\n--ascii\n--plain\n--no-mouse\n--saved-filter old=age>6h\n--verbose\n--color auto"
      )
      let project = sandbox.folder.appending(path: "demo/project").path
      let verbs =
        inspectingVerbs + [
          ["entry", "1"], ["lnk", "list", project], ["lnk", "check", project],
          ["migrate", "--rehearse"], ["release", "--stuck"], ["pin", "2"], ["unpin", "2"],
        ]
      for verb in verbs {
        for flags in [[], ["--json"]] {
          let plain = try await sandbox.run(verb + flags + ["--now", "2000000000", "--no-config"])
          let configured = try await sandbox.run(verb + flags + ["--now", "2000000000"])
          #expect(configured.status == plain.status, "\(verb)")
          guard !["release", "pin", "unpin", "migrate"].contains(verb[0]) else { continue }
          #expect(configured.textBesideDisk == plain.textBesideDisk, "\(verb + flags)")
        }
      }
    }

    @Test("no option that decides what a verb does can stand in a file")
    func nothingDangerous() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let harmless: Set<String> = [
        "--cache", "--read-only", "--color", "--ascii", "--no-ascii", "--theme", "--plain",
        "--no-plain", "--mouse", "--no-mouse", "--saved-filter", "--verbose", "--time-zone",
      ]
      var options: Set<String> = []
      let verbs = ["inspect", "entries", "pin", "unpin", "release", "migrate", "demo"].map { [$0] }
      for verb in verbs + [["lnk", "list"], ["lnk", "pull"], ["lnk", "check"], ["lnk", "add"]] {
        let help = try await sandbox.run(["help"] + verb).text
        options.formUnion(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
      }
      #expect(
        options.isSuperset(of: ["--force", "--stuck", "--no-backup", "--proc-root", "--json"]))
      #expect(options.isSuperset(of: harmless))
      for option in options.subtracting(harmless) {
        for line in [option, "\(option) 1", "\(option)=1"] {
          try sandbox.configure(line)
          let result = try await sandbox.run("status")
          #expect(result.status == 64, "\(line)")
          #expect(result.errorText.contains("'\(option)' is not allowed in a configuration file"))
        }
      }
    }

    @Test(
      "read-only in the file refuses every change and names the line",
      arguments: ["-r", "--read-only", "-rr"])
    func readOnly(line: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let file = try sandbox.configure(line)
      try await sandbox.expectingNoChange {
        for verb in [["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"]] {
          let result = try await sandbox.run(verb)
          #expect(result.status == 7, "\(verb)")
          #expect(result.errorText.contains("\(file):1"), "\(result.errorText)")
        }
      }
    }

    @Test(
      "the system's file comes first, the user's goes before it, and rights taken stay taken",
      .enabled(if: Machine.canMount, "needs a mount namespace"))
    func system() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let other = try Sandbox(fixture: "2.2.1")
      try sandbox.configureSystem("--cache \(other.cache.path)\n-rr\n")
      let without = ["FBUILD_CACHE_DIR"]
      let bySystem = try await sandbox.runWithSystemFile("status", "--json", without: without)
      #expect(try JSON(bySystem.text)["chosen_by"].text == "/etc/cachescope.conf:1")
      try sandbox.configure("--cache \(sandbox.cache.path)\n-r\n")
      let byUser = try await sandbox.runWithSystemFile("status", "--json", without: without)
      #expect(try JSON(byUser.text)["cache"].text == sandbox.cache.path)
      let pin = try await sandbox.runWithSystemFile("pin", "1", without: without)
      #expect(pin.status == 7 && pin.errorText.contains("/etc/cachescope.conf:2"))
      try sandbox.configureSystem("oops\n")
      let bad = try await sandbox.runWithSystemFile("status", without: without)
      #expect(bad.status == 64 && bad.errorText.contains("/etc/cachescope.conf:1: 'oops'"))
    }
  }
}

extension Shell.Result {
  /// The text without the room on the disk, which others use meanwhile.
  fileprivate var textBesideDisk: String {
    text.replacing(/disk  .*|"(?:free|used)_bytes":[0-9]+/, with: "")
  }
}

extension Sandbox {
  /// Writes the user's configuration and gives its path.
  @discardableResult
  func configure(_ text: String) throws -> String {
    let file = folder.appending(path: "home/config/cachescope/config")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  /// Writes what `runWithSystemFile` shows as `/etc/cachescope.conf`.
  func configureSystem(_ text: String) throws {
    let folder = folder.appending(path: "etc")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try text.write(
      to: folder.appending(path: "cachescope.conf"), atomically: true, encoding: .utf8)
  }

  func run(_ arguments: [String]) async throws -> Shell.Result {
    try await Shell.run(Binary.path, arguments, environment: environment, folder: folder)
  }

  func run(
    _ arguments: String..., without names: [String], adding variables: [String: String] = [:]
  ) async throws -> Shell.Result {
    var environment = environment.merging(variables) { $1 }
    for name in names { environment[name] = nil }
    return try await Shell.run(Binary.path, arguments, environment: environment, folder: folder)
  }

  /// Runs the program where the folder `etc` of the sandbox is the whole of `/etc`.
  func runWithSystemFile(_ arguments: String..., without names: [String]) async throws
    -> Shell.Result
  {
    var environment = environment
    for name in names { environment[name] = nil }
    let script = #"mount --make-rprivate / && mount --bind "$0" /etc && exec "$@""#
    return try await Shell.run(
      "unshare",
      ["-m", "sh", "-c", script, folder.appending(path: "etc").path, Binary.path] + arguments,
      environment: environment, folder: folder)
  }

  /// The report of `status --json`; a variable given as `nil` is taken away.
  func status(_ arguments: String..., adding variables: [String: String?] = [:]) async throws
    -> JSON
  {
    let result = try await Shell.run(
      Binary.path, ["status", "--json"] + arguments, environment: environment(adding: variables),
      folder: folder)
    return try JSON(result.text)
  }

  func replaceCache(byFixture name: String) throws {
    try FileManager.default.copyItem(at: Fixtures.folder.appending(path: name), to: cache)
  }
}
