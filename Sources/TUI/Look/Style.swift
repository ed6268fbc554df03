/// What a cell means; a theme decides how that looks.
package enum Role: UInt8, Sendable, CaseIterable {
  case text, dim, bad, warn, ok, unknown, pin, strong, border, bar, barOver, title, tab, tabActive
}

/// A role, and whether the cell belongs to the selected or to a marked row.
package struct Style: Hashable, Sendable {
  package var role: Role
  package var isSelected = false
  package var isMarked = false

  package init(_ role: Role, selected: Bool = false, marked: Bool = false) {
    self.role = role
    self.isSelected = selected
    self.isMarked = marked
  }

  package static let text = Style(.text)
  package static let dim = Style(.dim)
  package static let strong = Style(.strong)
  package static let bad = Style(.bad)
  package static let warn = Style(.warn)
  package static let ok = Style(.ok)
}
