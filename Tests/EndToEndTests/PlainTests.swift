import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// The inspector to be heard, from a pipe.
  @Suite struct Plain {
    private func hear(
      _ sandbox: Sandbox, _ lines: [String], _ arguments: [String] = []
    ) async throws -> String {
      let input = sandbox.folder.appending(path: "spoken")
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
      let project = sandbox.folder.appending(path: "demo/project")
      let child = try Child(
        Binary.path, ["--plain"] + arguments, environment: sandbox.environment, folder: project,
        input: try FileHandle(forReadingFrom: input))
      defer { child.signal(SIGKILL) }
      let result = try await child.result()
      #expect(result.status == 0, "\(result.errorText)")
      #expect(!result.text.contains("\u{1B}"), "the cursor moves")
      return result.text
    }

    @Test("every room speaks, and what is not understood is said")
    func rooms() async throws {
      let sandbox = try await Sandbox.demo()
      let text = try await sandbox.expectingNoChange {
        try await hear(
          sandbox,
          [
            "entries", "more", "entry 1", "leases", "migrations", "links", "gc 1M", "host",
            "backups", "help", "leasse", "pin 999", "release", "entries size>x", "quit", "fix",
          ])
      }
      for words in [
        "Problem 1", "the biggest first.", "\n1. ", "\n21. ", "Kept: ", "provably stuck", "applied",
        "pointers.", "GC would take ", "install lock", "0 backups.", "release NUMBERS: ",
        "Did you mean leases?", "There is no number 999", "Name numbers of the last list of leases",
        "The filter: ",
      ] {
        #expect(text.contains(words), "\(words) in \(text)")
      }
      #expect(!text.contains("This would be"), "quit ends it")
    }

    @Test("a change is told first, and made only after a yes in full")
    func asks() async throws {
      let sandbox = try await Sandbox.demo()
      for answer in ["y", "", "no"] {
        let text = try await sandbox.expectingNoChange {
          try await hear(sandbox, ["leases", "release stuck", answer])
        }
        #expect(text.contains("It would do this:") && text.contains("Nothing was changed."))
      }
      let before = try await sandbox.report("leases", "--stuck")["leases"].items.count
      #expect(before > 0)
      let text = try await hear(sandbox, ["leases", "release 1", "yes"])
      #expect(text.contains("released: ") && text.hasSuffix("Done.\n"), "\(text)")
      #expect(try await sandbox.report("leases", "--stuck")["leases"].items.count == before - 1)
    }

    @Test("pins, evictions and what puts them back work by numbers")
    func changes() async throws {
      let sandbox = try await Sandbox.demo()
      let free = "kind:libraries"
      let ids = try await sandbox.report("entries", "--sort", "size", "--filter", free)["entries"]
      let id = try #require(ids[0]["id"].integer)
      let pin = try await hear(
        sandbox, ["entries \(free)", "pin 1 because of a talk", "yes", "unpin 1", "yes"])
      #expect(pin.contains("Entry \(id),") && pin.contains("pinned.") && pin.contains("unpinned."))
      let gone = try await hear(sandbox, ["entries \(free)", "evict 1", "yes", "undo", "yes"])
      #expect(gone.contains("in the trash: entry \(id)") && gone.contains("put back: entry \(id)"))
      let refused = try await hear(sandbox, ["entries \(free)", "pin 1", "yes"], ["--read-only"])
      #expect(refused.contains("Not done: nothing is changed"))
    }
  }
}
