import ArgumentParser
import CacheKit
import Glibc
import TUI

/// The end of a run that the parser ends: help, a version, or a command line that it refuses.
struct Usage {
  var arguments: [String]
  /// The verb that was asked for, with the one below it.
  var verb: [String]

  func end(_ error: any Error) -> Never {
    let code = Cachescope.exitCode(for: error)
    // Whoever throws a bare code has said why.
    if let code = error as? ExitCode { exit(code.rawValue) }
    if code == .validationFailure { refuse(error, code) }
    let text = Self.safe(Cachescope.fullMessage(for: error))
    let isHelp = text.hasPrefix("OVERVIEW: ") || text.hasPrefix("USAGE: ")
    let output =
      code.isSuccess
      ? Output(descriptor: STDOUT_FILENO)
      : Output(descriptor: STDERR_FILENO, name: "standard error")
    output.line(isHelp ? Examples.arranged(text, verb) : text)
    output.flush()
    exit(code.rawValue)
  }

  private func refuse(_ error: any Error, _ code: ExitCode) -> Never {
    let message =
      unknownOption
      ?? Mistake(Self.safe(Cachescope.message(for: error)), arguments.map(Self.safe)).message
    let usage = usage(error)
    // An option that lacks its value is helped by nothing before it.
    let negativeNumberHint = message.hasPrefix("-") ? nil : self.negativeNumberHint
    if arguments.prefix(while: { $0 != "--" }).contains("--json") {
      writeJSON(message, negativeNumberHint ?? usage ?? more)
    } else {
      ErrorText.line("cachescope: \(message)")
      if let negativeNumberHint { ErrorText.line("  \(negativeNumberHint).") }
      if let usage { ErrorText.line("  \(usage)") }
      ErrorText.line("  \(more).")
    }
    exit(code.rawValue)
  }

  /// What the parser takes for values, where a verb has any: then something else seems to be wrong first.
  private var unknownOption: String? {
    guard let command = Cachescope.command(at: verb), command.configuration.subcommands.isEmpty
    else { return nil }
    let help = Cachescope.helpMessage(for: command, includeHidden: true, columns: 500)
    let known = Self.options(in: help).union(["--version", "--help"])
    let unknown = arguments.prefix { $0 != "--" }.lazy.filter { $0.hasPrefix("--") }
      .map { String($0.prefix { $0 != "=" }) }.first { !known.contains($0) }
    return unknown.map { name in
      let near = Spelling.nearest(
        String(name.dropFirst(2)), known.map { String($0.dropFirst(2)) }.sorted())
      return "there is no option \(Self.safe(name))"
        + (near.map { "; did you mean --\($0)?" } ?? "")
    }
  }

  private static func options(in help: String) -> Set<String> {
    let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
    return Set(words.filter { $0.hasPrefix("--") }.map(String.init))
  }

  private var more: String {
    verb.isEmpty
      ? "`cachescope --help` lists the verbs"
      : "`cachescope \(verb.joined(separator: " ")) --help` tells more"
  }

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

  /// The line of the parser that says how the verb is called; that of the program as a whole tells nothing.
  private func usage(_ error: any Error) -> String? {
    let lines = Cachescope.fullMessage(for: error).split(separator: "\n")
    return lines.first { $0.hasPrefix("Usage: ") && $0 != "Usage: cachescope <subcommand>" }
      .map { OwnOptions.summed(Self.safe(String($0))) }
  }

  /// `entry -1` reads as an option; ids below zero, and leases without one, are those of damaged rows.
  private var negativeNumberHint: String? {
    let options = arguments.prefix { $0 != "--" }
    let name = options.first { argument in
      argument.hasPrefix("-") && (LeaseID(argument) != nil || Int64(argument) != nil)
    }
    return name.map { "\($0) reads as an option: write `--` before a negative id" }
  }

  /// The parser repeats what was typed: bytes as escapes, nothing that a terminal would obey.
  private static func safe(_ text: String) -> String {
    RawText(bytes: ArgumentBytes.decode(text)).readable
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { SafeText.finish($0, asciiOnly: false) }
      .joined(separator: "\n")
  }
}
