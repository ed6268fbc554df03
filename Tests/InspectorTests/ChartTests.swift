import TUI
import Testing

@testable import Inspector

@Suite("Charts")
struct ChartTests {
  private func text(_ bar: Bar, _ width: Int, _ glyphs: Glyphs = .utf8) -> String {
    bar.cells(width: width, glyphs: glyphs).map(\.text).joined()
  }

  @Test(
    "a bar has eighths of a cell in Unicode and whole cells in ASCII, and nothing is not something")
  func eighths() {
    #expect(text(Bar(50, of: 100), 4) == "██  " && text(Bar(50, of: 100), 5) == "██▌  ")
    #expect(text(Bar(1, of: 8), 1) == "▏" && text(Bar(7, of: 8), 1) == "▉")
    #expect(text(Bar(1, of: 1_000_000), 3) == "▏  " && text(Bar(0, of: 9), 3) == "   ")
    #expect(text(Bar(50, of: 100), 5, .ascii) == "##   ")
    #expect(text(Bar(1, of: 1_000_000), 3, .ascii) == "#  ")
    #expect(text(Bar(50, of: 100, hasTrack: true), 4) == "██··")
    #expect(text(Bar(9, of: 0), 3) == "▏  " && text(Bar(.max, of: .max), 3) == "███")
    #expect(text(Bar(5, of: 9), 0).isEmpty)
  }

  @Test("the limit is a mark of its own sign, and what lies behind it has another role")
  func limit() {
    let over = Bar(200, limit: 100)
    #expect(text(over, 11) == "█████┃█████" && text(over, 11, .ascii) == "#####|#####")
    let roles = over.cells(width: 11, glyphs: .utf8).map(\.role)
    #expect(
      roles.prefix(5).allSatisfy { $0 == .bar } && roles.suffix(5).allSatisfy { $0 == .barOver })
    #expect(text(Bar(50, limit: 100), 11) == "█████·····┃")
    #expect(text(Bar(100, limit: 0), 5) == "┃████" && text(Bar(0, limit: 0), 3) == "┃··")
  }

  @Test("held and evictable parts are told apart by their signs, and each has a cell")
  func parts() {
    #expect(text(Bar(held: 50, free: 50, of: 100), 4) == "██▒▒")
    #expect(text(Bar(held: 1, free: 1000, of: 1001), 5) == "█▒▒▒▒")
    #expect(text(Bar(held: 0, free: 100, of: 200), 4, .ascii) == "==  ")
    #expect(text(Bar(held: 100, free: 0, of: 100), 3) == "███")
  }

  // MARK: The map
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  /// Weights as caches have them: a few large ones and many small ones.
  private func weights(_ count: Int, _ random: inout Random) -> [Int64] {
    (0..<count).map { _ in
      let exponent = Double.random(in: 0...20, using: &random)
      return Int64(1 + exponent * exponent * exponent * 1000)
    }.sorted(by: >)
  }

  @Test("rectangles cover the whole, never each other, and no number is without a cell")
  func covering() {
    var random = Random(state: 0x9E37_79B9_7F4A_7C15)
    for round in 0..<400 {
      let rect = Rect(
        x: round % 5, y: round % 3, width: Int.random(in: 1...90, using: &random),
        height: Int.random(in: 1...40, using: &random))
      let area = rect.width * rect.height
      let count = Int.random(in: 1...max(1, min(area, round % 4 == 0 ? area : 60)), using: &random)
      let places = Squarified.place(weights(count, &random).map(Double.init), in: rect)
      #expect(places.count == count)
      expectPartition(places, of: rect)
    }
  }

  private func expectPartition(_ places: [Rect], of rect: Rect) {
    var owner = [Int](repeating: 0, count: rect.width * rect.height)
    for place in places {
      #expect(!place.isEmpty)
      for y in place.y..<place.maxY {
        for x in place.x..<place.maxX {
          guard rect.contains(Point(x: x, y: y)) else {
            Issue.record("\(place) leaves \(rect)")
            continue
          }
          owner[(y - rect.y) * rect.width + x - rect.x] += 1
        }
      }
    }
    #expect(owner.allSatisfy { $0 == 1 }, "\(rect): \(places)")
  }

  @Test(
    "areas are in proportion, but for whole cells; the larger number has no smaller area than a third"
  )
  func proportion() {
    var random = Random(state: 77)
    for _ in 0..<100 {
      let rect = Rect(x: 0, y: 0, width: 150, height: 44)
      let numbers = weights(Int.random(in: 2...40, using: &random), &random)
      let shares = MapShares(numbers, in: rect, least: 8)
      let total = Double(numbers.reduce(0, +))
      for (number, place) in zip(numbers, shares.places) {
        let exact = Double(number) / total * Double(rect.width * rect.height)
        let cells = Double(place.width * place.height)
        // A line more or less at two of its sides.
        let error = Double(place.width + place.height) + 1
        #expect(abs(cells - exact) <= error, "\(place) for \(exact)")
      }
      expectPartition(shares.all, of: rect)
    }
  }

  @Test("rectangles are near to squares on a screen")
  func squares() {
    let numbers = Array(repeating: Int64(100), count: 12)
    let places = MapShares(numbers, in: Rect(x: 0, y: 0, width: 120, height: 40), least: 8).places
    for place in places {
      let aspect = Double(place.width) / Double(place.height * 2)
      #expect((0.4...2.5).contains(aspect), "\(place)")
    }
  }

  @Test("100,000 numbers become what can be seen, and the rest is one rectangle that counts them")
  func many() {
    var random = Random(state: 5)
    let numbers = weights(100_000, &random)
    let rect = Rect(x: 0, y: 0, width: 158, height: 44)
    let shares = MapShares(numbers, in: rect, least: 8)
    #expect(shares.places.count + shares.restCount == 100_000 && shares.rest != nil)
    #expect(shares.places.count < rect.width * rect.height / 8)
    expectPartition(shares.all, of: rect)
    let flat = MapShares(Array(repeating: 1, count: 100_000), in: rect, least: 8)
    #expect(flat.places.isEmpty && flat.rest == rect && flat.restCount == 100_000)
  }

  @Test("what has no size, or no room, draws nothing and still counts")
  func nothing() {
    let rect = Rect(x: 0, y: 0, width: 20, height: 5)
    #expect(MapShares([], in: rect, least: 8).all.isEmpty)
    #expect(MapShares([0, 0], in: rect, least: 8).restCount == 2)
    #expect(MapShares([5], in: Rect(x: 0, y: 0, width: 2, height: 1), least: 8).all.isEmpty)
    let one = MapShares([5, 0], in: rect, least: 8)
    #expect(one.places.count == 1 && one.restCount == 1)
    #expect(MapShares([.max, .max], in: rect, least: 8).places.count == 2)
  }

  @Test("an arrow goes to a rectangle that touches this one, and back leads out of it, too")
  func neighbours() {
    var random = Random(state: 9)
    let rect = Rect(x: 3, y: 2, width: 100, height: 30)
    let all = MapShares(weights(30, &random), in: rect, least: 8).all
    for (index, place) in all.enumerated() {
      for direction in [Direction.left, .right, .up, .down] {
        let isAtEdge =
          switch direction {
          case .left: place.x == rect.x
          case .right: place.maxX == rect.maxX
          case .up: place.y == rect.y
          case .down: place.maxY == rect.maxY
          }
        let next = direction.neighbour(of: place, in: all)
        #expect((next == nil) == isAtEdge && next != index)
        guard let next else { continue }
        let other = all[next]
        let touches =
          switch direction {
          case .left: other.maxX == place.x
          case .right: other.x == place.maxX
          case .up: other.maxY == place.y
          case .down: other.y == place.maxY
          }
        #expect(touches)
      }
    }
  }

  @Test("of bars that lie apart the one straight ahead comes first")
  func nearest() {
    let here = Rect(x: 0, y: 10, width: 40, height: 1)
    let others = [
      Rect(x: 0, y: 14, width: 30, height: 1), Rect(x: 50, y: 11, width: 30, height: 1),
      Rect(x: 50, y: 10, width: 30, height: 1), Rect(x: 0, y: 2, width: 9, height: 1),
    ]
    #expect(Direction.down.nearest(to: here, in: others) == 0)
    #expect(Direction.right.nearest(to: here, in: others) == 2)
    #expect(Direction.up.nearest(to: here, in: others) == 3)
    #expect(Direction.left.nearest(to: here, in: others) == nil)
  }
}
