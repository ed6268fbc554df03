import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// Mouse and clipboard.
  @Suite struct Hands {
    @Test("a click on a tab opens it, a click on a row selects it, the wheel moves")
    func mouse() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.click(on: "2 Entries")
      try await terminal.wait(for: "KIND")
      let first = try await terminal.settledSelection()
      let rows = try await terminal.rows()
      let selected = try #require(rows.firstIndex { $0.hasPrefix("▸") })
      try await terminal.click(column: 10, row: selected + 3)
      try await terminal.wait("the third row below selected") { _ in
        let now = try await terminal.rows().firstIndex { $0.hasPrefix("▸") }
        return now == selected + 3
      }
      #expect(try await terminal.settledSelection() != first)
      try await terminal.quit()
    }

    @Test("y y copies through tmux's buffer and says where it went")
    func copy() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      try await terminal.wait(for: "KIND")
      _ = try await terminal.settledSelection()
      // What is typed before a dialog is painted does not count.
      try await terminal.press("y")
      try await terminal.wait(for: "Copy")
      try await terminal.press("y")
      try await terminal.wait(for: "tmux")
      let buffer = try await terminal.tmux(["show-buffer"])
      #expect(!buffer.isEmpty && buffer.allSatisfy { !$0.isNewline || $0 == "\n" })
      try await terminal.quit()
    }

    @Test("y j copies the row as the command writes it, s the SQL that shows it")
    func copyRow() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let terminal = try await sandbox.inspector()
      try await terminal.press("2")
      try await terminal.wait(for: "KIND")
      _ = try await terminal.settledSelection()
      for key in ["i", "j", "s"] {
        try await terminal.press("y")
        try await terminal.wait(for: "Copy")
        try await terminal.press(key)
        try await terminal.wait("the message") { $0.contains("tmux buffer") }
        try await terminal.press("C-l", "?")
        try await terminal.wait(for: "search")
        try await terminal.pressEscape()
      }
      let buffers = try await terminal.tmux(["list-buffers", "-F", "#{buffer_name}"])
        .split(separator: "\n").map(String.init)
      var texts: [String] = []
      for name in buffers.reversed() {
        texts.append(try await terminal.tmux(["show-buffer", "-b", name]))
      }
      try #require(texts.count == 3)
      let id = try #require(Int64(texts[0]))
      let rows = try await sandbox.report("entries")["entries"].items
      #expect(try JSON(texts[1]) == rows.first { $0["id"].integer == id })
      #expect(try await sandbox.sqlite(texts[2]).hasPrefix("\(id)|"))
      try await terminal.quit()
    }

    @Test("T-B12: hostile text of the index reaches neither the screen nor the title nor a buffer")
    func hostileText() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        """
        UPDATE entries SET stem = char(27) || ']0;OWNED' || char(7) || char(27) || '[31m' || stem,
          url = char(27) || ']52;c;T1dORUQ=' || char(7) || char(155) || '31m' || char(8238) || url;
        """)
      let terminal = try await sandbox.inspector("--color", "never")
      for key in ["1", "2", "3", "4", "2"] { try await terminal.press(key) }
      try await terminal.wait(for: "KIND")
      #expect(try await terminal.format("#{pane_title}").contains("OWNED") == false)
      let buffers = try? await terminal.tmux(["show-buffer"])
      #expect(buffers?.contains("OWNED") != true)
      #expect(try await terminal.colouredScreen().contains("\u{1B}[31m") == false)
      try await terminal.quit()
    }
  }
}

extension Tmux {
  /// Presses and releases the left button; rows and columns count from 0.
  func click(column: Int, row: Int) async throws {
    let isSGR = try await format("#{mouse_sgr_flag}") == "1"
    let bytes: [UInt8] =
      isSGR
      ? Array("\u{1B}[<0;\(column + 1);\(row + 1)M\u{1B}[<0;\(column + 1);\(row + 1)m".utf8)
      : Array("\u{1B}[M".utf8) + [32, UInt8(column + 33), UInt8(row + 33)]
        + Array("\u{1B}[M".utf8) + [35, UInt8(column + 33), UInt8(row + 33)]
    try await tmux(["send-keys", "-H"] + bytes.map { String($0, radix: 16) })
  }

  /// Clicks on the first place that shows `text`.
  func click(on text: String) async throws {
    let rows = try await rows()
    let row = try #require(rows.firstIndex { $0.contains(text) })
    let range = try #require(rows[row].firstRange(of: text))
    try await click(
      column: rows[row].distance(from: rows[row].startIndex, to: range.lowerBound) + 1, row: row)
  }
}
