/// How a cell looks: a colour (`nil`: the terminal's own) and attributes.
package struct Attributes: Hashable, Sendable {
  /// One of the 256 colours.
  package var color: Int?
  /// The same for terminals with 8 or 16 of them.
  package var basic: Int?
  package var bold = false
  package var dim = false
  package var underline = false
  package var reverse = false

  package init(
    _ color: Int? = nil, bold: Bool = false, dim: Bool = false, underline: Bool = false,
    reverse: Bool = false
  ) {
    self.init(color, basic: color, bold: bold, underline: underline)
    self.dim = dim
    self.reverse = reverse
  }

  package init(_ color: Int?, basic: Int?, bold: Bool = false, underline: Bool = false) {
    self.color = color
    self.basic = basic
    self.bold = bold
    self.underline = underline
  }

  /// The colour on a terminal with so many.
  package func color(of count: Int) -> Int? { count >= 256 ? color : basic }
}

/// What people choose; the background itself always stays the terminal's.
package enum Theme: String, Sendable, CaseIterable {
  /// Dark or light, as the terminal says.
  case auto
  case light, dark, mono, cvd, contrast

  /// True where the look depends on the background, and nobody has said what it is.
  package var asksBackground: Bool {
    switch self {
    case .auto, .cvd, .contrast: true
    case .light, .dark, .mono: false
    }
  }
}

/// What the text stands on.
package enum Background: Sendable, Hashable, CaseIterable {
  case dark, light

  /// By which of black and white is easier to read on it; parts from 0 to 1.
  package init(red: Double, green: Double, blue: Double) {
    func linear(_ part: Double) -> Double {
      // Of x^2.4 the square is near enough to tell light from dark.
      part <= 0.04 ? part / 12.92 : part * part
    }
    let light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    self = light > 0.18 ? .light : .dark
  }
}

/// A theme on a background: what roles look like.
package struct Palette: Sendable, Hashable {
  package let theme: Theme
  package let background: Background

  /// A background that nobody knows is taken for a dark one, as most terminals have.
  package init(_ theme: Theme, on background: Background? = nil) {
    self.theme = theme
    switch theme {
    case .light: self.background = .light
    case .dark: self.background = .dark
    default: self.background = background ?? .dark
    }
  }

  package func attributes(of style: Style) -> Attributes {
    var look = (background == .light ? onLight(style.role) : nil) ?? usual(style.role)
    if style.isMarked || theme == .contrast && look.color != nil { look.bold = true }
    if style.isSelected {
      look.reverse = true
      look.dim = false
    }
    return look
  }

  /// The 16 colours of the terminal's own scheme, which is made for its background.
  private func usual(_ role: Role) -> Attributes {
    switch (theme, role) {
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
    case (.contrast, .bad), (.contrast, .barOver): Attributes(203, basic: 9, bold: true)
    case (.contrast, .warn): Attributes(226, basic: 11, bold: true)
    case (.contrast, .ok): Attributes(46, basic: 10, bold: true)
    case (.contrast, .unknown): Attributes(213, basic: 13, bold: true)
    case (.contrast, .pin): Attributes(51, basic: 14, bold: true)
    case (_, .bad): Attributes(1, bold: true)
    case (_, .barOver): Attributes(1)
    case (_, .warn): Attributes(3)
    case (_, .ok): Attributes(2)
    case (_, .unknown): Attributes(5)
    case (_, .pin): Attributes(6)
    }
  }

  /// Dark colours, since yellow, green and cyan cannot be read on white; `nil` for what is usual there,
  /// too. Of the 8 basic colours only red, blue and magenta can be read.
  private func onLight(_ role: Role) -> Attributes? {
    switch (theme, role) {
    case (.mono, _): nil
    case (.contrast, .dim), (.contrast, .border): nil
    case (_, .dim), (_, .border): Attributes(240, basic: nil)
    case (.cvd, .bad), (.cvd, .barOver): Attributes(130, basic: 5, bold: true)
    case (.cvd, .warn): Attributes(24, basic: nil, underline: true)
    case (.cvd, .ok): Attributes(19, basic: 4, bold: true)
    case (.contrast, .bad), (.contrast, .barOver): Attributes(88, basic: 1, bold: true)
    case (.contrast, .warn): Attributes(58, basic: 5, bold: true)
    case (_, .bad): Attributes(124, basic: 1, bold: true)
    case (_, .barOver): Attributes(124, basic: 1)
    case (_, .warn): Attributes(94, basic: 5)
    case (_, .ok): Attributes(22, basic: nil)
    case (_, .unknown): Attributes(90, basic: 4, underline: true)
    case (_, .pin): Attributes(24, basic: 4)
    default: nil
    }
  }
}
