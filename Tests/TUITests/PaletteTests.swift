import Foundation
import TUI
import Testing

/// What the standard says of text that can be read, computed over every role.
@Suite("Colours that can be read")
struct PaletteTests {
  private static let readable: [(Palette, white: Bool)] = [
    (Palette(.light), true), (Palette(.auto, on: .light), true), (Palette(.cvd, on: .light), true),
    (Palette(.contrast, on: .light), true), (Palette(.contrast, on: .dark), false),
    (Palette(.contrast), false),
  ]

  @Test(
    "WCAG AA: light and high contrast have 4.5 : 1 for every role, with 256, 16 and 8 colours",
    arguments: readable)
  func contrast(palette: Palette, isWhite: Bool) {
    let background = isWhite ? 231 : 16
    for role in Role.allCases {
      for (selected, marked) in [(false, false), (true, false), (false, true), (true, true)] {
        let style = Style(role, selected: selected, marked: marked)
        let look = palette.attributes(of: style)
        // Nobody knows how dark a terminal makes what is dim.
        #expect(!look.dim, "\(role)")
        for colors in [256, 16, 8] {
          let text = look.color(of: colors) ?? (isWhite ? 16 : 231)
          #expect(colors == 256 || text < 16 || look.color(of: colors) == nil, "\(role)")
          // Reverse swaps both, and so changes nothing.
          let ratio = XtermColors.ratio(text, background)
          #expect(ratio >= 4.5, "\(role) has \(ratio) with \(colors) colours")
        }
      }
    }
  }

  @Test("high contrast has 7 : 1 where it says something bad, and is bold where it has a colour")
  func enhanced() {
    for (background, page) in [(Background.light, 231), (.dark, 16)] {
      let palette = Palette(.contrast, on: background)
      let bad = palette.attributes(of: .bad)
      #expect(XtermColors.ratio(bad.color ?? page, page) >= 7)
      for role in Role.allCases {
        let look = palette.attributes(of: Style(role))
        #expect(look.color == nil || look.bold || [.dim, .border].contains(role), "\(role)")
      }
    }
  }

  @Test("each theme tells bad, warning and good apart by more than the colour's name")
  func apart() {
    for theme in Theme.allCases where theme != .mono {
      for background in Background.allCases {
        let palette = Palette(theme, on: background)
        let looks = [Role.bad, .warn, .ok].map { palette.attributes(of: Style($0)) }
        #expect(Set(looks.map(\.color)).count == 3, "\(theme) on \(background)")
      }
    }
  }

  @Test("mono has no colour, and no theme is asked about that does not need it")
  func mono() {
    for background in Background.allCases {
      for role in Role.allCases {
        let look = Palette(.mono, on: background).attributes(of: Style(role))
        #expect(look.color == nil && look.basic == nil)
      }
    }
    #expect(Theme.allCases.filter(\.asksBackground) == [.auto, .cvd, .contrast])
    #expect(Palette(.dark, on: .light).background == .dark)
    #expect(Palette(.light, on: .dark).background == .light)
  }

  @Test("a background is light where black is easier to read on it")
  func backgrounds() {
    for index in 16..<256 {
      let (red, green, blue) = XtermColors.parts(index)
      let background = Background(red: red, green: green, blue: blue)
      let black = XtermColors.ratio(index, 16)
      let white = XtermColors.ratio(index, 231)
      guard abs(black - white) > 1.5 else { continue }
      #expect(background == (black > white ? .light : .dark), "\(index)")
    }
  }
}

/// xterm's table of 256 colours, and how far two of them are apart by WCAG 2.
enum XtermColors {
  private static let first: [(Int, Int, Int)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  static func parts(_ index: Int) -> (Double, Double, Double) {
    let (red, green, blue) = bytes(index)
    return (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
  }

  private static func bytes(_ index: Int) -> (Int, Int, Int) {
    if index < 16 { return first[index] }
    if index >= 232 {
      return (8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232))
    }
    let steps = [0, 95, 135, 175, 215, 255]
    let cube = index - 16
    return (steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6])
  }

  static func luminance(_ index: Int) -> Double {
    func linear(_ part: Double) -> Double {
      part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = parts(index)
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  static func ratio(_ one: Int, _ other: Int) -> Double {
    let (a, b) = (luminance(one), luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }
}
