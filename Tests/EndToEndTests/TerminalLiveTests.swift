import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// The index changes while the inspector looks at it.
  @Suite struct Live {
    @Test("two inspectors show another process's commit, and the cursor stays on its thing")
    func twoInstancesAndAWriter() async throws {
      let sandbox = try await Sandbox.demo()
      let writer = try await Writer(sandbox)
      let count = try await sandbox.report("entries")["entries"].items.count
      let first = try await sandbox.inspector()
      let second = try await sandbox.inspector()
      var selected: [String] = []
      for terminal in [first, second] {
        try await terminal.press("2")
        try await terminal.wait(for: "KEPT BY")
        let top = try await terminal.settledSelection()
        try await terminal.press("Down", "Down", "Down")
        try await terminal.wait("a moved cursor") { _ in
          try await terminal.selectedRow().map { $0 != top } ?? false
        }
        selected.append(try await terminal.settledSelection())
      }
      let biggest = try await sandbox.sqlite("SELECT max(last_used_at) + 1 FROM entries")
      try await writer.execute(
        """
        INSERT INTO entries (kind, url, stem, hash, version, archive_path, archive_bytes,
          last_used_at) VALUES ('packages', 'https://example.com/aaa.zip', 'newcomer', 'aa',
          '1', NULL, 1, \(biggest))
        """)
      for (terminal, row) in zip([first, second], selected) {
        try await terminal.wait(for: "\(count + 1) entries", within: .seconds(5))
        // What follows are ages, which go on while the test runs.
        #expect(try await terminal.settledSelection().prefix(32) == row.prefix(32))
        try await terminal.press("g")
        try await terminal.wait(for: "newcomer")
        try await terminal.quit()
      }
    }

    @Test("T-A26: an index replaced while open is noticed and read again")
    func replaced() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      try await terminal.wait(for: "KEPT BY")
      let other = try Sandbox(fixture: "2.5.47")
      try await other.sqlite("UPDATE entries SET stem = 'replaced-stem'; VACUUM")
      let staged = sandbox.cache.appending(path: "index.new")
      try FileManager.default.copyItem(at: other.index, to: staged)
      #expect(rename(staged.path, sandbox.index.path) == 0)
      // The column cuts the name in the middle.
      try await terminal.wait(for: "replaced-s")
      try await terminal.wait(for: "the index was replaced by another file")
      try await terminal.quit()
    }

    @Test("T-A27: an index removed while open is named, and the last rows stay readable")
    func removed() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      try await terminal.wait(for: "KEPT BY")
      let row = try await terminal.settledSelection()
      try FileManager.default.removeItem(at: sandbox.index)
      try await terminal.wait("that the index is gone") {
        $0.contains("removed") || $0.contains("no index.sqlite")
      }
      #expect(try await terminal.selectedRow()?.prefix(30) == row.prefix(30))
      try await terminal.quit()
    }

    @Test("T-A24: a held write lock leaves every key alive")
    func lockHeld() async throws {
      let sandbox = try await Sandbox.demo()
      let writer = try await Writer(sandbox)
      try await writer.execute("BEGIN IMMEDIATE")
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      try await terminal.wait(for: "KEPT BY")
      let before = try await terminal.settledSelection()
      // A pin has to wait for the lock; the cursor does not. A dialog takes no key that was
      // pressed before it was there.
      try await terminal.press("p")
      try await terminal.wait(for: "k Keep 1")
      try await terminal.press("k")
      try await terminal.wait("the end of the dialog") { !$0.contains("k Keep 1") }
      try await terminal.press("Down", "Down")
      try await terminal.wait("a moved cursor", within: .seconds(4)) { _ in
        try await terminal.selectedRow().map { $0 != before } ?? false
      }
      try await terminal.wait(for: "busy")
      try await writer.execute("ROLLBACK")
      try await terminal.quit()
    }
  }
}

extension Tmux {
  /// The selected row, once two looks in a row agree.
  func settledSelection() async throws -> String {
    var last: String?
    try await wait("a selected row that stays") { _ in
      let row = try await selectedRow()
      defer { last = row }
      return row != nil && row == last
    }
    return last ?? ""
  }
}
