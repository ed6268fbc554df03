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

    @Test("every tab opens by its number")
    func tabs() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      for (key, heading) in [("2", "KIND"), ("3", "VERDICT"), ("4", "m001_initial_schema")] {
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
