import ArgumentParser
import CacheKit
import Glibc

/// The option of the verbs that can look again and again.
struct WatchOption: ParsableArguments {
  @Option(
    name: [.customShort("w"), .customLong("watch")],
    help: ArgumentHelp(
      "Look again every so many seconds, 2 where none are named, and show what changed; ^C ends it.",
      valueName: "seconds"))
  var seconds: Double?

  /// The arguments with the usual time where `-w` or `--watch` has none behind it.
  static func completed(_ arguments: [String]) -> [String] {
    var result: [String] = []
    for (place, argument) in arguments.enumerated() {
      if argument == "--" { return result + arguments[place...] }
      result.append(argument)
      guard argument == "-w" || argument == "--watch" else { continue }
      let next = place + 1 < arguments.count ? arguments[place + 1] : ""
      if Double(next) == nil { result.append("2") }
    }
    return result
  }

  func check(_ options: GlobalOptions, _ snapshot: SnapshotOption) throws(ValidationError) {
    guard let seconds else { return }
    guard (0.2...86_400).contains(seconds) else {
      throw ValidationError("--watch takes a number of seconds from 0.2 to 86400")
    }
    if options.json { throw ValidationError("--watch prints text: leave out --json") }
    if snapshot.from != nil {
      throw ValidationError("a snapshot does not change: leave out --watch")
    }
  }

  /// Runs `look` once, or until somebody stops it. A screen is drawn anew where it would be another one;
  /// elsewhere each one follows the last.
  ///
  /// A look that takes long makes the pauses longer: a fifth of one processor at most.
  func run(
    _ output: Output, _ look: (Output) throws -> CacheError?
  ) throws -> CacheError? {
    guard let seconds else { return try look(output) }
    let interrupt = Interrupt()
    var shown: String?
    return try interrupt.run {
      while true {
        let start = ContinuousClock.now
        let text = try Self.text(look, width: output.terminalWidth, isFirst: shown == nil)
        if text != shown {
          Self.show(text, output, isFirst: shown == nil)
          shown = text
        }
        let spent = (ContinuousClock.now - start) / .seconds(1)
        guard interrupt.pause(max(seconds, spent * 4)) else {
          throw CacheError(.cancelled, "stopped")
        }
      }
    }
  }

  /// What goes wrong later, such as a busy index, is shown in its place: the next look may do better.
  private static func text(
    _ look: (Output) throws -> CacheError?, width: Int?, isFirst: Bool
  ) throws -> String {
    let page = Output(width: width)
    do {
      if let failure = try look(page) { page.line("cachescope: \(failure.message)") }
    } catch let error as CacheError where !isFirst {
      page.line("cachescope: \(error.message)")
    }
    return page.text
  }

  private static func show(_ text: String, _ output: Output, isFirst: Bool) {
    guard let height = output.terminalHeight else {
      if !isFirst { output.line("") }
      output.write(text.utf8)
      return output.flush()
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let room = max(1, height - 1)
    if lines.count > room {
      let rest = "… \(lines.count - room + 1) more lines"
      lines = Array(lines.prefix(room - 1)) + [rest[...]]
    }
    output.write("\u{1B}[H\u{1B}[2J".utf8)
    output.write((lines.joined(separator: "\n") + "\n").utf8)
    output.flush()
  }
}
