internal import Glibc

/// A line of cells from long ago (left) to now (right), on a scale that gives the last minutes as much
/// room as the months before them. Pure.
struct TimeScale: Sendable, Hashable {
  /// How many cells the line has.
  let cells: Int
  /// The age in seconds at its left end; what is older stands there, too.
  let longest: Int64

  /// Ages below this are hardly told apart.
  private static let unit = 60.0
  static let month: Int64 = 30 * 86_400

  init(cells: Int, longest: Int64 = month) {
    self.cells = max(1, cells)
    self.longest = max(Self.month, longest)
  }

  /// The cell of an age: 0 is the left end; what lies in the future stands at now.
  func cell(ofAge seconds: Int64) -> Int {
    let age = Double(max(0, min(seconds, longest)))
    let share = log1p(age / Self.unit) / log1p(Double(longest) / Self.unit)
    return Int((Double(cells - 1) * (1 - share)).rounded())
  }

  private static let marks: [(age: Int64, words: String)] = [
    (0, "now"), (60, "1 m"), (600, "10 m"), (3600, "1 h"), (6 * 3600, "6 h"), (86_400, "1 d"),
    (7 * 86_400, "7 d"), (month, "30 d"), (365 * 86_400, "1 y"),
  ]

  /// The words above the line and the cells where they begin, from left to right; those that would stand
  /// too near to one that is more recent are left out.
  var labels: [(cell: Int, words: String)] {
    var result: [(cell: Int, words: String)] = []
    for mark in Self.marks where mark.age <= longest {
      let width = mark.words.count
      let start = max(0, min(cell(ofAge: mark.age), cells - width))
      let limit = result.last?.cell ?? cells + 2
      if start + width + 2 <= limit { result.append((start, mark.words)) }
    }
    return result.reversed()
  }
}
