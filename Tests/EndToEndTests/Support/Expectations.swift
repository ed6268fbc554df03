import Foundation
import TestSupport
import Testing

/// The verbs that only look.
let inspectingVerbs = [["status"], ["entries"], ["leases"], ["migrations"]]

extension Sandbox {
  /// Runs something that only looks, and expects that no byte of the cache changed (R1).
  func expectingNoChange<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ look: () async throws -> Value
  ) async throws -> Value {
    let before = snapshot()
    let value = try await look()
    let changed = snapshot().difference(from: before)
    #expect(changed.isEmpty, "R1: changed on disk", sourceLocation: sourceLocation)
    return value
  }

  /// Runs every inspecting verb, as text and as JSON, and gives the JSON results by verb.
  func inspectEverything(
    as runner: ([String]) async throws -> Shell.Result
  ) async throws -> [String: Shell.Result] {
    var results: [String: Shell.Result] = [:]
    for verb in inspectingVerbs {
      let text = try await runner(verb)
      let json = try await runner(verb + ["--json"])
      #expect(text.status == json.status, "\(verb): text and JSON end alike")
      #expect(json.status < 128, "\(verb) was killed: \(json.errorText)")
      results[verb[0]] = json
    }
    return results
  }

  /// The same, run by this user.
  func inspectEverything() async throws -> [String: Shell.Result] {
    try await inspectEverything { arguments in
      try await Shell.run(Binary.path, arguments, environment: environment, folder: folder)
    }
  }
}

extension Shell.Result {
  /// Expects a failure with its whole contract: exit code, code, sentence, and what helps.
  func expectFailure(
    _ code: String, status expected: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let report = try JSON(text)
    #expect(status == expected, sourceLocation: sourceLocation)
    #expect(report["schema"] == .integer(1), sourceLocation: sourceLocation)
    #expect(report["error"]["code"] == .text(code), sourceLocation: sourceLocation)
    #expect(report["error"]["message"].text?.isEmpty == false, sourceLocation: sourceLocation)
    #expect(
      report["error"]["hint"].text?.isEmpty == false, "no hint", sourceLocation: sourceLocation)
  }
}

extension Shell {
  /// Runs the program as a user without any rights.
  static func runAsNobody(
    _ sandbox: Sandbox, binary: String, _ arguments: [String]
  ) async throws -> Result {
    try await run(
      "setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", "--", binary] + arguments,
      environment: sandbox.environment, folder: sandbox.folder)
  }
}
