import Foundation

/// A terminal of its own for one test: a tmux server on a private socket, killed with the value.
///
/// Nothing here waits for a fixed time: `wait` polls the screen until it shows what the test needs,
/// and fails at the deadline with the screen that it saw last.
package final class Tmux: Sendable {
  /// True where tmux is installed; tests are enabled by it.
  package static let isInstalled = Shell.find("tmux") != nil

  let socket: String
  private let folder: URL

  /// Starts `command` (a line for `sh`) in a terminal of the given size.
  ///
  /// - Parameter environment: the whole environment of the command, `TERM` aside, which is tmux's
  ///   unless given here.
  package init(
    _ command: String, columns: Int = 80, rows: Int = 24, environment: [String: String]
  ) async throws {
    folder = try Shell.temporaryFolder("tmux")
    socket = folder.appending(path: "socket").path
    // A session needs no user configuration.
    let configuration = folder.appending(path: "tmux.conf")
    let lines = [
      "set -g status off", "set -g default-terminal tmux-256color",
      "set -g escape-time 0", "set -g set-clipboard on", "set -g history-limit 2000",
    ]
    try lines.joined(separator: "\n").write(to: configuration, atomically: true, encoding: .utf8)
    let variables = environment.filter { $0.key != "TERM" }.sorted { $0.key < $1.key }
    let assignments = variables.map { "\($0.key)=\($0.value)" }
    // What comes after the command keeps the screen readable once it has ended.
    let terminal = environment["TERM"].map { ["TERM=\($0)"] } ?? []
    try await tmux(
      ["-f", configuration.path, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "--"]
        + ["env"] + assignments + terminal + ["sh", "-c", "\(command)\nexec cat"],
      environment: environment)
    // In the configuration file this option makes tmux 3.3a crash before its first session.
    try await tmux(["set-option", "-g", "window-size", "manual"])
  }

  deinit {
    Shell.runDetached("tmux", ["-S", socket, "kill-server"], removing: folder)
  }

  /// Runs one tmux command on this server and gives its standard output.
  @discardableResult
  package func tmux(
    _ arguments: [String], environment: [String: String] = Shell.plainEnvironment
  ) async throws -> String {
    let result = try await Shell.run(
      "tmux", ["-S", socket] + arguments, environment: environment)
    guard result.status == 0 else { throw TmuxError.failed(arguments, result.errorText) }
    return result.text
  }
}

/// What a terminal test reports when it cannot go on.
package enum TmuxError: Error, CustomStringConvertible {
  case failed([String], String)
  case deadline(String, screen: String)

  package var description: String {
    switch self {
    case .failed(let arguments, let message):
      "tmux \(arguments.joined(separator: " ")): \(message)"
    case .deadline(let wanted, let screen):
      "the screen never showed \(wanted); it showed:\n\(screen)"
    }
  }
}
