extension Format {
  /// The most characters of a command line that a screen or a line of text shows.
  package static let longestCommand = 200

  /// A command line on a screen: escaped, and cut off where it is long.
  ///
  /// A shell's whole script can be one argument, and would push all else off the screen; filters
  /// search the whole, and JSON has it.
  package static func command(_ command: String) -> String { cutCommand(text(command)) }

  /// The same of words that are escaped.
  static func cutCommand(_ words: String) -> String {
    guard words.count > longestCommand else { return words }
    return words.prefix(longestCommand - 3) + "..."
  }
}
