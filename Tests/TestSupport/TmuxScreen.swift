import Foundation

/// Reading the screen and pressing keys.
extension Tmux {
  /// The visible screen, one string per row, without trailing blanks.
  package func rows() async throws -> [String] {
    let text = try await tmux(["capture-pane", "-p"])
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  package func screen() async throws -> String {
    try await tmux(["capture-pane", "-p"])
  }

  /// The screen with its escape sequences for colours and attributes.
  package func colouredScreen() async throws -> String {
    try await tmux(["capture-pane", "-p", "-e"])
  }

  /// Presses keys by tmux's names: `"Enter"`, `"C-z"`, `"Down"`, `"q"`.
  package func press(_ keys: String...) async throws {
    try await tmux(["send-keys"] + keys)
  }

  /// Types text literally.
  package func type(_ text: String) async throws {
    try await tmux(["send-keys", "-l", "--", text])
  }

  package func resize(columns: Int, rows: Int) async throws {
    try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// The value of a tmux format such as `#{alternate_on}`.
  package func format(_ format: String) async throws -> String {
    let text = try await tmux(["display-message", "-p", format])
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// True where the terminal is as a shell expects it: normal screen, visible cursor, no mouse.
  package func isRestored() async throws -> Bool {
    try await format("#{alternate_on} #{cursor_flag} #{mouse_any_flag}") == "0 1 0"
  }

  /// Polls until the screen satisfies `condition`; `wanted` names it in the failure.
  @discardableResult
  package func wait(
    _ wanted: String, within limit: Duration = .seconds(20),
    until condition: (String) async throws -> Bool
  ) async throws -> String {
    let deadline = ContinuousClock.now + limit
    while true {
      let screen = try await screen()
      if try await condition(screen) { return screen }
      guard ContinuousClock.now < deadline else {
        throw TmuxError.deadline(wanted, screen: screen)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Polls until the screen shows `text`.
  @discardableResult
  package func wait(for text: String, within limit: Duration = .seconds(20)) async throws -> String
  {
    try await wait("“\(text)”", within: limit) { $0.contains(text) }
  }

  /// Polls until the terminal is the shell's again.
  package func waitUntilRestored(within limit: Duration = .seconds(20)) async throws {
    try await wait("a restored terminal", within: limit) { _ in try await isRestored() }
  }

  /// The process that the pane's shell runs, or `nil` where it runs none.
  package func child() async throws -> Int32? {
    try await Int32(format("#{pane_pid}")).flatMap { Self.child(of: $0) }
  }

  /// The first child of a process.
  package static func child(of process: Int32) -> Int32? {
    let path = "/proc/\(process)/task/\(process)/children"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.split(separator: " ").first.flatMap { Int32($0) }
  }
}
