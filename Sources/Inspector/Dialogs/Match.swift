/// How well a command is found by what was typed.
enum Match {
  /// Higher is better; `nil` where it is not meant. The name counts before the help, the whole word
  /// before its begin, and the begin before the middle.
  static func score(_ search: String, words: String, help: String) -> Int? {
    let wanted = search.lowercased().split(separator: " ").map(String.init)
    guard !wanted.isEmpty else { return 0 }
    var total = 0
    for part in wanted {
      guard let score = best(part, words.lowercased(), help.lowercased()) else { return nil }
      total += score
    }
    let whole = wanted.joined(separator: " ")
    return total + (words.lowercased().hasPrefix(whole) ? 500 : 0)
  }

  private static func best(_ part: String, _ words: String, _ help: String) -> Int? {
    if let score = grade(part, words) { return 100 + score }
    if let score = grade(part, help) { return score }
    return isSpelled(part, words) ? 1 : nil
  }

  private static func grade(_ part: String, _ text: String) -> Int? {
    let all = text.split { !$0.isLetter && !$0.isNumber }
    if all.contains(where: { $0 == part }) { return 30 }
    if all.contains(where: { $0.hasPrefix(part) }) { return 20 }
    return text.contains(part) ? 10 : nil
  }

  /// The letters in order, with others between them.
  private static func isSpelled(_ part: String, _ text: String) -> Bool {
    var rest = part[...]
    for character in text where character == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}
