internal import CacheKit
internal import TUI

/// A search over what the rows of a list show: words, `!word` and `/regex/`; a field is a word here.
struct TextSearch: Sendable {
  private let terms: [FilterTerm]

  init(_ text: String) { terms = FilterTerm.parse(text) }

  func matches(_ text: String) -> Bool {
    let text = text.lowercased()
    return terms.allSatisfy { term in
      let isFound =
        switch term.meaning {
        case .word(let word): text.contains(word)
        case .pattern(let pattern): pattern.matches(text)
        case .field: text.contains(term.typed.lowercased())
        }
      return isFound != term.isNegated
    }
  }
}

extension RoomView {
  /// What the cells of a row say; empty for a heading, and for what is not in memory.
  func visibleText(_ id: RowID, _ view: TableView<Cells>, in house: House) -> String {
    guard let cells = cells(id, in: house) else { return "" }
    return view.columns.map { $0.cell(cells, house.glyphs).text }.joined(separator: " ")
  }

  mutating func find(_ step: Int, _ text: String, in house: inout House) -> Effect<Work> {
    let (search, room, view, now) = (TextSearch(text), self, tableView(in: house), house)
    jump(step, text, in: &house) { id in search.matches(room.visibleText(id, view, in: now)) }
    return .none
  }
}
