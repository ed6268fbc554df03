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
      // The counts widen the tabs before it: a click waits until they are there.
      try await terminal.wait("counts in the tabs") { screen in
        screen.contains("[1 Overview !")
          && screen.range(of: "3 Leases ([0-9]+ )?!", options: .regularExpression) != nil
      }
      try await terminal.click(on: "2 Entries")
      try await terminal.wait(for: "KEPT BY")
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

    @Test("a double click is Enter, a header sorts, a hint runs, the wheel moves")
    func mouseOnEverything() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.press("3")
      try await terminal.wait(for: "VERDICT▲")
      try await terminal.click(on: "HELD")
      try await terminal.wait(for: "HELD▼")
      let first = try await terminal.settledSelection()
      try await terminal.wheelDown(column: 5, row: 6)
      try await terminal.wait("a cursor that moved") { _ in
        try await terminal.selectedRow().map { $0 != first } ?? false
      }
      try await terminal.click(on: "? help")
      try await terminal.wait(for: "Help for Leases")
      try await terminal.close("Help for Leases")
      // Both at once: a slow machine must not part them.
      let rows = try await terminal.rows()
      let pin = try #require(rows.firstIndex { $0.contains("PIN  ") })
      let clicks = try await terminal.clickBytes(column: 10, row: pin)
      try await terminal.send(clicks + clicks)
      try await terminal.wait(for: "[2 Entries")
      try await terminal.quit()
    }

    @Test("a click beyond column 223 means its column, whatever TERM says")
    func wideMouse() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector(columns: 300, rows: 40)
      #expect(try await terminal.format("#{mouse_sgr_flag}") == "1")
      try await terminal.press("3")
      try await terminal.wait(for: "why")
      let title = try await terminal.rows().first { $0.contains("why") } ?? ""
      #expect(!title.contains("▸ why"))
      try await terminal.click(column: 280, row: 10)
      try await terminal.wait(for: "▸ why")
      try await terminal.quit()
    }

    @Test("what is pasted in brackets is text for the filter, and nothing else")
    func paste() async throws {
      let sandbox = try await Sandbox.demo()
      let terminal = try await sandbox.inspector()
      try await terminal.press("3")
      try await terminal.wait(for: "VERDICT")
      try await terminal.tmux(["set-buffer", "Xr\nq"])
      try await terminal.tmux(["paste-buffer", "-p"])
      try await terminal.wait(for: "pasted text is never taken for keys")
      try await terminal.press("/")
      try await terminal.wait("the filter line") { $0.contains("\n /") }
      try await terminal.tmux(["paste-buffer", "-p"])
      try await terminal.wait(for: "/Xr q")
      try await terminal.close("/Xr q")
      try await terminal.quit()
    }

    @Test("without tmux's buffer the terminal is asked, and a private file takes the text, too")
    func copyThroughTheTerminal() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let folder = sandbox.folder.appending(path: "tmp").path
      let terminal = try await Tmux(
        "unset TMUX; " + sandbox.inspectorCommand([]) + "; echo exit=$?", columns: 120,
        environment: sandbox.environment(adding: ["XDG_RUNTIME_DIR": folder]))
      try await terminal.wait(for: "2 Entries")
      try await terminal.press("2")
      try await terminal.wait(for: "KEPT BY")
      _ = try await terminal.settledSelection()
      try await terminal.press("y")
      try await terminal.wait(for: "Copy")
      try await terminal.press("y")
      try await terminal.wait(for: "sent to the terminal")
      let file = folder + "/cachescope.clip"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("@"))
      try await terminal.wait("the text in tmux's buffer, by OSC 52") { _ in
        try await terminal.tmux(["show-buffer"]) == text
      }
      var status = stat()
      #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
      try await terminal.quit()
    }

    @Test("y y copies through tmux's buffer and says where it went")
    func copy() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let terminal = try await sandbox.inspectorOnEntries()
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
      let terminal = try await sandbox.inspectorOnEntries()
      for key in ["i", "j", "s"] {
        try await terminal.press("y")
        try await terminal.wait(for: "Copy")
        try await terminal.press(key)
        try await terminal.wait("the message") { $0.contains("tmux buffer") }
        try await terminal.press("C-l", "?")
        try await terminal.wait(for: "search")
        try await terminal.close("search")
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
      try await terminal.wait(for: "KEPT BY")
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
    try await send(clickBytes(column: column, row: row))
  }

  /// What a terminal sends for a click.
  func clickBytes(column: Int, row: Int) async throws -> [UInt8] {
    try await mouseBytes(0, column: column, row: row, ends: "Mm")
  }

  func wheelDown(column: Int, row: Int) async throws {
    try await send(mouseBytes(65, column: column, row: row, ends: "M"))
  }

  func send(_ bytes: [UInt8]) async throws {
    try await tmux(["send-keys", "-H"] + bytes.map { String($0, radix: 16) })
  }

  /// A button's reports in the form that the program asked for: `M` pressed, `m` let go.
  private func mouseBytes(
    _ button: Int, column: Int, row: Int, ends: String
  ) async throws -> [UInt8] {
    let isSGR = try await format("#{mouse_sgr_flag}") == "1"
    return ends.flatMap { end -> [UInt8] in
      if isSGR { return Array("\u{1B}[<\(button);\(column + 1);\(row + 1)\(end)".utf8) }
      let code = UInt8(32 + (end == "m" ? 3 : button))
      return Array("\u{1B}[M".utf8) + [code, UInt8(column + 33), UInt8(row + 33)]
    }
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
