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
      try await terminal.wait(for: "exit=0")
      var text = ""
      try await terminal.wait("the whole of the output") { _ in
        text = (try? String(contentsOfFile: raw, encoding: .utf8)) ?? ""
        return text.contains("exit=0")
      }
      #expect(text.contains("Entries: 38, 27 installed") && text.contains("Problem 1, error:"))
      let controls = text.unicodeScalars.filter { $0.value < 32 && $0 != "\r" && $0 != "\n" }
      #expect(controls.isEmpty)
      // Nothing is painted over: a line begins where the last one ended.
      #expect(text.replacing("\r\n", with: "").contains("\r") == false)
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
        ("?", "Keys on Links"),
      ] {
        try await terminal.press(key)
        let screen = try await terminal.wait(for: text)
        #expect(screen.utf8.allSatisfy { $0 < 128 }, "tab \(key)")
      }
      try await terminal.close("Keys on Links")
      try await terminal.quit()
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
      #expect(try JSON(try await sandbox.run("--json").text)["counts"]["entries"] == .integer(38))
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
