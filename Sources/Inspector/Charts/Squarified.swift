internal import TUI

/// Rectangles of cells in proportion to numbers, as near to squares as it goes: they cover the whole and
/// never each other. Pure.
///
/// A strip of rectangles at a time is laid along the shorter side, as long as that makes them squarer
/// (Bruls, Huizing, van Wijk: Squarified Treemaps). Strips are whole cells, and what remains is shared out
/// anew after each one, so that no error adds up.
enum Squarified {
  /// A cell of a terminal is about twice as high as it is wide.
  private static let cellHeight = 2.0

  /// The places of `weights`, the largest first, none of them 0: at least one cell each, so there must not
  /// be more of them than cells.
  static func place(_ weights: [Double], in rect: Rect) -> [Rect] {
    precondition(weights.count <= rect.width * rect.height, "more numbers than cells")
    var places: [Rect] = []
    places.reserveCapacity(weights.count)
    var rest = rect
    var sum = weights.reduce(0, +)
    var first = 0
    while first < weights.count {
      let strip = Strip(weights[first...], sum: sum, in: rest)
      places += strip.cut(&rest)
      sum -= strip.sum
      first += strip.weights.count
    }
    return places
  }

  private struct Strip {
    var weights: ArraySlice<Double>
    var sum = 0.0
    /// True where the strip is a column at the left, else it is a row at the top.
    let isColumn: Bool
    private let side: Int
    private var thickness = 1

    init(_ all: ArraySlice<Double>, sum total: Double, in rect: Rect) {
      isColumn = Double(rect.width) >= Double(rect.height) * Squarified.cellHeight
      side = isColumn ? rect.height : rect.width
      let cross = isColumn ? rect.width : rect.height
      let unit = Double(rect.width * rect.height) / max(total, .leastNormalMagnitude)
      // What is left must have a cell for each, too.
      let least = max(1, all.count - (cross - 1) * side)
      var count = 0
      var worst = Double.infinity
      while count < min(side, all.count) {
        let next = sum + all[all.startIndex + count]
        let aspect = Self.worst(
          all[all.startIndex], all[all.startIndex + count], next, side, unit, isColumn)
        if count >= least, aspect > worst { break }
        (sum, worst, count) = (next, aspect, count + 1)
      }
      weights = all.prefix(count)
      let others = all.count - count
      let wanted = others == 0 ? cross : Int((sum * unit / Double(side)).rounded())
      thickness = max(1, min(wanted, cross - (others + side - 1) / side))
    }

    /// How far from a square the worst of the strip is: that is its largest or its smallest one.
    private static func worst(
      _ largest: Double, _ smallest: Double, _ sum: Double, _ side: Int, _ unit: Double,
      _ isColumn: Bool
    ) -> Double {
      let thickness = sum * unit / Double(side)
      return [largest, smallest].reduce(1.0) { worst, weight in
        let length = weight / sum * Double(side)
        let wide = isColumn ? thickness : length
        let high = (isColumn ? length : thickness) * Squarified.cellHeight
        return max(worst, wide / high, high / wide)
      }
    }

    /// Takes the strip off the rectangle and gives its parts.
    func cut(_ rect: inout Rect) -> [Rect] {
      var strip = rect
      if isColumn {
        strip.width = thickness
        rect = Rect(
          x: rect.x + thickness, y: rect.y, width: rect.width - thickness, height: rect.height)
      } else {
        strip = rect.takeTop(thickness)
      }
      return edges.map { from, to in
        isColumn
          ? Rect(x: strip.x, y: strip.y + from, width: strip.width, height: to - from)
          : Rect(x: strip.x + from, y: strip.y, width: to - from, height: strip.height)
      }
    }

    /// Where each part begins and ends along the side; each has a cell.
    private var edges: [(Int, Int)] {
      var before = 0.0
      var start = 0
      return weights.enumerated().map { index, weight in
        before += weight
        let left = weights.count - index - 1
        let wanted = left == 0 ? side : Int((before / sum * Double(side)).rounded())
        let end = max(start + 1, min(wanted, side - left))
        defer { start = end }
        return (start, end)
      }
    }
  }
}

/// What a map shows of a long list: the largest of it each for itself, the rest as one.
struct MapShares: Hashable, Sendable {
  /// Rectangles of the first items, in their order.
  var places: [Rect]
  /// The rectangle of all that are too small for cells of their own; `nil` for none.
  var rest: Rect?
  /// How many the rest are.
  var restCount: Int

  /// `weights`: the largest first. `others` are items beyond them, which are drawn as a part of the rest.
  /// An item that would have fewer than `least` cells belongs to the rest.
  init(
    _ weights: [Int64], others: (count: Int, weight: Int64) = (0, 0), in rect: Rect, least: Int
  ) {
    let cells = Double(rect.width * rect.height)
    let total = weights.reduce(Double(max(0, others.weight))) { $0 + Double(max(0, $1)) }
    guard total > 0, cells >= Double(2 * least) else {
      self.init(places: [], rest: nil, restCount: weights.count + others.count)
      return
    }
    let smallest = total * Double(least) / cells
    let shown = weights.firstIndex { Double($0) < smallest } ?? weights.count
    let restCount = weights.count - shown + others.count
    var numbers = weights.prefix(shown).map(Double.init)
    if restCount > 0 { numbers.append(max(smallest, total - numbers.reduce(0, +))) }
    var places = Squarified.place(numbers, in: rect)
    let rest = restCount > 0 ? places.popLast() : nil
    self.init(places: places, rest: rest, restCount: restCount)
  }

  private init(places: [Rect], rest: Rect?, restCount: Int) {
    self.places = places
    self.rest = rest
    self.restCount = restCount
  }

  /// All rectangles, the rest at the end.
  var all: [Rect] { places + (rest.map { [$0] } ?? []) }
}

/// Where an arrow leads.
enum Direction: Sendable {
  case up, down, left, right

  init?(_ key: Key) {
    switch key {
    case .up, .character("k"): self = .up
    case .down, .character("j"): self = .down
    case .left, .character("h"): self = .left
    case .right, .character("l"): self = .right
    default: return nil
    }
  }

  /// The rectangle that touches the middle of this one's edge; `nil` at the border of the whole.
  func neighbour(of rect: Rect, in all: [Rect]) -> Int? {
    let middle = Point(x: rect.x + rect.width / 2, y: rect.y + rect.height / 2)
    let point =
      switch self {
      case .up: Point(x: middle.x, y: rect.y - 1)
      case .down: Point(x: middle.x, y: rect.maxY)
      case .left: Point(x: rect.x - 1, y: middle.y)
      case .right: Point(x: rect.maxX, y: middle.y)
      }
    return all.firstIndex { $0.contains(point) }
  }

  /// Of rectangles that lie apart, the nearest one in that direction.
  func nearest(to rect: Rect, in all: [Rect]) -> Int? {
    let found = all.indices.compactMap { index -> (index: Int, way: Int, aside: Int)? in
      let other = all[index]
      let way =
        switch self {
        case .up: rect.y - other.maxY
        case .down: other.y - rect.maxY
        case .left: rect.x - other.maxX
        case .right: other.x - rect.maxX
        }
      guard way >= 0 else { return nil }
      let isUpright = self == .up || self == .down
      let aside =
        isUpright
        ? max(0, other.x - rect.maxX + 1, rect.x - other.maxX + 1)
        : max(0, other.y - rect.maxY + 1, rect.y - other.maxY + 1)
      return (index, way, aside)
    }
    // What lies straight ahead comes before what is nearer but aside.
    return found.min {
      ($0.aside > 0 ? 1 : 0, $0.way, $0.aside) < ($1.aside > 0 ? 1 : 0, $1.way, $1.aside)
    }?
    .index
  }
}
