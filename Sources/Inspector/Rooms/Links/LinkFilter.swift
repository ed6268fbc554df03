internal import CacheKit
internal import TUI

/// A filter over pointers, read from one line: words, `!word`, `/regex/`, and fields such as
/// `state:corrupt`, `size>1M`, `sha:9f3a`, `name:fonts`, `url:github`, `dup`, `problem`.
struct LinkFilter: LineFilter, Hashable {
  let text: String
  private let terms: [FilterTerm]

  init(_ text: String) {
    self.text = text
    terms = FilterTerm.parse(text)
  }

  static let fields = FilterFields(
    texts: ["state", "sha", "name", "url"], values: ["size": FilterFields.size],
    aliases: ["sha256", "pointer", "source"])

  var problem: String? { terms.lazy.compactMap { $0.problem(Self.fields) }.first }

  func matches(_ row: LinkRow) -> Bool {
    terms.allSatisfy { $0.isNegated != matches($0, row) }
  }

  private func matches(_ term: FilterTerm, _ row: LinkRow) -> Bool {
    let typed = term.typed
    return switch term.meaning {
    case .word("problem"): row.isProblem
    case .word("fetchable"): row.needsFetch
    case .word("dup"): !row.twins.isEmpty
    case .word(let word): visibleText(row).contains(word)
    case .pattern(let pattern): pattern.matches(visibleText(row))
    case .field(let name, let sign, let value):
      matches(name, sign, value, row) ?? visibleText(row).contains(typed.lowercased())
    }
  }

  private func visibleText(_ row: LinkRow) -> String {
    [row.item.state.rawValue, row.item.link?.sha256 ?? "", row.name, row.source]
      .joined(separator: " ").lowercased()
  }

  /// `nil` where there is no such field: what was typed is a word then.
  private func matches(
    _ name: String, _ sign: String, _ value: String, _ row: LinkRow
  ) -> Bool? {
    switch name {
    case "state": return row.item.state.rawValue.hasPrefix(value)
    case "sha", "sha256": return row.item.link?.sha256.hasPrefix(value) ?? false
    case "name", "pointer": return row.name.lowercased().contains(value)
    case "url", "source": return row.source.lowercased().contains(value)
    case "size":
      let limit = ByteSize.parse(value).map { Int64(clamping: $0) }
      return FilterTerm.compare(row.bytes, sign, limit)
    default: return nil
    }
  }
}
