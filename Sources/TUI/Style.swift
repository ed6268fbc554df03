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

/// How a cell looks: one of the 16 ANSI colours (`nil`: the terminal's own) and attributes.
package struct Attributes: Hashable, Sendable {
  package var color: Int?
  package var bold = false
  package var dim = false
  package var underline = false
  package var reverse = false

  package init(
    _ color: Int? = nil, bold: Bool = false, dim: Bool = false, underline: Bool = false,
    reverse: Bool = false
  ) {
    self.color = color
    self.bold = bold
    self.dim = dim
    self.underline = underline
    self.reverse = reverse
  }
}

/// A mapping of roles to looks; the background always stays the user's.
package enum Theme: String, Sendable, CaseIterable {
  case auto, mono, cvd, contrast

  package func attributes(of style: Style) -> Attributes {
    var look = attributes(of: style.role)
    if style.isMarked { look.bold = true }
    if style.isSelected {
      look.reverse = true
      look.dim = false
    }
    return look
  }

  private func attributes(of role: Role) -> Attributes {
    switch (self, role) {
    case (_, .text), (_, .bar), (_, .tab): Attributes()
    case (_, .strong), (_, .title): Attributes(bold: true)
    case (_, .tabActive): Attributes(bold: true, reverse: true)
    case (.contrast, .dim), (.contrast, .border): Attributes()
    case (_, .dim), (_, .border): Attributes(dim: true)
    case (.mono, .bad), (.mono, .barOver): Attributes(bold: true)
    case (.mono, .warn): Attributes(underline: true)
    case (.mono, .unknown): Attributes(dim: true)
    case (.mono, _): Attributes()
    case (.cvd, .bad), (.cvd, .barOver): Attributes(3, bold: true)
    case (.cvd, .warn): Attributes(6)
    case (.cvd, .ok): Attributes(4, bold: true)
    case (_, .bad): Attributes(1, bold: true)
    case (_, .barOver): Attributes(1)
    case (.contrast, .warn): Attributes(3, bold: true)
    case (_, .warn): Attributes(3)
    case (.contrast, .ok): Attributes(2, bold: true)
    case (_, .ok): Attributes(2)
    case (.contrast, .unknown): Attributes(5, bold: true)
    case (_, .unknown): Attributes(5)
    case (.contrast, .pin): Attributes(6, bold: true)
    case (_, .pin): Attributes(6)
    }
  }
}
