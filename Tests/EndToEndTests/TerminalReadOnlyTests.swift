import Foundation
import TestSupport
import Testing

extension TerminalTests {
  /// A cache that this user may only read.
  @Suite(.enabled(if: Machine.isRoot, "only root can play another user"))
  struct ReadOnly {
    @Test("T-A17: in a read-only folder every screen opens, the header and each key say why")
    func readOnlyFolder() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let binary = sandbox.folder.appending(path: "cachescope").path
      try FileManager.default.copyItem(atPath: Binary.path, toPath: binary)
      for (path, mode) in [
        (sandbox.folder.path, 0o755), (sandbox.index.path, 0o444), (sandbox.cache.path, 0o555),
      ] {
        #expect(chmod(path, mode_t(mode)) == 0)
      }
      try await sandbox.expectingNoChange {
        let terminal = try await Tmux(
          "setpriv --reuid=65534 --regid=65534 --clear-groups -- '\(binary)'; echo exit=$?",
          columns: 120, environment: sandbox.environment)
        try await terminal.wait(for: "index not writable by uid 65534")
        for (key, heading) in [("2", "KEPT BY"), ("3", "no leases"), ("4", "m001_initial_schema")] {
          try await terminal.press(key)
          try await terminal.wait(for: heading)
        }
        try await terminal.press("2")
        try await terminal.wait(for: "KEPT BY")
        _ = try await terminal.settledSelection()
        try await terminal.press("p")
        try await terminal.wait(for: "read-only: index not writable by uid 65534")
        try await terminal.wait(for: "sudo -u root cachescope pin ")
        try await terminal.close("sudo -u root cachescope pin ")
        #expect(try await terminal.rows().last { !$0.isEmpty }?.contains("pin") == false)
        try await terminal.quit()
      }
    }
  }
}
