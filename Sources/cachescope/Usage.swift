import ArgumentParser
import CacheKit
import Glibc
import TUI

/// The end of a run that the parser ends: help, a version, or a command line that it refuses.
struct Usage {
  var arguments: [String]

  func end(_ error: any Error) -> Never {
    let code = Cachescope.exitCode(for: error)
    // Whoever throws a bare code has said why.
    if let code = error as? ExitCode { exit(code.rawValue) }
    if code == .validationFailure && wantsJSON {
      writeJSON(Self.sensible(Self.safe(Cachescope.message(for: error))), hint(error))
      exit(code.rawValue)
    }
    let text = Self.sensible(Self.safe(Cachescope.fullMessage(for: error)))
    let hint = code == .validationFailure ? negativeNumberHint.map { "\n\($0)." } ?? "" : ""
    let output =
      code.isSuccess
      ? Output(descriptor: STDOUT_FILENO)
      : Output(descriptor: STDERR_FILENO, name: "standard error")
    output.line(text + hint)
    output.flush()
    exit(code.rawValue)
  }

  private var wantsJSON: Bool { arguments.prefix { $0 != "--" }.contains("--json") }

  private func writeJSON(_ message: String, _ hint: String) {
    let output = Output(descriptor: STDOUT_FILENO)
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.field("schema", 1)
      writer.field("error") { writer in
        writer.object { writer in
          writer.field("code", "usage")
          writer.field("message", message)
          writer.field("hint", hint)
        }
      }
    }
    writer.end()
    output.flush()
  }

  /// The line of the parser that says how the verb is called.
  private func hint(_ error: any Error) -> String {
    if let negativeNumberHint { return negativeNumberHint }
    let lines = Cachescope.fullMessage(for: error).split(separator: "\n")
    return lines.first { $0.hasPrefix("Usage: ") }.map(String.init)
      ?? "`cachescope --help` lists the verbs"
  }

  /// `entry -1` reads as an option; ids below zero, and leases without one, are those of damaged rows.
  private var negativeNumberHint: String? {
    let options = arguments.prefix { $0 != "--" }
    let name = options.first { argument in
      argument.hasPrefix("-") && (LeaseID(argument) != nil || Int64(argument) != nil)
    }
    return name.map { "\($0) reads as an option: write `--` before a negative id" }
  }

  /// Without a suggestion that has nothing to do with what was typed.
  private static func sensible(_ text: String) -> String {
    let question = ". Did you mean '"
    guard let start = text.firstRange(of: "Unknown option '"),
      let middle = text[start.upperBound...].firstRange(of: "'" + question),
      let end = text[middle.upperBound...].firstRange(of: "'?")
    else { return text }
    let typed = text[start.upperBound..<middle.lowerBound].drop { $0 == "-" }
    let meant = text[middle.upperBound..<end.lowerBound].drop { $0 == "-" }
    guard Spelling.nearest(String(typed), [String(meant)]) == nil else { return text }
    return text[..<middle.lowerBound] + "'" + text[end.upperBound...]
  }

  /// The parser repeats what was typed: bytes as escapes, nothing that a terminal would obey.
  private static func safe(_ text: String) -> String {
    RawText(bytes: ArgumentBytes.decode(text)).readable
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { SafeText.finish($0, asciiOnly: false) }
      .joined(separator: "\n")
  }
}
