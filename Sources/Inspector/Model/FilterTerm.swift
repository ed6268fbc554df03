internal import CacheKit

/// One term of a filter line.
struct FilterTerm: Sendable, Hashable {
  enum Meaning: Sendable, Hashable {
    case word(String)
    case pattern(FilterPattern)
    case field(String, sign: String, value: String)
  }

  var isNegated: Bool
  var meaning: Meaning
  /// As typed, without the `!`.
  var typed: String

  /// What is wrong with a term that can match nothing; `nil` where it can be used.
  func problem(_ fields: FilterFields) -> String? {
    switch meaning {
    case .pattern: nil
    case .field:
      fields.problem(typed) { field, value in
        switch field {
        case "age": Age.parse(value) != nil
        case "size", "blocks": ByteSize.parse(value) != nil
        default: Int64(value) != nil
        }
      }
    case .word: FilterPattern.problem(typed)
    }
  }

  /// Everything is lowercased but regular expressions, which ignore case by themselves.
  static func parse(_ line: String) -> [FilterTerm] {
    line.split(separator: " ").map { typed in
      let isNegated = typed.hasPrefix("!") && typed.count > 1
      let term = isNegated ? String(typed.dropFirst()) : String(typed)
      return FilterTerm(isNegated: isNegated, meaning: meaning(of: term), typed: term)
    }
  }

  private static func meaning(of term: String) -> Meaning {
    if let source = FilterPattern.source(of: term) {
      return FilterPattern(source).map { .pattern($0) } ?? .word(term.lowercased())
    }
    let lower = term.lowercased()
    guard let (field, sign, value) = FilterFields.split(lower), !field.isEmpty else {
      return .word(lower)
    }
    return .field(field, sign: sign, value: value)
  }

  /// Both numbers by the sign of a term; what is not known matches nothing.
  static func compare(_ left: Int64?, _ sign: String, _ right: Int64?) -> Bool {
    guard let left, let right else { return false }
    switch sign {
    case ">": return left > right
    case "<": return left < right
    case ">=": return left >= right
    case "<=": return left <= right
    default: return left == right
    }
  }
}
