/// Puts the verb in front of the options: `cachescope --cache DIR lnk list` reads as well as
/// `cachescope lnk list --cache DIR`, and the parser wants the verb first.
struct VerbFirst {
  /// The verbs, each with those below it.
  let verbs: [String: [String]]

  /// Options that take the next argument as their value.
  static let valued: Set<String> = [
    "--cache", "--color", "--now", "--proc-root", "--theme", "--time-zone", "--script", "--size",
    "--dump",
    "--saved-filter", "--watch-command", "--from", "--sort", "--filter", "--limit", "--reason",
    "--timeout", "--interval", "--entry", "--lease", "--project", "--jobs", "--into", "--expect",
    "--output", "-o", "--archive-budget", "--installed-budget", "--high", "--high-watermark",
    "--keep", "--phase", "--until", "--depth", "--columns", "--watch", "-w", "--restore",
    "--delete", "--format", "--since", "--fbuild", "--generate-completion-script",
  ]

  struct Unknown: Equatable {
    var word: String
    /// The verb that it would be below; `nil` for the first one.
    var group: String?
  }

  /// Help is the same whatever options stand before it.
  static func helpFirst(_ arguments: [String]) -> [String] {
    guard let place = firstWord(arguments), arguments[place] == "help" else { return arguments }
    return Array(arguments[place...])
  }

  func reorder(_ arguments: [String]) -> [String] {
    var rest = arguments
    guard let place = Self.firstWord(rest), let below = verbs[rest[place]] else { return arguments }
    var path = [rest.remove(at: place)]
    if !below.isEmpty, let next = Self.firstWord(rest), below.contains(rest[next]) {
      path.append(rest.remove(at: next))
    }
    return path + rest
  }

  /// The verb that reordered arguments begin with, and the one below it; behind `help` those that it explains.
  func path(in arguments: [String]) -> [String] {
    var rest = arguments[...]
    if rest.first == "help" { rest = rest.dropFirst() }
    guard let name = rest.first, let below = verbs[name] else { return [] }
    let next = rest.dropFirst().first
    return [name] + (next.map { below.contains($0) ? [$0] : [] } ?? [])
  }

  /// The word that stands where a verb belongs and is none.
  func unknown(in arguments: [String]) -> Unknown? {
    var rest = arguments
    guard let place = Self.firstWord(rest) else { return nil }
    var word = rest.remove(at: place)
    if word == "help" {
      guard let next = Self.firstWord(rest) else { return nil }
      word = rest.remove(at: next)
    }
    guard let below = verbs[word] else { return Unknown(word: word) }
    guard !below.isEmpty, let next = Self.firstWord(rest), !below.contains(rest[next]) else {
      return nil
    }
    return Unknown(word: rest[next], group: word)
  }

  /// The verb that reordered arguments begin with, where one below it belongs.
  func lackingVerb(in arguments: [String]) -> String? {
    let path = path(in: arguments)
    guard path.count == 1, arguments[0] == path[0],
      verbs[path[0]]?.isEmpty == false
    else { return nil }
    let asks: Set = ["-h", "--help", "--version"]
    return arguments.contains(where: asks.contains) ? nil : path[0]
  }

  func names(below group: String?) -> [String] {
    (group.map { verbs[$0] ?? [] } ?? verbs.keys.filter { $0 != "manual" }).sorted()
  }

  /// The verb that was probably meant.
  func nearest(_ unknown: Unknown) -> String? {
    Spelling.nearest(unknown.word, names(below: unknown.group))
  }

  /// What is no option and no value of one.
  private static func firstWord(_ arguments: [String]) -> Int? {
    var place = 0
    while place < arguments.count {
      let argument = arguments[place]
      if argument == "--" { return nil }
      if !argument.hasPrefix("-") || argument == "-" { return place }
      place += valued.contains(argument) ? 2 : 1
    }
    return nil
  }
}

/// How far words are from each other, in letters.
enum Spelling {
  /// The nearest of `words`, where it is near enough to have been meant.
  static func nearest(_ word: String, _ words: [String]) -> String? {
    let typed = Array(word.lowercased().unicodeScalars.prefix(64))
    let ranked = words.map { (distance(typed, Array($0.unicodeScalars)), $0) }
    guard let best = ranked.min(by: { $0.0 < $1.0 }) else { return nil }
    if best.0 <= max(1, best.1.count / 3) { return best.1 }
    return words.first { typed.count > 1 && Array($0.unicodeScalars).starts(with: typed) }
  }

  /// Letters to put in, take out, change or swap with the next one.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var above = Array(0...right.count)
    for row in left.indices {
      var line = [row + 1]
      for column in right.indices {
        var best = min(above[column + 1], line[column]) + 1
        best = min(best, above[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, before[column - 1] + 1)
        }
        line.append(best)
      }
      (before, above) = (above, line)
    }
    return above[right.count]
  }
}
