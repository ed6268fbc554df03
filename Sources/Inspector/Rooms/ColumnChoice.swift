package import TUI

/// Which columns of a list a person wants, and in which order; as it is made, the usual ones.
package struct ColumnChoice: Sendable, Hashable {
  /// Ids in the order that was chosen; what is not named stands behind, in its usual order.
  package private(set) var order: [String] = []
  /// Usually hidden, and wanted.
  package private(set) var shown: Set<String> = []
  /// Usually shown, and not wanted.
  package private(set) var hidden: Set<String> = []
  /// All columns at their full width; the table is scrolled sideways.
  package var isWide = false

  package init() {}

  package var isUsual: Bool { self == ColumnChoice() }

  /// The ids in the order of the list.
  package func ordered(_ ids: [String]) -> [String] {
    let known = order.filter(ids.contains)
    return known + ids.filter { !known.contains($0) }
  }

  package func shows(_ id: String, usual: Set<String>) -> Bool {
    if hidden.contains(id) { return false }
    return isWide || shown.contains(id) || usual.contains(id)
  }

  /// The columns of the list; what it is sorted by is always among them.
  package func arranged<Row>(
    _ columns: [Column<Row>], usual: Set<String>, sorted: String?
  ) -> [Column<Row>] {
    let known = Dictionary(columns.map { ($0.id, $0) }) { first, _ in first }
    return ordered(columns.map(\.id))
      .filter { shows($0, usual: usual) || $0 == sorted }.compactMap { known[$0] }
  }

  /// Shows a column or hides it; the last one that is shown stays.
  package mutating func toggle(_ id: String, of ids: [String], usual: Set<String>) {
    if shows(id, usual: usual) {
      guard ids.contains(where: { $0 != id && shows($0, usual: usual) }) else { return }
      shown.remove(id)
      if usual.contains(id) || isWide { hidden.insert(id) }
    } else {
      hidden.remove(id)
      if !usual.contains(id) { shown.insert(id) }
    }
  }

  /// Moves a column by places to the right, or to the left.
  package mutating func move(_ id: String, by step: Int, of ids: [String]) {
    var all = ordered(ids)
    guard let place = all.firstIndex(of: id), all.indices.contains(place + step) else { return }
    all.swapAt(place, place + step)
    order = all == ids ? [] : all
  }
}

// As it is kept between runs: the order, then what was changed: `name kind +hash -uses`, and `=wide`.
extension ColumnChoice {
  /// `nil` where a word can be no column.
  package init?(words: some StringProtocol) {
    for word in words.split(separator: " ") {
      let id = String(word.drop { $0 == "+" || $0 == "-" })
      if word == "=wide" {
        isWide = true
        continue
      }
      guard !id.isEmpty, id.utf8.count < 40, id.utf8.allSatisfy(Self.isPart) else { return nil }
      if word.hasPrefix("+") {
        shown.insert(id)
      } else if word.hasPrefix("-") {
        hidden.insert(id)
      } else if !order.contains(id) {
        order.append(id)
      }
    }
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 45: true
    default: false
    }
  }

  /// What is read by `init(words:)`.
  package var words: String {
    let changed = shown.sorted().map { "+\($0)" } + hidden.sorted().map { "-\($0)" }
    return (order + changed + (isWide ? ["=wide"] : [])).joined(separator: " ")
  }
}

/// A column that can be chosen.
package struct ColumnItem: Sendable, Hashable {
  package var id: String
  package var title: String
}
