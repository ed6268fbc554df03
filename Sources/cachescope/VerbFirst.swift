/// Puts the verb in front of the options: `cachescope --cache DIR status` reads as well as
/// `cachescope status --cache DIR`, and the parser wants the verb first.
enum VerbFirst {
  /// Options that take the next argument as their value.
  private static let valued: Set<String> = [
    "--cache", "--color", "--now", "--proc-root", "--theme", "--script", "--size", "--dump",
    "--saved-filter", "--from",
  ]

  static func reorder(_ arguments: [String], verbs: Set<String>) -> [String] {
    var place = 0
    while place < arguments.count {
      let argument = arguments[place]
      if argument == "--" { break }
      if !argument.hasPrefix("-") {
        guard place > 0, verbs.contains(argument) else { break }
        var rest = arguments
        rest.remove(at: place)
        return [argument] + rest
      }
      place += valued.contains(argument) ? 2 : 1
    }
    return arguments
  }
}
