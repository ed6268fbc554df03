import Foundation
import TestSupport

/// Another process with the index open, as fbuild is: it runs statements when told, until closed.
final class Writer: Sendable {
  private let child: Child
  private let input: FileHandle

  init(_ sandbox: Sandbox) async throws {
    let pipe = Pipe()
    child = try Child("sqlite3", [sandbox.index.path], input: pipe.fileHandleForReading)
    input = pipe.fileHandleForWriting
    try pipe.fileHandleForReading.close()
    try await execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
  }

  deinit { child.signal(SIGKILL) }

  /// Runs SQL and returns once it has been carried out.
  func execute(_ sql: String) async throws {
    let mark = "done-\(UUID().uuidString)"
    try input.write(contentsOf: Data("\(sql);\nSELECT '\(mark)';\n".utf8))
    let deadline = ContinuousClock.now + .seconds(20)
    while try !child.outputSoFar().contains(mark) {
      guard ContinuousClock.now < deadline else { throw ProgramError.failed("sqlite3", -1, sql) }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Ends the process without any clean-up.
  func kill() async throws {
    child.signal(SIGKILL)
    _ = try await child.result()
  }
}
