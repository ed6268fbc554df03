/// What is wrong with a command line, in the program's own words. Pure.
///
/// The parser says what it found in sentences of its own; each is known here, and what is not known is told
/// as it stands.
struct Mistake: Equatable {
  var message: String

  /// `text` as the parser gives it, with or without its list of values; `arguments` as they were typed.
  init(_ text: String, _ arguments: [String] = []) {
    message =
      Self.negativeValue(text, arguments) ?? Self.readings.lazy.compactMap { $0(text) }.first
      ?? Self.lowered(text)
  }

  private static let readings: [@Sendable (String) -> String?] = [
    unknownOption, missingValue, unwantedValue, missingArgument, unexpected, invalidValue,
    exclusive, missingVerb,
  ]

  /// `Unknown option '--jsno'. Did you mean '--json'?`
  private static func unknownOption(_ text: String) -> String? {
    let quoted = quotes(text)
    guard text.hasPrefix("Unknown option "), let name = quoted.first else { return nil }
    guard quoted.count > 1, text.contains(". Did you mean '") else {
      return "there is no option \(name)"
    }
    let isNear = Spelling.nearest(bare(name), [bare(quoted[1])]) != nil
    return "there is no option \(name)" + (isNear ? "; did you mean \(quoted[1])?" : "")
  }

  private static func bare(_ option: String) -> String { String(option.drop { $0 == "-" }) }

  /// A number below zero reads as an option, and the one before it as one that lacks its value.
  private static func negativeValue(_ text: String, _ arguments: [String]) -> String? {
    guard missingValue(text) != nil, let option = quotes(text).first,
      let name = option.split(separator: " ").first.map(String.init),
      let place = arguments.firstIndex(of: name), place + 1 < arguments.count
    else { return nil }
    let value = arguments[place + 1]
    guard value.hasPrefix("-"), value.dropFirst().first?.isNumber == true else { return nil }
    return "\(name) takes \(placeholder(option.dropFirst(name.count + 1))), not '\(value)'"
  }

  /// `Missing value for '--limit <n>'`
  private static func missingValue(_ text: String) -> String? {
    guard text.hasPrefix("Missing value for "), let option = quotes(text).first else { return nil }
    let parts = option.split(separator: " ", maxSplits: 1)
    let value = parts.count > 1 ? " " + placeholder(parts[1]) : " a value"
    return "\(parts.first ?? "") lacks its value: \(parts.first ?? "")\(value)"
  }

  /// `The option '--json' does not take any value, but '1' was specified.`
  private static func unwantedValue(_ text: String) -> String? {
    let quoted = quotes(text)
    guard text.contains("does not take any value"), quoted.count == 2 else { return nil }
    return "\(quoted[0]) takes no value, not '\(quoted[1])'"
  }

  /// `Missing expected argument '<ids> ...'`
  private static func missingArgument(_ text: String) -> String? {
    guard text.hasPrefix("Missing expected argument "), let name = quotes(text).first else {
      return nil
    }
    return "missing argument: \(placeholder(name[...]))"
  }

  /// `Unexpected argument 'x'`, or `2 unexpected arguments: 'x', 'y'`
  private static func unexpected(_ text: String) -> String? {
    guard text.hasPrefix("Unexpected argument ") || text.contains(" unexpected arguments: '") else {
      return nil
    }
    let names = quotes(text).map { "'\($0)'" }
    guard !names.isEmpty else { return nil }
    let word = names.count == 1 ? "argument" : "arguments"
    return "unexpected \(word) \(names.joined(separator: ", "))"
  }

  /// `The value 'x' is invalid for '--color <color>'. Please provide one of 'auto', 'always' or 'never'.`
  private static func invalidValue(_ text: String) -> String? {
    guard text.hasPrefix("The value '"), let middle = text.firstRange(of: "' is invalid for '")
    else { return nil }
    let start = text.index(text.startIndex, offsetBy: "The value '".count)
    let value = text[start..<middle.lowerBound]
    let rest = text[middle.upperBound...]
    guard let end = rest.firstIndex(of: "'") else { return nil }
    let option = rest[..<end].split(separator: " ", maxSplits: 1)
    let choices = choices(String(rest[rest.index(after: end)...]))
    guard let name = option.first, name.hasPrefix("-") else {
      return "'\(value)' is not a valid \(placeholder(rest[..<end]))"
    }
    let wanted = option.count > 1 ? placeholder(option[1]) : "another value"
    let taken =
      choices.isEmpty
      ? "\(name) takes \(wanted), not '\(value)'" : "\(name) does not take '\(value)'"
    if wanted == "TIME" { return "\(taken): \(DurationArgument.rule)" }
    return choices.isEmpty ? taken : "\(taken); \(Choice.words(choices))"
  }

  private static func choices(_ text: String) -> [String] {
    guard text.contains("Please provide one of") else { return [] }
    let lines = text.split(separator: "\n").compactMap { line -> String? in
      let name = line.drop { $0 == " " }
      return name.hasPrefix("- ") ? String(name.dropFirst(2)) : nil
    }
    return lines.isEmpty ? quotes(text) : lines
  }

  /// `Value to be set with flag '--no-ascii' had already been set with flag '--ascii'`
  private static func exclusive(_ text: String) -> String? {
    let quoted = quotes(text)
    guard text.contains("had already been set with"), quoted.count > 1 else { return nil }
    return "\(quoted[quoted.count - 1]) and \(quoted[0]) exclude each other"
  }

  private static func missingVerb(_ text: String) -> String? {
    text == "Missing required subcommand." ? "a verb is missing" : nil
  }

  /// What stands between single quotes; a quote in a value ends it early.
  private static func quotes(_ text: String) -> [String] {
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
  }

  /// `<ids> ...` as `IDS…`
  private static func placeholder(_ text: some StringProtocol) -> String {
    let name = text.filter { !"<>.".contains($0) }
    let word = String(name.split(separator: " ").joined(separator: " ")).uppercased()
    return text.hasSuffix("...") ? word + "…" : word
  }

  /// Sentences of ours begin in lower case, as they follow the program's name.
  private static func lowered(_ text: String) -> String {
    guard let first = text.first, first.isUppercase,
      text.dropFirst().first?.isLowercase == true
    else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
