import Foundation
import TestSupport
import Testing

extension Sandbox {
  /// Opens the inspector in a terminal of its own and waits for its first screen.
  ///
  /// After it ended, the terminal shows `exit=` and its status.
  func inspector(
    _ arguments: String..., columns: Int = 80, rows: Int = 24,
    adding variables: [String: String?] = [:], showing text: String = "2 Entries"
  ) async throws -> Tmux {
    let terminal = try await Tmux(
      "\(inspectorCommand(arguments)); echo exit=$?", columns: columns, rows: rows,
      environment: environment(adding: variables))
    try await terminal.wait(for: text)
    return terminal
  }

  /// The same on the list of entries, with a row under the cursor.
  func inspectorOnEntries() async throws -> Tmux {
    let terminal = try await inspector()
    try await terminal.press("2")
    try await terminal.wait(for: "KEPT BY")
    _ = try await terminal.settledSelection()
    return terminal
  }

  func inspectorCommand(_ arguments: [String]) -> String {
    ([Binary.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
  }

  /// A variable given as `nil` is taken away.
  func environment(adding variables: [String: String?]) -> [String: String] {
    environment.merging(variables.compactMapValues { $0 }) { $1 }
      .filter { variables[$0.key] != .some(nil) }
  }
}

extension Tmux {
  /// Quits by `q` and expects a clean end.
  func quit(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await press("q")
    // A change that ran for longer than a glance shows its result first.
    _ = try? await wait("the end, or a result") { screen in
      screen.contains("exit=") || !screen.contains("still running: leave?")
    }
    try? await Task.sleep(for: .milliseconds(200))
    if try await !screen().contains("exit=") { try await press("q") }
    try await expectEnd(0, sourceLocation: sourceLocation)
  }

  /// Waits for the end and expects its status and the terminal as it was.
  func expectEnd(
    _ status: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let screen = try await wait(for: "exit=")
    #expect(screen.contains("exit=\(status)\n"), sourceLocation: sourceLocation)
    #expect(try await isRestored(), "the terminal was not restored", sourceLocation: sourceLocation)
  }

  /// The row that carries the cursor glyph, without it.
  func selectedRow() async throws -> String? {
    let row = try await rows().first { $0.hasPrefix("▸") || $0.hasPrefix(">") }
    return row.map { String($0.dropFirst()) }
  }
}
