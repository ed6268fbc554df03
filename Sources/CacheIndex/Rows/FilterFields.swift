/// The fields of a filter language, and what is wrong with a term that uses none of them well: one
/// definition for the command line and the screens.
public struct FilterFields: Sendable {
  /// Fields that take text after a colon.
  private let texts: [String]
  /// Fields that take a value after `:` `=` `<` `>` `<=` `>=`, with what it is: "a number".
  private let values: [String: String]
  /// Other names of fields, which are taken and not listed.
  private let aliases: Set<String>

  public init(texts: [String], values: [String: String], aliases: Set<String> = []) {
    self.texts = texts
    self.values = values
    self.aliases = aliases
  }

  /// What a numeric field takes, for a message.
  public static let number = "a number"
  /// What a field of bytes takes, for a message.
  public static let size = "a size such as 10M"
  /// What a field of times takes, for a message.
  public static let age = "an age such as 6h or 3d"

  /// The fields by name, with what each takes where that is no text.
  package var known: [(name: String, takes: String?)] {
    let all = texts.map { ($0, nil) } + values.filter { !aliases.contains($0.key) }.map { ($0, $1) }
    return all.sorted { $0.0 < $1.0 }
  }

  /// Field, sign and value of a term; `nil` for one without a sign. `:` is `=`.
  public static func split(_ term: String) -> (field: String, sign: String, value: String)? {
    guard let place = term.firstIndex(where: { "<>=:".contains($0) }) else { return nil }
    var rest = term[term.index(after: place)...]
    var sign = term[place] == ":" ? "=" : String(term[place])
    if sign != "=", rest.first == "=" {
      sign += "="
      rest = rest.dropFirst()
    }
    return (term[..<place].lowercased(), sign, String(rest))
  }

  /// Why a term that is no usable field would match nothing; `nil` where it is a word.
  ///
  /// `isUsable` tells whether the value of a field that takes one can be read.
  public func problem(
    _ term: String, isUsable: (_ field: String, _ value: String) -> Bool = { _, _ in false }
  ) -> String? {
    // An address is a word to look for.
    guard let (field, sign, value) = Self.split(term), !value.hasPrefix("//") else { return nil }
    if let kind = values[field] {
      return isUsable(field, value) ? nil : "'\(term)': \(field) takes \(kind), not '\(value)'"
    }
    if texts.contains(field) || aliases.contains(field) {
      let isText = term.dropFirst(field.count).first == ":"
      return isText ? nil : "'\(term)': \(field) takes \(field):TEXT, not \(sign)"
    }
    guard !field.isEmpty, field.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
    let known = (texts + values.keys.filter { !aliases.contains($0) }).sorted()
    return "'\(term)': no field \(field); there are \(known.joined(separator: " "))"
  }
}
