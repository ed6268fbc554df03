internal import CacheKit
internal import TUI

/// A filter over pointers, read from one line: words, `!word`, `/regex/`, and fields such as
/// `state:bad`, `size>1M`, `sha:9f3a`, `name:fonts`, `url:github`, `dup`, `problem`.
struct LinkFilter: Sendable, Hashable {
  let text: String
  private let terms: [FilterTerm]

  init(_ text: String) {
    self.text = text
    terms = FilterTerm.parse(text)
  }

  func matches(_ row: LinkRow) -> Bool {
    terms.allSatisfy { $0.isNegated != matches($0.meaning, row) }
  }

  private func matches(_ meaning: FilterTerm.Meaning, _ row: LinkRow) -> Bool {
    switch meaning {
    case .word("problem"): row.isProblem
    case .word("fetchable"): row.needsFetch
    case .word("dup"): !row.twins.isEmpty
    case .word(let word): visibleText(row).contains(word)
    case .pattern(let pattern): pattern.matches(visibleText(row))
    case .field(let name, let sign, let value): matches(name, sign, value, row)
    }
  }

  private func states(_ row: LinkRow) -> [String] {
    [row.look(.ascii).word.lowercased(), row.item.state.rawValue]
  }

  private func visibleText(_ row: LinkRow) -> String {
    (states(row) + [row.item.link?.sha256 ?? "", row.name, row.source])
      .joined(separator: " ").lowercased()
  }

  private func matches(
    _ name: String, _ sign: Character, _ value: String, _ row: LinkRow
  ) -> Bool {
    switch name {
    case "state": return states(row).contains { $0.hasPrefix(value) }
    case "sha", "sha256": return row.item.link?.sha256.hasPrefix(value) ?? false
    case "name", "pointer": return row.name.lowercased().contains(value)
    case "url", "source": return row.source.lowercased().contains(value)
    case "size":
      guard let left = row.bytes, let right = ByteSize.parse(value) else { return false }
      let limit = Int64(clamping: right)
      return sign == ">" ? left > limit : sign == "<" ? left < limit : left == limit
    default: return visibleText(row).contains("\(name)\(sign)\(value)")
    }
  }
}
