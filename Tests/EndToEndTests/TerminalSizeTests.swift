import Foundation
import TestSupport
import Testing

extension TerminalTests {
  @Suite struct Size {
    @Test("a storm of sizes from 1x1 to 300x100 ends with a whole screen and a clean end")
    func storm() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      let sizes = [
        (1, 1), (300, 100), (40, 12), (2, 50), (200, 3), (39, 7), (160, 50), (1, 100), (300, 1),
        (60, 20), (5, 5), (120, 40),
      ]
      for key in ["1", "2", "3", "4"] {
        for (columns, rows) in sizes {
          try await terminal.resize(columns: columns, rows: rows)
          try await terminal.press("Down")
        }
        try await terminal.resize(columns: 80, rows: 24)
        try await terminal.press(key)
        try await terminal.wait("a whole 80x24 screen") { screen in
          let rows = screen.split(separator: "\n", omittingEmptySubsequences: false)
          return screen.contains("2 Entries") && rows.count > 23 && rows[23].contains("q")
        }
      }
      try await terminal.quit()
    }

    @Test(
      "every size from 40x12 up shows the list; below 40x8 one line says what is needed",
      arguments: [(300, 100), (160, 50), (120, 24), (80, 24), (60, 20), (40, 12)])
    func shows(columns: Int, rows: Int) async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(columns: columns, rows: rows, showing: "Overview")
      try await terminal.press("3")
      try await terminal.wait(for: "VERDICT")
      _ = try await terminal.settledSelection()
      try await terminal.resize(columns: 38, rows: 7)
      try await terminal.wait(for: "38x7, need 40x8")
      try await terminal.resize(columns: columns, rows: rows)
      try await terminal.wait(for: "VERDICT")
      try await terminal.quit()
    }

    @Test("LINES and COLUMNS of the environment do not pin the size")
    func environmentSize() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(adding: ["LINES": "10", "COLUMNS": "45"])
      try await terminal.wait("a footer in row 24") { screen in
        let rows = screen.split(separator: "\n", omittingEmptySubsequences: false)
        return rows.count > 23 && rows[23].contains("help")
      }
      try await terminal.quit()
    }
  }
}
