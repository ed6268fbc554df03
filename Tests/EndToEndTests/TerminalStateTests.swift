import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// What one run leaves for the next, and what a configuration changes on the screen.
  @Suite struct BetweenRuns {
    @Test("sort order and filter come back, whatever ended the run; the cache holds no byte of it")
    func kept() async throws {
      let sandbox = try await Sandbox.demo()
      try await sandbox.expectingNoChange {
        let first = try await sandbox.inspector()
        try await first.press("3", ">")
        try await first.wait(for: "PID▲")
        try await first.type("/dead")
        try await first.wait(for: "filter: dead")
        try await first.press("Enter")
        try await first.signalInspector(SIGTERM)
        try await first.expectEnd(128 + SIGTERM)
        let second = try await sandbox.inspector()
        try await second.press("3")
        try await second.wait(for: "PID▲")
        try await second.press("/", "Up")
        try await second.wait(for: "/dead")
        try await second.close("/dead")
        try await second.quit()
      }
      let file = sandbox.folder.appending(path: "home/state/cachescope/inspector.state")
      #expect(try String(contentsOf: file, encoding: .utf8).contains("sort leases pid ascending"))
    }

    @Test("a script neither reads nor writes it")
    func script() async throws {
      let sandbox = try await Sandbox.demo()
      let file = sandbox.folder.appending(path: "home/state/cachescope/inspector.state")
      let command = ["inspect", "--script", "3S", "--now", "2000000000"]
      let before = try await sandbox.run(command)
      #expect(before.status == 0 && before.text.contains("VERDICT▼"))
      #expect(!FileManager.default.fileExists(atPath: file.path))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try "sort leases age descending\n".write(to: file, atomically: true, encoding: .utf8)
      #expect(try await sandbox.run(command).text == before.text)
      #expect(try String(contentsOf: file, encoding: .utf8) == "sort leases age descending\n")
    }

    @Test("state that cannot be kept stops nothing")
    func unwritable() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(adding: ["XDG_STATE_HOME": "/proc/self"])
      try await terminal.press("3", "S")
      try await terminal.wait(for: "VERDICT▼")
      try await terminal.quit()
    }

    @Test("the file's options are those of the screen: no mouse, ASCII, read-only, a saved filter")
    func configuration() async throws {
      let sandbox = try await Sandbox.demo()
      try sandbox.configure(
        "--no-mouse\n--ascii\n--read-only\n--theme mono\n--saved-filter leases:gone=verdict:dead")
      let terminal = try await sandbox.inspector()
      #expect(try await terminal.format("#{mouse_any_flag}") == "0")
      #expect(try await terminal.screen().utf8.allSatisfy { $0 < 128 })
      try await terminal.press("X")
      try await terminal.wait(for: "read-only: set in ")
      try await terminal.type(":gone")
      try await terminal.press("Enter")
      try await terminal.wait(for: "(filter: verdict:dead)")
      try await terminal.quit()
      let other = try await sandbox.inspector("--mouse", "--no-ascii")
      #expect(try await other.format("#{mouse_any_flag}") == "1")
      try await other.wait(for: "▸")
      try await other.quit()
    }

    @Test("a bad line is told on the normal screen")
    func badLine() async throws {
      let sandbox = try await Sandbox.demo()
      try sandbox.configure("--blink")
      let terminal = try await Tmux(
        sandbox.inspectorCommand([]) + "; echo exit=$?", columns: 200,
        environment: sandbox.environment)
      try await terminal.expectEnd(64)
      #expect(try await terminal.screen().contains("cachescope/config:1: '--blink' is not allowed"))
    }
  }
}
