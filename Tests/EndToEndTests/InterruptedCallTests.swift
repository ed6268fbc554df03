import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// File systems that a server or a program serves end a call with EINTR where a signal comes.
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct InterruptedCall {
    /// Those that SQLite and the dynamic loader do not make: neither makes an interrupted call again.
    private static let calls = [
      "mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
      "symlinkat", "unlinkat", "flock", "openat2", "statx", "getdents64", "syncfs",
    ].joined(separator: ",")

    private static let verbs: [[String]] = [
      ["status"], ["pin", "3"], ["release", "--stuck"], ["evict", "2"],
      ["evict", "2", "--keep", "1h"], ["gc", "--apply", "--yes", "--high", "1K"],
      ["metrics", "-o", "x.prom"], ["snapshot", "-o", "x.json"], ["demo", "other"],
      ["lnk", "pull", "demo/project/data"], ["rebuild", "--yes"], ["host", "--disk"],
    ]

    /// How the verb ends on a cache of its own; a rebuild has lost the index before.
    private func run(_ verb: [String], _ options: [String]) async throws -> String {
      let sandbox = try await Sandbox.smallDemo()
      if verb[0] == "rebuild" {
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: sandbox.index.path + suffix)
        }
      }
      let result = try await Shell.run(
        "strace", ["-f", "-qq", "-o", "/dev/null"] + options + [Binary.path] + verb,
        environment: sandbox.environment, folder: sandbox.folder)
      let isWhole = !result.text.contains("could be read")
      let errors = result.errorText.replacing(sandbox.folder.path, with: "")
      return "ends with \(result.status), \(isWhole ? "whole" : "in parts")\n\(errors)"
    }

    @Test("a call that a signal interrupts is made again", arguments: verbs)
    func again(verb: [String]) async throws {
      let usual = try await run(verb, ["-e", "trace=none"])
      // Every second call of each kind, so that the one that repeats it succeeds.
      let end = try await run(
        verb, ["-e", "trace=\(Self.calls)", "-e", "inject=\(Self.calls):error=EINTR:when=1+2"])
      #expect(end == usual)
    }

    @Test("a migration whose calls a signal interrupts comes to its end")
    func migration() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      let result = try await Shell.run(
        "strace",
        [
          "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(Self.calls)", "-e",
          "inject=\(Self.calls):error=EINTR:when=1+2", Binary.path, "migrate",
        ], environment: sandbox.environment)
      #expect(result.status == 0, "\(result.errorText)")
    }
  }
}
