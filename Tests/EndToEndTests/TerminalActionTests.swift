import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// Changes are confirmed, refused where they must be, and never made by accident.
  @Suite struct Actions {
    @Test(
      "X asks, Enter keeps the default Cancel, and the action's letter releases the stuck ones",
      .enabled(if: Machine.isInitialPIDNamespace, "not the initial PID namespace"))
    func releaseStuck() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let terminal = try await sandbox.inspector()
      try await terminal.press("3")
      try await terminal.wait(for: "DEAD")
      try await terminal.press("X")
      try await terminal.wait(for: "Cancel")
      try await terminal.press("Enter")
      try await terminal.wait("a closed dialog") { !$0.contains("Cancel") }
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "1")
      try await terminal.press("X")
      try await terminal.wait(for: "Cancel")
      try await terminal.press("r")
      try await terminal.wait("no lease left") { _ in
        try await sandbox.sqlite("SELECT count(*) FROM leases") == "0"
      }
      #expect(try await sandbox.pinned(3) == "0")
      try await terminal.quit()
    }

    @Test("p asks, and k keeps the selected entry with the reason that was typed")
    func pin() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      _ = try await terminal.settledSelection()
      try await terminal.press("p")
      try await terminal.wait(for: "Cancel")
      #expect(try await sandbox.sqlite("SELECT count(*) FROM leases") == "0")
      try await terminal.press("r")
      try await terminal.type("for the release")
      try await terminal.press("Enter")
      try await terminal.press("k")
      try await terminal.wait("a pinned entry") { _ in
        try await sandbox.sqlite("SELECT count(*) FROM leases WHERE holder_pid = 1") == "1"
      }
      try await terminal.quit()
    }

    @Test("the keypad, Alt, late answers and what is pasted are no letters: nothing changes")
    func strayBytes() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      _ = try await terminal.settledSelection()
      let rows = "SELECT * FROM entries; SELECT * FROM leases"
      let before = try await sandbox.sqlite(rows)
      for text in [
        "Op", "Oq", "Oy", "OM", "p", "q", "x", "[?62;22c", "]11;rgb:pp/qq/kk\u{7}", "]11;rg",
        "P>|q(p)\u{1B}\\", "[12;40R", "[?2026;2$y", "[200~pk\rq\u{1B}[201~", "[Mqqq",
        "_Gi=1;qk\u{1B}\\",
      ] {
        try await terminal.send([0x1B] + Array(text.utf8))
      }
      // Right behind Escape a key would be Alt and that key, however long this took to type.
      try await terminal.press("Escape")
      try await terminal.wait("the leases") { screen in
        if screen.contains("[3 Leases") { return true }
        try await terminal.press("3")
        return false
      }
      #expect(try await sandbox.sqlite(rows) == before)
      try await terminal.quit()
    }

    @Test("m migrates a legacy index after its dialog")
    func migrate() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let terminal = try await sandbox.inspector()
      try await terminal.press("4")
      try await terminal.wait(for: "m002_add_leases_refcount")
      try await terminal.press("m")
      try await terminal.wait(for: "Cancel")
      try await terminal.press("r")
      try await terminal.wait("migrated") { _ in
        try await sandbox.sqlite("SELECT count(*) FROM pragma_table_info('leases')") == "5"
      }
      try await terminal.quit()
    }

    @Test(
      "--read-only and a newer schema say why a key does nothing",
      arguments: [true, false])
    func readOnly(byFlag: Bool) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      if !byFlag {
        try await sandbox.sqlite("INSERT INTO schema_migrations VALUES ('m003_future', 1)")
      }
      let flags = byFlag ? ["--read-only"] : []
      try await sandbox.expectingNoChange {
        let terminal = try await Tmux(
          sandbox.inspectorCommand(flags) + "; echo exit=$?", environment: sandbox.environment)
        try await terminal.wait(for: "2 Entries")
        try await terminal.press("2")
        _ = try await terminal.settledSelection()
        try await terminal.press("p")
        try await terminal.wait(for: byFlag ? "read-only" : "newer")
        try await terminal.quit()
      }
    }

    @Test("R1: a thousand random keys crash nothing, and read-only nothing changes either")
    func randomKeysReadOnly() async throws {
      let sandbox = try await Sandbox.demo()
      let before = sandbox.snapshot()
      let terminal = try await sandbox.inspector("--read-only", columns: 100, rows: 30)
      try await terminal.pressRandomly(1000, from: RandomKeys.all, seed: 1)
      try await terminal.escapeAndQuit()
      #expect(sandbox.snapshot().difference(from: before).isEmpty)
    }

    /// Enter on the accepting button is an answer, too: there is either no Enter, or no way to that button.
    @Test(
      "no key but the accepting letter of a dialog changes anything that asks first",
      arguments: [["Enter"], ["Tab", "BTab", "Left", "Right"]])
    func randomKeysUnconfirmed(without absent: [String]) async throws {
      let sandbox = try await Sandbox.demo()
      let rows = "SELECT * FROM entries; SELECT * FROM leases; SELECT * FROM schema_migrations"
      let before = try await sandbox.sqlite(rows)
      let terminal = try await sandbox.inspector(columns: 100, rows: 30)
      try await terminal.pressRandomly(
        1000, from: RandomKeys.neverAccepting.filter { !absent.contains($0) }, seed: 2)
      try await terminal.escapeAndQuit()
      #expect(try await sandbox.sqlite(rows) == before)
    }
  }
}

/// Keys for tests that press anything; what quits or starts another program is left out.
enum RandomKeys {
  static let all =
    neverAccepting + [
      "r", "m", "p", "u", "x", "X", "R", "d", "f", "F", "v", "C", "y", ":", ".", "?", "C-p", "F1",
    ]
  /// Without the letters that accept a dialog; without p and u, no dialog of theirs is there for k and o.
  static let neverAccepting =
    "acghijklnoszABDEGHIJKLMNSTUVWYZ0123456789/!*<>[]+_,' ;-=".map(String.init)
    + ["X", "x", "Enter", "Escape", "Up", "Down", "Left", "Right", "PageUp", "PageDown"]
    + ["Home", "End", "Tab", "BTab", "BSpace", "C-d", "C-u", "C-l", "Space"]
}

extension Tmux {
  /// Presses keys drawn from `keys`, in an order that the seed decides.
  func pressRandomly(_ count: Int, from keys: [String], seed: UInt64) async throws {
    var state = seed
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    for _ in stride(from: 0, to: count, by: 20) {
      let batch = (0..<20).map { _ in keys[next() % keys.count] }
      try await tmux(["send-keys"] + batch.map { $0 == ";" ? "\\;" : $0 })
      #expect(try await child() != nil, "the inspector ended")
    }
  }

  /// Closes by Escape what shows the text: with a key right behind it, it would be Alt and that key.
  func close(_ text: String) async throws {
    try await press("Escape")
    try await wait("\(text) to go") { !$0.contains(text) }
  }

  /// Leaves whatever is open, then quits everything.
  func escapeAndQuit() async throws {
    // Q means something else where text is typed, and nothing right behind an Escape: both again and
    // again, further and further apart.
    var pause = Duration.milliseconds(50)
    try await wait("the end after Q") { screen in
      if screen.contains("exit=") { return true }
      try await press("Escape")
      try await Task.sleep(for: pause)
      try await press("Q")
      pause = min(pause * 2, .seconds(1))
      return false
    }
    try await expectEnd(0)
  }
}
