import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// Starting, ending and being interrupted.
  @Suite struct Life {
    @Test("it starts on the Overview and q ends it with 0, leaving the terminal as it was")
    func startAndQuit() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(showing: "1 Overview")
      #expect(try await terminal.format("#{alternate_on}") == "1")
      try await terminal.quit()
    }

    @Test(
      "Q ends it with 0, ctrl-c on an idle screen with 130", arguments: [("Q", 0), ("C-c", 130)])
    func quitCodes(key: String, status: Int32) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.press("3")
      try await terminal.wait(for: "VERDICT")
      _ = try await terminal.settledSelection()
      // The first ctrl-c may still cancel a read.
      try await terminal.wait("the end") { screen in
        if screen.contains("exit=") { return true }
        try await terminal.press(key)
        return false
      }
      try await terminal.expectEnd(status)
    }

    @Test("S2: a terminal that is closed ends the inspector, which does not live on")
    func closedTerminal() async throws {
      let sandbox = try await Sandbox.demo()
      // A terminal in the terminal, which goes away like a connection.
      let terminal = try await Tmux(
        "SHELL=/bin/sh script -qc \"exec \(sandbox.inspectorCommand([]))\" /dev/null; reset; echo exit=$?",
        environment: sandbox.environment)
      try await terminal.wait(for: "2 Entries")
      let inner = try #require(try await terminal.child())
      let pid = try #require(Tmux.child(of: inner))
      #expect(kill(inner, SIGKILL) == 0)
      try await terminal.wait("the end of the process") { _ in
        // Whoever inherits it may not have waited for it yet.
        let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return state.map { $0.contains(") Z ") } ?? true
      }
    }

    @Test("every tab opens by its number")
    func tabs() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      for (key, heading) in [("2", "KEPT BY"), ("3", "VERDICT"), ("4", "m001_initial_schema")] {
        try await terminal.press(key)
        try await terminal.wait(for: heading)
      }
      try await terminal.quit()
    }

    @Test(
      "S2: a signal restores the terminal and ends with 128 + n",
      arguments: [
        SIGTERM, SIGHUP, SIGQUIT,
      ])
    func endingSignals(signal: Int32) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.signalInspector(signal)
      try await terminal.expectEnd(128 + signal)
    }

    @Test(
      "S2: a crash restores the terminal before it reports",
      arguments: [
        SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGTRAP,
      ])
    func crash(signal: Int32) async throws {
      let sandbox = try await Sandbox.demo()
      // The Swift runtime would spend many seconds on a backtrace, and then ask for a key.
      let terminal = try await sandbox.inspector(adding: ["SWIFT_BACKTRACE": "enable=no"])
      try await terminal.signalInspector(signal)
      try await terminal.expectEnd(128 + signal)
    }

    @Test("^Z gives the terminal back, and fg paints again at a size changed meanwhile")
    func suspend() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await Tmux(
        "exec bash --norc --noprofile -i", environment: sandbox.environment(adding: ["PS1": "$ "]))
      try await terminal.wait(for: "$")
      try await terminal.type(sandbox.inspectorCommand([]) + "; echo exit=$?")
      try await terminal.press("Enter")
      try await terminal.wait(for: "2 Entries")
      try await terminal.press("C-z")
      try await terminal.wait(for: "Stopped")
      try await terminal.waitUntilRestored()
      try await terminal.resize(columns: 100, rows: 30)
      try await terminal.type("fg")
      try await terminal.press("Enter")
      try await terminal.wait("the inspector on the last of 30 rows") { screen in
        let rows = screen.split(separator: "\n", omittingEmptySubsequences: false)
        return screen.contains("2 Entries") && rows.count > 29 && rows[29].contains("q")
      }
      #expect(try await terminal.format("#{alternate_on}") == "1")
      try await terminal.press("q")
      try await terminal.waitUntilRestored()
    }

    @Test("T-I8: without a cache it says so in one sentence and ends with 1")
    func noCache() async throws {
      let sandbox = try Sandbox()
      let terminal = try await Tmux(
        sandbox.inspectorCommand([]) + "; echo exit=$?", environment: sandbox.environment)
      try await terminal.expectEnd(1)
      #expect(try await terminal.screen().contains(sandbox.cache.lastPathComponent))
    }
  }
}

extension Tmux {
  /// Sends a signal to the inspector that the terminal's shell runs.
  func signalInspector(_ signal: Int32) async throws {
    let pid = try #require(try await child())
    #expect(kill(pid, signal) == 0)
  }
}
