import ArgumentParser

/// cachescope(1): every verb with its options, from the help that the verbs print.
enum VerbManual {
  static func page() -> String {
    let root = HelpText(Cachescope.self)
    let verbs = Self.verbs(below: Cachescope.self, path: [])
    let shared = shared(verbs)
    var page = Roff("cachescope", section: 1, title: "User commands")
    page.section("Name")
    page.body("cachescope - look into the disk cache of fbuild and repair it")
    page.section("Synopsis")
    page.line("\\fBcachescope\\fR [\\fIverb\\fR] [\\fIoptions\\fR]")
    page.section("Description")
    for paragraph in root.overview { page.paragraph(paragraph) }
    page.section("Options")
    page.body("Every verb takes these.")
    for item in shared { page.item(item.term, item.words) }
    page.section("Verbs")
    for verb in verbs { write(verb, shared, &page) }
    page.section("See also")
    page.body("cachescope-keys(7)")
    return page.text
  }

  private struct Verb {
    var name: String
    var help: HelpText
  }

  private static func verbs(below command: any ParsableCommand.Type, path: [String]) -> [Verb] {
    command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .flatMap { verb -> [Verb] in
        let path = path + [verb.configuration.commandName ?? ""]
        if !verb.configuration.subcommands.isEmpty { return verbs(below: verb, path: path) }
        return [Verb(name: path.joined(separator: " "), help: HelpText(verb))]
      }
  }

  /// The options that no verb lacks.
  private static func shared(_ verbs: [Verb]) -> [HelpText.Item] {
    guard let first = verbs.first else { return [] }
    return first.help.options.filter { item in verbs.allSatisfy { $0.help.options.contains(item) } }
  }

  private static func write(_ verb: Verb, _ shared: [HelpText.Item], _ page: inout Roff) {
    // A verb with few options has them all in its usage.
    let isLong = verb.help.usage.contains("--cache")
    page.subsection(isLong ? "cachescope \(verb.name) [<options>]" : verb.help.usage)
    for paragraph in verb.help.overview { page.paragraph(paragraph) }
    for item in verb.help.arguments { page.item(item.term, item.words) }
    for item in verb.help.options where !shared.contains(item) { page.item(item.term, item.words) }
  }
}

/// The parts of a help text of the parser.
struct HelpText {
  struct Item: Hashable {
    var term: String
    var words: String
  }

  var overview: [String] = []
  var usage = ""
  var arguments: [Item] = []
  var options: [Item] = []

  init(_ command: any ParsableCommand.Type) {
    // Wider than any text: each option has one line, or two.
    let text = Cachescope.helpMessage(for: command, columns: 100_000)
    var part = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if let title = ["OVERVIEW: ", "USAGE: "].first(where: line.hasPrefix) {
        part = title
        take(String(line.dropFirst(title.count)), part)
      } else if ["ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:"].contains(line) {
        part = line
      } else {
        take(line, part)
      }
    }
  }

  private mutating func take(_ line: String, _ part: String) {
    switch part {
    case "OVERVIEW: " where !line.isEmpty: overview.append(line)
    case "USAGE: " where usage.isEmpty: usage = line
    case "ARGUMENTS:": Self.take(line, &arguments)
    case "OPTIONS:": Self.take(line, &options)
    default: break
    }
  }

  /// `  --cache <dir>           The cache to use.`; a long term has its words on the next line.
  private static func take(_ line: String, _ items: inout [Item]) {
    guard line.hasPrefix("  ") else { return }
    let text = line.dropFirst(2)
    if text.hasPrefix(" ") {
      guard !items.isEmpty else { return }
      let last = items.count - 1
      let words = String(text.drop { $0 == " " })
      items[last].words += items[last].words.isEmpty ? words : " " + words
      return
    }
    let gap = text.firstRange(of: "  ")
    let term = text[..<(gap?.lowerBound ?? text.endIndex)]
    let words = gap.map { text[$0.upperBound...].drop { $0 == " " } } ?? ""
    items.append(Item(term: String(term), words: String(words)))
  }
}
