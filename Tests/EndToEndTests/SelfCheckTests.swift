import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What the program says of the host, and of itself.
  @Suite struct SelfCheck {
    private func notes(_ changes: [String: String?]) async throws -> [String: String] {
      let sandbox = try Sandbox(fixture: "2.5.47")
      var environment = sandbox.environment
      environment["TMUX"] = nil
      for (name, value) in changes { environment[name] = value }
      let result = try await Shell.run(
        Binary.path, ["doctor", "--self", "--json"], environment: environment,
        folder: sandbox.folder)
      let items = try JSON(result.text)["notes"].items
      let weights = items.compactMap { $0["severity"].text }
      #expect(result.status == (weights.contains { $0 != "info" } ? 1 : 0))
      return Dictionary(
        items.compactMap { item in
          item["id"].text.map { ($0, item["message"].text ?? "") }
        }, uniquingKeysWith: { one, _ in one })
    }

    @Test("doctor --self: a host that has all of it lacks nothing")
    func nothing() async throws {
      let found = try await notes(["TERM": "vt100", "LC_ALL": "C.UTF-8"])
      #expect(found == [:])
    }

    @Test("doctor --self: a terminal without a description, and a locale without UTF-8")
    func terminal() async throws {
      let found = try await notes(["TERM": "no-such-terminal", "LC_ALL": "POSIX"])
      #expect(Set(found.keys) == ["terminal_unknown", "locale_not_utf8"])
      #expect(found["terminal_unknown"]?.contains("no-such-terminal") == true)
    }

    @Test("doctor --self: no place for the journal, or one that cannot be written")
    func journal() async throws {
      let settings = ["TERM": "vt100", "LC_ALL": "C.UTF-8"]
      let nowhere = try await notes(
        settings.merging(["XDG_STATE_HOME": "/dev/null/nowhere"]) { $1 })
      #expect(Array(nowhere.keys) == ["state_not_writable"])
    }

    @Test("the manual names every verb of the help, and every key of its screens")
    func manual() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let page = try await sandbox.run("manual", "cachescope").text
      let help = try await sandbox.run("help", "verbs").text
      let verbs = help.split(separator: "\n")
        .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
      #expect(verbs.count > 15)
      for verb in verbs {
        let usage = ".SS \"cachescope \(verb)"
        #expect(page.contains(usage) || verb == "lnk", "\(verb)")
      }
      #expect(page.contains(".SS \"cachescope lnk pull"))
      #expect(!verbs.contains("manual"))
      let keys = try await sandbox.run("manual", "cachescope-keys").text
      for words in [
        "what GC would take", "show or hide the details", "find any command by its name",
      ] {
        #expect(keys.contains(words.replacing("-", with: "\\-")), "\(words)")
      }
    }
  }
}
