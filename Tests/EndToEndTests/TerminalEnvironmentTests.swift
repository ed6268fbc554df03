import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// Terminals and locales that are not what one hopes for.
  @Suite struct Environment {
    @Test("an unknown TERM falls back and says so", arguments: ["xterm-cachescope", ""])
    func unknownTerminal(name: String) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(adding: ["TERM": name])
      try await terminal.wait(for: "TERM is not known here, using xterm-256color")
      try await terminal.press("3")
      try await terminal.wait(for: "VERDICT")
      try await terminal.quit()
    }

    @Test(
      "TERM=dumb and --plain get sentences, and not one escape sequence, whatever colour is wanted",
      arguments: [(["TERM": "dumb"], []), ([:], ["--plain"])] as [([String: String], [String])])
    func plain(variables: [String: String], flags: [String]) async throws {
      let sandbox = try await Sandbox.demo()
      let raw = sandbox.folder.appending(path: "raw").path
      let terminal = try await Tmux(
        "exec sh", columns: 200, rows: 50,
        environment: sandbox.environment(adding: ["PS1": "$ ", "ENV": nil]))
      try await terminal.wait(for: "$")
      try await terminal.tmux(["pipe-pane", "cat > '\(raw)'"])
      let assignments = variables.map { "\($0.key)=\($0.value) " }.joined()
      let command = sandbox.inspectorCommand(flags + ["--color", "always"])
      try await terminal.type("\(assignments)\(command); echo exit=$?")
      try await terminal.press("Enter")
      try await terminal.wait(for: "Command:")
      try await terminal.type("leases")
      try await terminal.press("Enter")
      try await terminal.wait(for: "provably stuck")
      try await terminal.type("quit")
      try await terminal.press("Enter")
      try await terminal.wait(for: "exit=0")
      var text = ""
      try await terminal.wait("the whole of the output") { _ in
        text = (try? String(contentsOfFile: raw, encoding: .utf8)) ?? ""
        return text.contains("exit=0")
      }
      #expect(text.contains("Entries: 300, 258 installed") && text.contains("Problem 1, error:"))
      let controls = text.unicodeScalars.filter { $0.value < 32 && $0 != "\r" && $0 != "\n" }
      #expect(controls.isEmpty)
      // Nothing is painted over: a line begins where the last one ended.
      #expect(text.replacing("\r\n", with: "").contains("\r") == false)
    }

    @Test(
      "a table fits its terminal, and names go before the parts of a size", arguments: [80, 160])
    func fits(columns: Int) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await Tmux(
        "\(sandbox.inspectorCommand(["entries", "--limit", "9"])); echo exit=$?; sleep 60",
        columns: columns, rows: 30, environment: sandbox.environment)
      try await terminal.wait(for: "exit=0")
      let rows = try await terminal.rows().filter { !$0.isEmpty }
      #expect(rows.count == 12, "one line each: \(rows)")
      #expect(rows[0].contains(" SIZE ") && rows[0].contains("ARCHIVE") == (columns == 160))
      let whole = "espressif-crosstool-NG"
      #expect(columns == 80 || rows[1].contains(whole), "\(rows)")
    }

    @Test(
      "a C locale or --ascii gives ASCII only",
      arguments: [
        (["LC_ALL": "C"], []), (["LC_ALL": "POSIX"], []), ([:], ["--ascii"]),
      ] as [([String: String], [String])])
    func asciiOnly(variables: [String: String], flags: [String]) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await Tmux(
        sandbox.inspectorCommand(flags) + "; echo exit=$?",
        environment: sandbox.environment(adding: variables))
      try await terminal.wait(for: "Entries")
      for (key, text) in [
        ("1", "evictable"), ("2", "KEPT BY"), ("3", "VERDICT"), ("4", "APPLIED"), ("5", "POINTER"),
        ("?", "Help for Links"),
      ] {
        try await terminal.press(key)
        let screen = try await terminal.wait(for: text)
        #expect(screen.utf8.allSatisfy { $0 < 128 }, "tab \(key)")
      }
      try await terminal.close("Help for Links")
      try await terminal.quit()
    }

    @Test(
      "the theme follows the background that the terminal tells; who cannot be asked is not asked",
      arguments: [
        ("#ffffff", "tmux-256color", ["38;5;124"], ["[31m"]),
        ("#000000", "tmux-256color", ["[31m"], ["38;5;124"]),
        ("default", "tmux-256color", ["[31m"], ["38;5;124"]),
        ("#ffffff", "linux", ["[31m"], ["38;5;124"]),
      ])
    func background(
      color: String, name: String, present: [String], absent: [String]
    ) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await Tmux(
        "exec sh", environment: sandbox.environment(adding: ["ENV": nil]))
      try await terminal.tmux(["set-option", "-g", "window-style", "bg=\(color)"])
      try await terminal.type("TERM=\(name) \(sandbox.inspectorCommand([])); echo exit''=$?")
      try await terminal.press("Enter")
      try await terminal.wait(for: "PROBLEMS")
      try await terminal.wait("the colours of \(color)") { _ in
        let painted = try await terminal.tmux(["capture-pane", "-p", "-e"])
        return present.allSatisfy(painted.contains) && !absent.contains(where: painted.contains)
      }
      // Nothing of the answer has become a key.
      #expect(try await terminal.screen().contains("[1 Overview"))
      try await terminal.press("q")
      try await terminal.wait(for: "exit=0")
    }

    @Test(
      "times are told in the zone of --time-zone, U turns to UTC, and an unknown zone is refused")
    func timeZone() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(adding: ["TZ": "XYZ-9"])
      try await terminal.press("3")
      let before = try await terminal.wait(for: "acquired")
      try await terminal.press("U")
      let after = try await terminal.wait(for: "times are in UTC")
      #expect(Self.hour(before) == Self.hour(after).map { ($0 + 9) % 24 })
      try await terminal.press("U")
      try await terminal.wait(for: "times are in the local zone")
      try await terminal.quit()
      let utc = try await sandbox.inspector("--time-zone", "UTC", adding: ["TZ": "XYZ-9"])
      try await utc.press("3")
      #expect(Self.hour(try await utc.wait(for: "acquired")) == Self.hour(after))
      try await utc.quit()
      for zone in ["Nowhere/Atlantis", "../../etc/passwd", "/etc/localtime", ""] {
        let refused = try await sandbox.run(["inspect", "--time-zone", zone])
        #expect(refused.status == 64 && refused.errorText.contains("--time-zone"), "\(zone)")
      }
    }

    /// The hour in which the selected lease was acquired.
    private static func hour(_ screen: String) -> Int? {
      screen.firstMatch(of: #/acquired +\d+-\d+-\d+ (\d\d):/#).flatMap { Int($0.1) }
    }

    @Test("no locale at all means UTF-8")
    func noLocale() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(adding: ["LANG": nil])
      try await terminal.press("3")
      try await terminal.wait(for: "▸")
      try await terminal.quit()
    }

    @Test("NO_COLOR leaves attributes and takes every colour")
    func noColour() async throws {
      let sandbox = try await Sandbox.demo()
      let colour = /\u{1B}\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;5|48;5)[0-9;]*m/
      for (variables, wanted) in [([:], true), (["NO_COLOR": "1"], false)] {
        let terminal = try await sandbox.inspector(adding: variables)
        try await terminal.press("3")
        try await terminal.wait(for: "VERDICT")
        _ = try await terminal.settledSelection()
        let screen = try await terminal.colouredScreen()
        #expect((screen.firstMatch(of: colour) != nil) == wanted, "\(variables)")
        try await terminal.quit()
      }
    }

    @Test("not a terminal, or asked for JSON: text or one object, and nothing waits for a key")
    func notATerminal() async throws {
      let sandbox = try await Sandbox.demo()
      let table = try await sandbox.run("inspect")
      #expect(table.status == 0 && table.text.contains("EVICTABLE"))
      #expect(!table.text.contains("\u{1B}"))
      let plain = try await sandbox.run("--plain", "--color", "always")
      #expect(plain.status == 0 && plain.text.hasPrefix("Cache: "))
      #expect(!plain.text.contains("\u{1B}"))
      #expect(try JSON(try await sandbox.run("--json").text)["counts"]["entries"] == .integer(300))
    }

    @Test("S2, T-I8: without a terminal the inspector prints and ends")
    func noTerminal() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await Tmux(
        sandbox.inspectorCommand([]) + " </dev/null | cat; echo exit=$?",
        environment: sandbox.environment)
      try await terminal.expectEnd(0)
    }
  }
}
