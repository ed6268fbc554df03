import TUI

/// How the columns of a table share a line. Pure.
struct TableFit {
  /// `nil` where a line may have any length.
  var width: Int?

  struct Layout {
    /// The columns of a line, by their places.
    var shown: [Int]
    /// Those that follow in lines of their own.
    var below: [Int]
    var widths: [Int]
    var isLimited: Bool
    var lineWidth: Int

    func cut(_ cell: String, _ place: Int, _ column: TextTable.Column, isLast: Bool) -> String {
      guard isLimited, !column.isWhole, Width.of(cell) > widths[place] else { return cell }
      return isLast
        ? TextCut.end(cell, to: widths[place], glyphs: .ascii)
        : TextCut.middle(cell, to: widths[place], glyphs: .ascii)
    }
  }

  /// Cells beyond this width do not push the other columns aside.
  private static let usual = 60
  /// A column is not made narrower.
  private static let least = 6
  /// Sentences need so much room beside the other columns.
  private static let wide = 30

  func layout(
    _ columns: [TextTable.Column], _ natural: [Int], isEmpty: [Bool]
  ) -> Layout {
    let all = Array(columns.indices)
    guard let width else {
      return Layout(
        shown: all, below: [], widths: natural.map { min(Self.usual, $0) }, isLimited: false,
        lineWidth: .max)
    }
    var shown = all.filter { !(columns[$0].isWide && isEmpty[$0]) }
    var widths = natural
    var below: [Int] = []
    if sum(shown, widths) > width, let last = shown.last, columns[last].isWide {
      let rest = shown.dropLast()
      let room = width - sum(Array(rest), widths) - 2
      if room >= Self.wide {
        widths[last] = room
      } else {
        below = [last]
        shown = Array(rest)
      }
    }
    shrink(&widths, shown, columns, to: width)
    return Layout(shown: shown, below: below, widths: widths, isLimited: true, lineWidth: width)
  }

  private func sum(_ places: [Int], _ widths: [Int]) -> Int {
    places.reduce(0) { $0 + widths[$1] } + 2 * max(0, places.count - 1)
  }

  /// The widest column gives first.
  private func shrink(
    _ widths: inout [Int], _ shown: [Int], _ columns: [TextTable.Column], to width: Int
  ) {
    let flexible = shown.filter { !columns[$0].isWhole && !columns[$0].alignsRight }
    while sum(shown, widths) > width,
      let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.least
    {
      // In one step down to the next one, so that a very long cell costs no time.
      let others = flexible.filter { $0 != widest }.map { widths[$0] }
      let target = max(Self.least, others.max() ?? 0, widths[widest] - (sum(shown, widths) - width))
      widths[widest] = min(widths[widest] - 1, target)
    }
  }
}
