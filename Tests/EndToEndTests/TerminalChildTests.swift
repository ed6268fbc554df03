import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// Other programs in the foreground: a shell, an editor.
  @Suite struct Children {
    @Test(
      "b opens an interactive shell in the folder of the row, and its end brings the screen back")
    func shell() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(
        columns: 160, adding: ["SHELL": "/bin/sh", "PS1": "here> ", "ENV": nil])
      try await terminal.press("2")
      try await terminal.wait(for: "KEPT BY")
      _ = try await terminal.settledSelection()
      try await terminal.press("b")
      try await terminal.wait(for: "here>")
      #expect(try await terminal.isRestored())
      try await terminal.type("pwd; exit 3")
      try await terminal.press("Enter")
      try await terminal.wait(for: "KEPT BY")
      #expect(try await terminal.format("#{alternate_on}") == "1")
      try await terminal.press("q")
      let screen = try await terminal.wait(for: "exit=0")
      #expect(screen.replacing("\n", with: "").contains(sandbox.cache.path + "/"))
      try await terminal.expectEnd(0)
    }

    @Test("^Z in the editor stops both, fg goes on, and its end brings the screen back")
    func editor() async throws {
      let sandbox = try await Sandbox.demo()
      let editor = sandbox.folder.appending(path: "editor").path
      try "#!/bin/sh\necho editing \"$1\" >&2\nread line\n".write(
        toFile: editor, atomically: true, encoding: .utf8)
      #expect(chmod(editor, 0o755) == 0)
      let terminal = try await Tmux(
        "cd '\(sandbox.folder.path)/demo/project' && exec bash --norc --noprofile -i",
        environment: sandbox.environment(adding: ["PS1": "$ ", "EDITOR": editor]))
      try await terminal.wait(for: "$")
      try await terminal.type(sandbox.inspectorCommand([]) + "; echo exit=$?")
      try await terminal.press("Enter")
      try await terminal.wait(for: "2 Entries")
      try await terminal.press("5")
      try await terminal.wait(for: "POINTER")
      _ = try await terminal.settledSelection()
      try await terminal.press("e")
      try await terminal.wait(for: "editing")
      try await terminal.press("C-z")
      try await terminal.wait(for: "Stopped")
      try await terminal.type("fg")
      try await terminal.press("Enter")
      // The shell's echo and its line of the job come before the editor reads again.
      try await terminal.press("Enter")
      try await terminal.wait(for: "POINTER")
      #expect(try await terminal.format("#{alternate_on}") == "1")
      try await terminal.press("q")
      try await terminal.waitUntilRestored()
    }

    @Test("-rr starts no program")
    func noPrograms() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector("-rr")
      try await terminal.press("b")
      try await terminal.wait(for: "no other program is started")
      try await terminal.quit()
    }
  }
}
