import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// A signal leaves nothing behind (K15).
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct Signals {
    private func leftovers(_ sandbox: Sandbox) throws -> [String] {
      let files = FileManager.default
      let temporary = try files.contentsOfDirectory(
        atPath: sandbox.folder.appending(path: "tmp").path)
      let state = sandbox.folder.appending(path: "home/state/cachescope").path
      let notes = (try? files.contentsOfDirectory(atPath: state)) ?? []
      let beside = try files.contentsOfDirectory(atPath: sandbox.cache.path)
      return temporary
        + (notes + beside).filter {
          $0.hasPrefix(".") && $0 != ".cachescope.lock" && $0 != ".guard"
        }
    }

    @Test(
      "K15: a verb that is ended while it copies the index, or backs it up, leaves nothing",
      arguments: [["status"], ["entries"], ["migrate"]], ["TERM", "INT", "HUP"])
    func ended(verb: [String], name: String) async throws {
      let calls = "openat,pwrite64,write,fsync,unlink,mkdir"
      for call in stride(from: 3, through: 90, by: 11) {
        let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
        // Without -shm a hot log is read through a copy.
        try Data(repeating: 0, count: 64).write(
          to: URL(filePath: sandbox.index.path + "-wal"))
        if verb == ["migrate"] {
          try FileManager.default.removeItem(atPath: sandbox.index.path + "-wal")
        }
        _ = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
            "inject=\(calls):signal=SIG\(name):when=\(call)", Binary.path,
          ] + verb, environment: sandbox.environment)
        #expect(try leftovers(sandbox) == [], "\(verb) ended at call \(call)")
      }
    }

    @Test("K15: what a kill leaves of a copy goes at the next start")
    func killed() async throws {
      let sandbox = try Sandbox(fixture: "legacy-VA-bc8ba93b")
      try Data(repeating: 0, count: 64).write(to: URL(filePath: sandbox.index.path + "-wal"))
      let inject = "inject=openat:signal=SIGKILL:when=1"
      let copy = sandbox.folder.appending(path: "tmp").path
      var isLeft = false
      for call in 1...60 where !isLeft {
        _ = try await Shell.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat",
            "-e", inject.replacing("when=1", with: "when=\(call * 3)"), Binary.path, "status",
          ], environment: sandbox.environment)
        isLeft = try !FileManager.default.contentsOfDirectory(atPath: copy).isEmpty
      }
      try #require(isLeft)
      _ = try await sandbox.run("status")
      #expect(try leftovers(sandbox) == [])
    }
  }
}
