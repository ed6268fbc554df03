package import Foundation
import Synchronization

/// Runs programs for tests, without blocking a thread of the concurrency pool.
package enum Shell {
  /// How a program ended and what it wrote.
  package struct Result: Sendable {
    /// The exit status as a shell gives it: 128 + n for signal n.
    package var status: Int32
    package var output: Data
    package var errors: Data

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
  }

  /// Enough of an environment to run anything, and nothing of the caller's settings.
  package static let plainEnvironment: [String: String] = [
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    "LANG": "C.UTF-8", "HOME": "/nonexistent",
  ]

  package static func find(_ name: String) -> String? {
    if name.contains("/") { return name }
    let folders = (plainEnvironment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// A new folder that only this test uses, under the system's temporary folder.
  package static func temporaryFolder(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cachescope-\(name)-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Runs a program to its end; one that outlives `limit` is killed, and its status is then 137.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = plainEnvironment,
    folder: URL? = nil, within limit: Duration = .seconds(300)
  ) async throws -> Result {
    let child = try Child(program, arguments, environment: environment, folder: folder)
    let watchdog = Task {
      try await Task.sleep(for: limit)
      child.signal(SIGKILL)
    }
    defer { watchdog.cancel() }
    return try await child.result()
  }

  /// Runs a program whose end nobody waits for, then removes a folder.
  ///
  /// Both happen even where the test process ends right after.
  static func runDetached(_ program: String, _ arguments: [String], removing folder: URL) {
    let script = #""$@"; rm -rf "$0""#
    guard let child = try? Child("sh", ["-c", script, folder.path, program] + arguments) else {
      return
    }
    Task.detached { _ = try? await child.result() }
  }
}
